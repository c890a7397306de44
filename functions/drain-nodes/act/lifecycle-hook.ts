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

/** A heartbeat is due at half of the timeout: one that is lost leaves room for another. */
export const isHeartbeatDue = (
  { lastHeartbeatAt, heartbeatTimeoutMs }: LifecycleHook,
  now: number,
): boolean => now - lastHeartbeatAt >= heartbeatTimeoutMs / 2;

/** Holds the termination for another heartbeat timeout. False when the hook no longer holds anything. */
export const recordHeartbeat = (
  client: AutoScalingClient,
  hook: Pick<LifecycleHook, "group" | "name" | "token">,
  instanceId: string,
  signal: AbortSignal,
): Promise<boolean> =>
  whileHeld("autoscaling:RecordLifecycleActionHeartbeat", hook.group, () =>
    client.send(new RecordLifecycleActionHeartbeatCommand(action(hook, instanceId)), { abortSignal: signal }),
  );

/** Lets the termination go on. False when the hook no longer held anything. */
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
