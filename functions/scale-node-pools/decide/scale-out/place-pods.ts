import type { Pod } from "../../model/cluster.ts";
import type { Packing } from "../packing/packing.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import type { CapacityPlan, NodeCapacity } from "./capacity-plan.ts";

/** Gives homeless pods a place, making room where there is none. Returns those that got one. */
export function placePods(
  growth: CapacityPlan,
  packing: Packing,
  unplaced: readonly PodGroup[],
  { nodeNamed }: ClusterSnapshot,
  widen: (rooms: readonly NodeCapacity[]) => void,
): Pod[] {
  const placed: Pod[] = [];
  // Pods on a node we chose to empty stay where they are, if they have no other place.
  for (const { pods } of unplaced) {
    for (let index = pods.length - 1; index >= 0; index--) {
      const pod = pods[index];
      const node = pod?.node === undefined ? undefined : nodeNamed(pod.node);
      if (!pod || !node) continue;
      const kept = growth.keep(node);
      if (kept) widen([kept]);
      if (kept || growth.isKept(node)) placed.push(...pods.splice(index, 1));
    }
  }
  for (const { shape, pods } of unplaced) {
    while (pods.length > 0) {
      if (!packing.place(shape)) {
        const rooms = growth.makeRoom(shape);
        widen(rooms);
        if (rooms.length === 0 || !packing.place(shape)) break;
      }
      const pod = pods.pop();
      if (pod) placed.push(pod);
    }
  }
  return placed;
}
