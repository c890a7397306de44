import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
} from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { LifecycleHook } from "../../../shared/kubernetes/drain-mark.ts";

/** What a hook has when it says nothing. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html */
const DEFAULT_HEARTBEAT_SECONDS = 3600;

/** Seconds after its last heartbeat that this hook runs out. */
export async function heartbeatSeconds(
  client: AutoScalingClient,
  group: string,
  hook: string,
  abortSignal: AbortSignal,
): Promise<number> {
  try {
    const answer = await client.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: group, LifecycleHookNames: [hook] }),
      { abortSignal },
    );
    return answer.LifecycleHooks?.[0]?.HeartbeatTimeout ?? DEFAULT_HEARTBEAT_SECONDS;
  } catch (error) {
    throw asFailure(error, "autoscaling:DescribeLifecycleHooks", group);
  }
}

/** At half its time the hook is given a heartbeat: one that is lost leaves room for another. */
export const wantsHeartbeat = ({ beatAt, heartbeatSeconds }: LifecycleHook, now: number): boolean =>
  now / 1000 - beatAt >= heartbeatSeconds / 2;

/** Holds the termination back for another of the hook's time. False when nothing is held back any more. */
export const recordHeartbeat = (
  client: AutoScalingClient,
  hook: Pick<LifecycleHook, "group" | "name" | "token">,
  instanceId: string,
  signal: AbortSignal,
): Promise<boolean> =>
  whileHeld("autoscaling:RecordLifecycleActionHeartbeat", hook.group, () =>
    client.send(new RecordLifecycleActionHeartbeatCommand(action(hook, instanceId)), { abortSignal: signal }),
  );

/** Lets the termination go on. False when nothing was held back any more. */
export const completeLifecycleAction = (
  client: AutoScalingClient,
  hook: Pick<LifecycleHook, "group" | "name" | "token">,
  instanceId: string,
  signal: AbortSignal,
): Promise<boolean> =>
  whileHeld("autoscaling:CompleteLifecycleAction", hook.group, () =>
    client.send(
      new CompleteLifecycleActionCommand({ ...action(hook, instanceId), LifecycleActionResult: "CONTINUE" }),
      { abortSignal: signal },
    ),
  );

const action = (
  { group, name, token }: Pick<LifecycleHook, "group" | "name" | "token">,
  instanceId: string,
) => ({
  AutoScalingGroupName: group,
  LifecycleHookName: name,
  LifecycleActionToken: token,
  InstanceId: instanceId,
});

async function whileHeld(call: string, group: string, send: () => Promise<unknown>): Promise<boolean> {
  try {
    await send();
    return true;
  } catch (error) {
    // "No active Lifecycle Action found with token …": completed, abandoned or timed out before.
    if (error instanceof Error && /no active lifecycle action/i.test(error.message)) return false;
    throw asFailure(error, call, group);
  }
}
