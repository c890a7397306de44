import {
  type AutoScalingClient,
  CompleteLifecycleActionCommand,
  DescribeLifecycleHooksCommand,
  RecordLifecycleActionHeartbeatCommand,
} from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { LifecycleHook } from "../../../shared/kubernetes/drain-mark.ts";

/** The heartbeat timeout of a hook that does not say. https://docs.aws.amazon.com/autoscaling/ec2/APIReference/API_LifecycleHook.html */
const DEFAULT_HEARTBEAT_TIMEOUT_SECONDS = 3600;

/** How long after its last heartbeat this hook times out, in ms. */
export async function heartbeatTimeoutMs(
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
    return (answer.LifecycleHooks?.[0]?.HeartbeatTimeout ?? DEFAULT_HEARTBEAT_TIMEOUT_SECONDS) * 1000;
  } catch (error) {
    throw asFailure(error, "autoscaling:DescribeLifecycleHooks", group);
  }
}

/** The action of one hook on one instance. */
export interface LifecycleAction {
  /** The instance's own group, as AWS says. */
  readonly group: string;
  readonly hook: string;
  readonly instanceId: string;
}

/** A heartbeat is due at half of the timeout: one that is lost leaves room for another. */
export const isHeartbeatDue = (
  { lastHeartbeatAt, heartbeatTimeoutMs }: LifecycleHook,
  now: number,
): boolean => now - lastHeartbeatAt >= heartbeatTimeoutMs / 2;

/** Holds the termination for another heartbeat timeout. False when the hook no longer holds anything. */
export const recordHeartbeat = (
  client: AutoScalingClient,
  action: LifecycleAction,
  signal: AbortSignal,
): Promise<boolean> =>
  whileHeld("autoscaling:RecordLifecycleActionHeartbeat", action.group, () =>
    client.send(new RecordLifecycleActionHeartbeatCommand(inputOf(action)), { abortSignal: signal }),
  );

/** Lets the termination go on. False when the hook no longer held anything. */
export const completeLifecycleAction = (
  client: AutoScalingClient,
  action: LifecycleAction,
  signal: AbortSignal,
): Promise<boolean> =>
  whileHeld("autoscaling:CompleteLifecycleAction", action.group, () =>
    client.send(
      new CompleteLifecycleActionCommand({ ...inputOf(action), LifecycleActionResult: "CONTINUE" }),
      { abortSignal: signal },
    ),
  );

/** Without the action's token: AWS finds the action by the instance, so that no other instance's can be meant. */
const inputOf = ({ group, hook, instanceId }: LifecycleAction) => ({
  AutoScalingGroupName: group,
  LifecycleHookName: hook,
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
