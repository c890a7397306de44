import { nodesOf } from "../../../../shared/node-pools/node-count.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import { groupRemovalReason } from "../../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../../shared/node-pools/removal-rules/instance-rules.ts";
import type {
  Reduction,
  RemovableInstance,
} from "../../../../shared/node-pools/removal-rules/removal-rule.ts";
import type { Instance } from "../../model/cluster.ts";
import type { NodeRef } from "../../model/decision.ts";
import { isBeingRemoved } from "./members.ts";
import { type GroupState, membersWithStatus, type PoolState } from "./pool-state.ts";

/** How many nodes may be not ready before no node is removed any more. */
export const notReadyLimit = ({ maxNotReady }: Pick<NodePool, "maxNotReady">, size: number): number =>
  nodesOf(maxNotReady, size);

/** Whether not too many nodes are missing. Where most are, it is more likely that the cluster's API shows too few. */
export const fewAreMissing = (state: PoolState, lost: number): boolean =>
  lost + membersWithStatus(state, "notReady").length <= notReadyLimit(state.pool.policy, state.size);

/** The node that has not been ready for `repairNotReadyAfter` and is repaired next: one at a time. */
export function nodesDueForRepair(state: PoolState): NodeRef[] {
  const { repairNotReadyAfter } = state.pool.policy;
  const lost = membersWithStatus(state, "neverJoined").length;
  if (repairNotReadyAfter === 0 || !fewAreMissing(state, lost)) return [];
  if (membersWithStatus(state, "draining").length > 0) return [];
  return membersWithStatus(state, "notReady")
    .flatMap(({ node, instance, group }): NodeRef[] => {
      const ofGroup = state.groups.find((each) => each.group === group);
      if (!node || !ofGroup || node.cordoned || node.notReadySince === undefined) return [];
      if (state.now - node.notReadySince < repairNotReadyAfter) return [];
      if (instanceRemovalReason(instance.id, asRemovable(instance), group.name)) return [];
      if (groupRemovalReason(group, reductionBy(instance, ofGroup))) return [];
      return [{ node: node.name, instanceId: instance.id }];
    })
    .slice(0, 1);
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
