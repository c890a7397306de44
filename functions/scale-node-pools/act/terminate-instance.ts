import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { InstanceTermination } from "../model/decision.ts";
import type { Dependencies } from "../run/dependencies.ts";

/** Terminates an instance that is no node of the cluster, with its place in the group where the group may shrink. */
export async function terminateInstance(
  { instanceId, shrinks }: InstanceTermination,
  { autoScalingOnce }: Pick<Dependencies, "autoScalingOnce">,
  abortSignal: AbortSignal,
): Promise<void> {
  const input = { InstanceId: instanceId, ShouldDecrementDesiredCapacity: shrinks };
  try {
    await autoScalingOnce.send(new TerminateInstanceInAutoScalingGroupCommand(input), { abortSignal });
  } catch (error) {
    throw asFailure(error, "autoscaling:TerminateInstanceInAutoScalingGroup", `instance/${instanceId}`);
  }
}
