import { groupRemovalReason } from "../../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../../shared/node-pools/removal-rules/instance-rules.ts";
import type { PodsByNode } from "../../model/cluster.ts";
import type { InstanceTermination, NodeRef, UnremovableNode } from "../../model/decision.ts";
import { reason } from "../../model/reason.ts";
import { minutes } from "../../model/wording.ts";
import type { Member } from "../pool/members.ts";
import { membersWithStatus, type PoolState, targetSize } from "../pool/pool-state.ts";
import { asRemovable, fewAreMissing, nodesDueForRepair, reductionBy } from "../pool/repair-due.ts";

/** What is to be done about instances that are of no use. */
export interface RepairPlan {
  /** Instances that never became a node, or whose node is gone. */
  readonly terminate: readonly InstanceTermination[];
  /** Nodes that have not been ready for long. */
  readonly drain: readonly NodeRef[];
  /** Nodes that have not been ready for long and cannot be drained. */
  readonly blocked: readonly UnremovableNode[];
  /** Instances without a node, and since when that was seen; the next run has to know. */
  readonly unjoined: Readonly<Record<string, number>>;
}

/** Plans the repair of a pool. It ends no instance that may be running pods, but within the disruption budget. */
export function planRepair(state: PoolState, pods: PodsByNode): RepairPlan {
  const { pool, now } = state;
  const { next, blocked } = nodesDueForRepair(state, pods);
  const unjoined = new Map(
    membersWithStatus(state, "neverJoined").map((member) => [
      member,
      pool.status.unjoined?.[member.instance.id] ?? now,
    ]),
  );
  const isAtMin = targetSize(state) <= state.bounds.min;
  // Where most nodes are missing, it is more likely that the cluster's API shows too few.
  const lost = [...unjoined].filter(([member, since]) => !hasNeverBeenANode(member, since, state));
  const isTrusted = fewAreMissing(state, lost.length);
  const due = [...unjoined].filter(([member, since]) => {
    const mayGo = isTrusted || hasNeverBeenANode(member, since, state);
    return mayGo && isDue(since, state);
  });
  return {
    terminate: terminations(new Set(due.map(([member]) => member)), state),
    drain: isAtMin ? [] : next,
    blocked: [...blocked, ...(isAtMin ? withoutSuccessor(next, state) : [])],
    unjoined: Object.fromEntries([...unjoined].map(([{ instance }, since]) => [instance.id, since])),
  };
}

/** At the pool's min a successor is launched first. Where the pool's max leaves no place for it, a person has to see to that. */
function withoutSuccessor(next: readonly NodeRef[], { bounds, size }: PoolState): UnremovableNode[] {
  if (size < bounds.max) return [];
  const text = `the pool is at its min of ${bounds.min}, and its max of ${bounds.max} leaves no place for a successor`;
  return next.map(({ node }) => ({ node, reason: reason("pool-at-min", text) }));
}

/** `terminateUnjoinedAfter` times `joinWithin` after the launch; the first `joinWithin` was over when it was first seen. */
function isDue(since: number, { pool: { policy }, now }: PoolState): boolean {
  const { terminateUnjoinedAfter, joinWithin } = policy;
  return terminateUnjoinedAfter > 0 && now - since >= (terminateUnjoinedAfter - 1) * joinWithin;
}

/** It was seen without a node as soon as it should have had one: nothing runs on it that the cluster knows. */
const hasNeverBeenANode = (
  { instance: { launchedAt = Number.NEGATIVE_INFINITY } }: Member,
  since: number,
  { pool }: PoolState,
): boolean => since - launchedAt < 2 * pool.policy.joinWithin;

/** Neither the pool nor a group falls below its min: where it would, the group launches another instance. */
function terminations(due: ReadonlySet<Member>, state: PoolState): InstanceTermination[] {
  let spare = targetSize(state) - state.bounds.min;
  const joinWithin = minutes(state.pool.policy.joinWithin);
  return state.groups.flatMap((ofGroup) => {
    let unitsGone = 0;
    return ofGroup.members
      .filter((member) => due.has(member) && mayTerminate(member))
      .map(({ instance, group }) => {
        const { units, unitsLeaving } = reductionBy(instance, ofGroup);
        const reduction = { units, unitsLeaving: unitsLeaving + unitsGone };
        const shrinks = spare > 0 && groupRemovalReason(group, reduction) === undefined;
        if (shrinks) {
          spare -= 1;
          unitsGone += units;
        }
        const text =
          `instance ${instance.id} of ${group.name} is no node of the cluster ${joinWithin} after it was launched, ` +
          `or any more: it is terminated${shrinks ? "" : " and replaced"}`;
        const why = reason("instances-never-joined", text);
        return { instanceId: instance.id, group: group.name, shrinks, reason: why };
      });
  });
}

const mayTerminate = ({ instance, group: { kind, name, suspended, refreshing } }: Member): boolean =>
  kind !== "spotFleet" &&
  !suspended.includes("Terminate") &&
  !refreshing &&
  instanceRemovalReason(instance.id, asRemovable(instance), name) === undefined;
