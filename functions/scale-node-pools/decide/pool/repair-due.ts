import { disruptionLimit } from "../../../../shared/node-pools/disruption-budget.ts";
import { nodesOf } from "../../../../shared/node-pools/node-count.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import { groupRemovalReason } from "../../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../../shared/node-pools/removal-rules/instance-rules.ts";
import type {
  Reduction,
  RemovableInstance,
} from "../../../../shared/node-pools/removal-rules/removal-rule.ts";
import type { ClusterNode, Instance, Pod, PodsByNode } from "../../model/cluster.ts";
import type { NodeRef, UnremovableNode } from "../../model/decision.ts";
import { type NodeCode, type Reason, reason } from "../../model/reason.ts";
import { timeOf } from "../../model/wording.ts";
import { isBeingRemoved, type Member } from "./members.ts";
import { type GroupState, membersWithStatus, type PoolState } from "./pool-state.ts";

/** How many nodes may be not ready before no node is removed any more. */
export const notReadyLimit = ({ maxNotReady }: Pick<NodePool, "maxNotReady">, size: number): number =>
  nodesOf(maxNotReady, size);

/** Whether not too many nodes are missing. Where most are, it is more likely that the cluster's API shows too few. */
export const fewAreMissing = (state: PoolState, lost: number): boolean =>
  lost + membersWithStatus(state, "notReady").length <= notReadyLimit(state.pool.policy, state.size);

/** Nodes that have not been ready for `repairNotReadyAfter`. */
export interface DueForRepair {
  /** The one that is repaired next: one at a time. */
  readonly next: readonly NodeRef[];
  /** Those whose drain would be refused or cancelled: they wait for a person. */
  readonly blocked: readonly UnremovableNode[];
}

const NONE: DueForRepair = { next: [], blocked: [] };

/** The nodes of a pool that are to be repaired, within its disruption budgets. */
export function nodesDueForRepair(state: PoolState, pods: PodsByNode): DueForRepair {
  const { pool, now, size } = state;
  const { repairNotReadyAfter } = pool.policy;
  const lost = membersWithStatus(state, "neverJoined").length;
  if (repairNotReadyAfter === 0 || !fewAreMissing(state, lost)) return NONE;
  const due = membersWithStatus(state, "notReady").flatMap((member) => {
    const { node } = member;
    if (!node || node.cordoned || node.notReadySince === undefined) return [];
    return now - node.notReadySince < repairNotReadyAfter ? [] : [{ ...member, node }];
  });
  const judged = due.map((member) => ({ member, why: repairBlockedReason(member, state, pods) }));
  const blocked = judged.flatMap(({ member, why }) => (why ? [{ node: member.node.name, reason: why }] : []));
  const mayGo =
    membersWithStatus(state, "draining").length === 0 && disruptionLimit(pool.policy, size, now).nodes > 0;
  const next = judged
    .filter(({ why }) => mayGo && why === undefined)
    .map(({ member: { node, instance } }) => ({ node: node.name, instanceId: instance.id }))
    .slice(0, 1);
  return { next, blocked };
}

/** The same rules as for a node that is removed because it is not needed: drain-nodes would refuse it otherwise. */
function repairBlockedReason(
  { node, instance, group }: Member & { readonly node: ClusterNode },
  state: PoolState,
  pods: PodsByNode,
): Reason<NodeCode> | undefined {
  const ofGroup = state.groups.find((each) => each.group === group);
  return (
    recentlyUnremovableReason(node, state.pool.policy, state.now) ??
    blockedByPodReason(pods.get(node.name) ?? []) ??
    instanceRemovalReason(instance.id, asRemovable(instance), group.name) ??
    (ofGroup && groupRemovalReason(group, reductionBy(instance, ofGroup)))
  );
}

/** A drain of it was cancelled a while ago: it would not succeed now. */
export const recentlyUnremovableReason = (
  { drainCancelledAt: at }: ClusterNode,
  { drain }: Pick<NodePool, "drain">,
  now: number,
): Reason<"recently-unremovable"> | undefined =>
  at !== undefined && now - at < drain.softDeadline
    ? reason("recently-unremovable", `it could not be drained at ${timeOf(at)}`)
    : undefined;

/** A pod on the node must not be evicted. */
export function blockedByPodReason(pods: readonly Pod[]): Reason<"blocked-by-pod"> | undefined {
  const pod = pods.find(({ role }) => role === "blocking");
  return pod && reason("blocked-by-pod", `pod ${pod.id} ${pod.blocker ?? "must not be evicted"}`);
}

export const asRemovable = (instance: Instance): RemovableInstance => ({
  ...instance,
  inService: instance.state === "running",
});

/** What the group gets smaller by, beside what plans of ours already remove. */
export const reductionBy = ({ units }: Instance, { members }: GroupState): Reduction => ({
  units,
  unitsLeaving: members.filter(isBeingRemoved).reduce((sum, { instance }) => sum + instance.units, 0),
});
