import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { Blocked, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Run } from "../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../shared/node-pools/policy.ts";
import { refusal } from "../decide/admission.ts";
import type { GroupState } from "../model/group.ts";
import { groupStates, memberships } from "../observe/auto-scaling-groups.ts";
import { poolOfGroup } from "../observe/find-pool.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { applyOnce } from "./apply-once.ts";

type GroupDependencies = Pick<Dependencies, "autoScaling" | "autoScalingOnce" | "ledger" | "pools">;

/**
 * Terminates a drained instance in its Auto Scaling group: with its place in the group for a scale-in, without
 * it (so that the group launches another) after a rebalance recommendation. Throws Blocked when the group has to
 * keep it.
 */
export async function removeFromGroup(
  pool: NamedPool,
  { instanceId, cause, plan }: DrainMark,
  run: Run,
  deps: GroupDependencies,
): Promise<string> {
  const { autoScaling } = deps;
  const membership = (await memberships(autoScaling, [instanceId], run.signal)).get(instanceId);
  if (!membership) return `instance ${instanceId} has left its group already`;
  if (membership.lifecycleState !== "InService")
    return `instance ${instanceId} is ${membership.lifecycleState} already`;
  if ((await poolOfGroup(deps, membership.group, run.signal))?.name !== pool.name)
    throw new Blocked(
      `instance ${instanceId} is in group ${membership.group}, not in node pool ${pool.name}`,
    );
  const shrinks = cause === "scale-in";
  const group = (await groupStates(autoScaling, [membership.group], run.signal)).get(membership.group);
  const why = shrinks ? refusal({ instanceId, group, alreadyLeaving: 0 })?.text : undefined;
  if (!group || why !== undefined) throw new Blocked(why ?? `group ${membership.group} no longer exists`);

  const { name, desired } = group;
  const to = shrinks ? desired - 1 : desired;
  await applyOnce(
    {
      resource: `instance/${instanceId}`,
      instanceId,
      action: "autoscaling:TerminateInstanceInAutoScalingGroup",
      direction: shrinks ? "in" : "none",
      reasons: [`node drained: ${cause}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    async () => ({
      from: desired,
      to,
      // It is still in service, so a call whose run died did not arrive.
      isApplied: () => false,
      call: () => terminate(group, instanceId, cause, run, deps),
    }),
    run,
    deps.ledger,
  );
  return `instance ${instanceId} terminated in group ${name}, ${shrinks ? `desired ${desired} -> ${to}` : "which launches another"}`;
}

async function terminate(
  { name, min }: GroupState,
  InstanceId: string,
  cause: DrainMark["cause"],
  run: Run,
  { autoScalingOnce }: GroupDependencies,
): Promise<void> {
  const input = { InstanceId, ShouldDecrementDesiredCapacity: cause === "scale-in" };
  try {
    await autoScalingOnce.send(new TerminateInstanceInAutoScalingGroupCommand(input), {
      abortSignal: run.signal,
    });
  } catch (error) {
    const call = "autoscaling:TerminateInstanceInAutoScalingGroup";
    const message = error instanceof Error ? error.message : String(error);
    const context = { call, resource: `instance/${InstanceId}`, cause: error };
    if (/min(imum)? size/i.test(message)) {
      throw new Blocked(`group ${name} would fall below its minimum of ${min}`, context);
    }
    if (error instanceof Error && /^(ScalingActivityInProgress|ResourceContention)/.test(error.name)) {
      throw new RetryLater(
        `group ${name} is busy (${message}): the next run terminates ${InstanceId}`,
        context,
      );
    }
    throw asFailure(error, call, `instance/${InstanceId}`);
  }
}
