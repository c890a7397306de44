import { TerminateInstanceInAutoScalingGroupCommand } from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../../shared/aws/failure.ts";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import type { DrainMark } from "../../../../shared/kubernetes/drain-mark.ts";
import { Blocked, RetryLater } from "../../../../shared/lambda/errors.ts";
import type { Run } from "../../../../shared/lambda/run.ts";
import type { NamedPool } from "../../../../shared/node-pools/policy.ts";
import { refusal } from "../../decide/admission.ts";
import type { GroupState } from "../../model/group.ts";
import { memberships } from "../../observe/auto-scaling-groups.ts";
import { poolOfGroup } from "../../observe/find-pool.ts";
import { type PoolInstances, poolInstances } from "../../observe/pool-instances.ts";
import type { Dependencies } from "../../run/dependencies.ts";
import { drainsOf, isInstanceGone } from "../admission/admit-drains.ts";
import { applyOnce } from "./apply-once.ts";
import { holdAtMin } from "./hold-at-min.ts";

type GroupDependencies = Pick<
  Dependencies,
  "autoScaling" | "autoScalingOnce" | "ledger" | "pools" | "poolQueue" | "spotFleets"
>;

/**
 * Terminates a drained instance in its Auto Scaling group: with its place in the group for a scale-in, without
 * it (so that the group launches another) after a rebalance recommendation. Throws Blocked when the group or the pool
 * has to keep it.
 */
export function removeFromGroup(
  pool: NamedPool,
  mark: DrainMark,
  run: Run,
  deps: GroupDependencies,
): Promise<string> {
  // What makes a pool smaller is done one after the other, within this run and (by the ledger) beside others.
  return mark.cause === "scale-in"
    ? deps.poolQueue.run(pool.name, () => terminateDrained(pool, mark, run, deps))
    : terminateDrained(pool, mark, run, deps);
}

async function terminateDrained(
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
  const { group: name } = membership;
  const { from, to } = await applyOnce(
    {
      resource: shrinks ? drainsOf(pool) : `instance/${instanceId}`,
      instanceId,
      action: "autoscaling:TerminateInstanceInAutoScalingGroup",
      direction: shrinks ? "in" : "none",
      reasons: [`node drained: ${cause}${plan === undefined ? "" : `, plan ${plan}`}`],
    },
    async () => {
      const instances = await poolInstances(pool, [instanceId], run.signal, deps);
      const group = instances.groups.get(name);
      if (!group) throw new Blocked(`group ${name} no longer exists`);
      const units = group.instances.find(({ id }) => id === instanceId)?.units ?? 1;
      return {
        from: group.desired,
        to: shrinks ? group.desired - units : group.desired,
        isApplied: (inDoubt) => isInstanceGone(inDoubt, instances),
        ...(shrinks && { check: () => holdInstance(instanceId, group, pool, instances, run) }),
        call: () => terminate(group, instanceId, cause, run, deps),
      };
    },
    run,
    deps.ledger,
  );
  return `instance ${instanceId} terminated in group ${name}, ${shrinks ? `desired ${from} -> ${to}` : "which launches another"}`;
}

/** @throws Blocked when its group or its pool has to keep the instance */
function holdInstance(
  instanceId: string,
  group: GroupState,
  pool: NamedPool,
  instances: PoolInstances,
  run: Run,
): void {
  const why = refusal({ instanceId, group, unitsLeaving: 0 });
  if (why) throw new Blocked(why.text);
  holdAtMin(pool, instances, run);
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
    const message = messageOf(error);
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
