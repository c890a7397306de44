import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import type { CapacityPlan } from "./capacity-plan.ts";

/**
 * Gives pods of one shape a place, adding a node where there is none.
 *
 * @returns how many of them were placed, from the first on
 */
export function placeGroup(
  plan: CapacityPlan,
  { packing }: ClusterSnapshot,
  { shape, pods }: PodGroup,
): number {
  for (let placed = 0; placed < pods.length; placed++) {
    if (packing.place(shape)) continue;
    if (!plan.addNode(shape) || !packing.place(shape)) return placed;
  }
  return pods.length;
}
