import type { Pod } from "../../model/cluster.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import type { CapacityPlan } from "./capacity-plan.ts";

export interface Placement {
  readonly placed: readonly Pod[];
  /** Those for which the pool can have no node. */
  readonly left: readonly PodGroup[];
}

/** Gives pods a place, adding a node where there is none. */
export function placePods(
  plan: CapacityPlan,
  snapshot: ClusterSnapshot,
  unplaced: readonly PodGroup[],
): Placement {
  const staying = podsThatStay(plan, snapshot, unplaced);
  const placed = [...staying];
  const left: PodGroup[] = [];
  for (const { shape, pods } of unplaced) {
    const moving = pods.filter((pod) => !staying.has(pod));
    const number = placeShape(plan, snapshot, shape, moving.length);
    placed.push(...moving.slice(0, number));
    if (number < moving.length) left.push({ shape, pods: moving.slice(number) });
  }
  return { placed, left };
}

/** Pods on a node that we are draining stay there when they have no other place: the drain is cancelled. */
function podsThatStay(
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

/** @returns how many of `pods` pods of this shape were placed */
function placeShape(
  plan: CapacityPlan,
  { packing }: ClusterSnapshot,
  shape: PodGroup["shape"],
  pods: number,
): number {
  for (let placed = 0; placed < pods; placed++) {
    if (packing.place(shape)) continue;
    if (!plan.addNode(shape) || !packing.place(shape)) return placed;
  }
  return pods;
}
