import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import type { Group } from "../../model/cluster.ts";
import type { GroupLimits } from "../../model/decision.ts";

/**
 * The limits a managed node group is to have: wide enough for every size the policy and its time windows name,
 * so that they need not be changed from window to window. A bound the policy does not name stays as it is, and
 * so do the limits of all other groups.
 */
export function limitsFor(group: Group, policy: Pick<NodePool, "min" | "max" | "windows">): GroupLimits {
  if (group.kind !== "managedNodeGroup") return { min: group.min, max: group.max };
  const { windows } = policy;
  const mins = [policy.min, ...windows.map(({ min, desired }) => min ?? desired)];
  const maxes = [policy.max, ...windows.map(({ max, desired }) => max ?? desired)];
  return {
    min: policy.min === undefined ? group.min : Math.min(...mins.filter(isGiven)),
    // EKS takes no max of 0.
    max: policy.max === undefined ? group.max : Math.max(1, ...maxes.filter(isGiven)),
  };
}

const isGiven = (size: number | undefined): size is number => size !== undefined;

/** The limits with which `desired` is allowed; undefined when the group has them already. */
export function limitsToSet(
  group: Group,
  { min, max }: GroupLimits,
  desired: number,
): GroupLimits | undefined {
  const limits = { min: Math.min(min, desired), max: Math.max(max, desired) };
  return limits.min === group.min && limits.max === group.max ? undefined : limits;
}
