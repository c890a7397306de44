import type { Pod } from "../../model/cluster.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import type { CapacityPlan } from "./capacity-plan.ts";

/** Pods on a node that we are draining stay there when they have no other place: the drain is cancelled. */
export function podsThatStay(
  plan: CapacityPlan,
  snapshot: ClusterSnapshot,
  unplaced: readonly PodGroup[],
): Set<Pod> {
  const bound = unplaced.flatMap(({ pods }) => pods).filter(({ node }) => node !== undefined);
  return new Set(
    bound.filter(({ node: name = "" }) => {
      const node = snapshot.nodeNamed(name);
      return node !== undefined && plan.uncordon(node);
    }),
  );
}

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
