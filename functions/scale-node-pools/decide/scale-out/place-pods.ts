import type { Growth, Room } from "./capacity-plan.ts";
import type { Homeless } from "../snapshot/pod-groups.ts";
import type { Pod } from "../../model/cluster.ts";
import type { Packing } from "../packing/packing.ts";
import type { Scene } from "../snapshot/cluster-snapshot.ts";

/** Gives homeless pods a place, making room where there is none. Returns those that got one. */
export function house(
  growth: Growth,
  packing: Packing,
  homeless: readonly Homeless[],
  { nodeNamed }: Scene,
  widen: (rooms: readonly Room[]) => void,
): Pod[] {
  const housed: Pod[] = [];
  // Pods on a node we chose to empty stay where they are, if they have no other place.
  for (const { pods } of homeless) {
    for (let index = pods.length - 1; index >= 0; index--) {
      const pod = pods[index];
      const node = pod?.node === undefined ? undefined : nodeNamed(pod.node);
      if (!pod || !node) continue;
      const kept = growth.keep(node);
      if (kept) widen([kept]);
      if (kept || growth.isKept(node)) housed.push(...pods.splice(index, 1));
    }
  }
  for (const { shape, pods } of homeless) {
    while (pods.length > 0) {
      if (!packing.place(shape)) {
        const rooms = growth.makeRoom(shape);
        widen(rooms);
        if (rooms.length === 0 || !packing.place(shape)) break;
      }
      const pod = pods.pop();
      if (pod) housed.push(pod);
    }
  }
  return housed;
}
