import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { Blocked, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import { type GroupState, refusal } from "../decide/guards/admission.ts";
import { groupStates, memberships } from "../observe/auto-scaling-groups.ts";
import type { Dependencies, NamedPool } from "../run/dependencies.ts";
import { applyOnce } from "./apply-once.ts";

/**
 * Ends an emptied instance in its Auto Scaling group: with its place in the group for a scale-in, without it
 * (so that the group launches another) after a rebalance recommendation. Throws Blocked when the group has to
 * keep it.
 */
export async function removeFromGroup(
  _pool: NamedPool,
  { instanceId, reason, plan }: DrainMark,
  run: Run,
  deps: Dependencies,
): Promise<string> {
  const { autoScaling } = deps;
  const membership = (await memberships(autoScaling, [instanceId], run.signal)).get(instanceId);
  if (!membership) return `instance ${instanceId} has left its group already`;
  if (!isInService(membership.lifecycleState))
    return `instance ${instanceId} is ${membership.lifecycleState} already`;
  const smaller = reason === "scale-in";
  const group = (await groupStates(autoScaling, [membership.group], run.signal)).get(membership.group);
  const why = smaller ? refusal({ instanceId, group, alreadyLeaving: 0 }) : undefined;
  if (!group || why !== undefined) throw new Blocked(why ?? `group ${membership.group} is no more`);

  const desired = group.desired;
  await applyOnce(
    {
      resource: `instance/${instanceId}`,
      instanceId,
      action: "autoscaling:TerminateInstanceInAutoScalingGroup",
      direction: smaller ? "in" : "none",
      reasons: [`node emptied: ${reason}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    async () => ({
      from: desired,
      to: smaller ? desired - 1 : desired,
      // It is still in service, so a call whose run died did not arrive.
      isApplied: () => false,
      call: () => terminate(group, instanceId, smaller, run, deps),
    }),
    run,
    deps.ledger,
  );
  return `instance ${instanceId} terminated in group ${group.name}, ${smaller ? `desired ${desired} -> ${desired - 1}` : "which launches another"}`;
}

const isInService = (lifecycleState: string): boolean => lifecycleState === "InService";

async function terminate(
  { name, min }: GroupState,
  InstanceId: string,
  smaller: boolean,
  run: Run,
  deps: Dependencies,
): Promise<void> {
  const input = { InstanceId, ShouldDecrementDesiredCapacity: smaller };
  try {
    await deps.autoScalingOnce.send(new TerminateInstanceInAutoScalingGroupCommand(input), {
      abortSignal: run.signal,
    });
  } catch (error) {
    const call = "autoscaling:TerminateInstanceInAutoScalingGroup";
    const said = error instanceof Error ? error.message : String(error);
    const context = { call, resource: `instance/${InstanceId}`, cause: error };
    if (/min(imum)? size/i.test(said)) {
      throw new Blocked(`group ${name} would fall below its minimum of ${min}`, context);
    }
    if (error instanceof Error && /^(ScalingActivityInProgress|ResourceContention)/.test(error.name)) {
      throw new RetryLater(`group ${name} is busy (${said}): the next run ends ${InstanceId}`, context);
    }
    throw asFailure(error, call, `instance/${InstanceId}`);
  }
}
