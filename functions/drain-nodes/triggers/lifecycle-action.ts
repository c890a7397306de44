import * as z from "zod/mini";
import { parseAs } from "../../../shared/triggers/event-shape.ts";
import type { DrainTrigger } from "./trigger.ts";

/** What AWS writes about a lifecycle action, by whichever way it comes. */
const lifecycleAction = z.lazy(() =>
  z.looseObject({
    AutoScalingGroupName: z.string(),
    LifecycleHookName: z.string(),
    LifecycleActionToken: z.string(),
    EC2InstanceId: z.string(),
    LifecycleTransition: z.string(),
    /** `EC2`, `AutoScalingGroup` or `WarmPool`; since warm pools exist. */
    Origin: z.optional(z.string()),
    Destination: z.optional(z.string()),
  }),
);

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/warm-pools-eventbridge-events.html */
export function lifecycleTrigger(detail: unknown, at: number, what: string): DrainTrigger {
  const action = parseAs(lifecycleAction, detail, what);
  const { AutoScalingGroupName: group, LifecycleHookName: hook, EC2InstanceId: instanceId } = action;
  if (action.LifecycleTransition !== "autoscaling:EC2_INSTANCE_TERMINATING") {
    return {
      kind: "nothing",
      why: `hook ${hook} of group ${group} is for ${action.LifecycleTransition}: no node goes`,
    };
  }
  return {
    kind: "lifecycle-hook",
    group,
    hook,
    token: action.LifecycleActionToken,
    instanceId,
    toWarmPool: action.Destination === "WarmPool",
    at,
  };
}
