import type { Pod, PodShape } from "../../model/cluster.ts";
import { upcomingNode } from "../capacity/upcoming-node.ts";
import { whyNotOn } from "../packing/explain.ts";
import type { Packing } from "../packing/packing.ts";
import { type PoolState, zonesOf } from "../pool/pool-state.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";

/** Pods that no pool could take, whatever its size, and why not, pool by pool. */
export interface UnschedulablePods {
  readonly pods: readonly Pod[];
  /** For people: `web: the pod requests 64000m CPU, a new node has 1930m beside its DaemonSets`. */
  readonly why: readonly string[];
}

/** Finds the pods that no pool could take; in one that another scaler manages that one adds nodes. */
export function unschedulablePods(
  unplaced: readonly PodGroup[],
  states: readonly PoolState[],
  packing: Packing,
): UnschedulablePods[] {
  return unplaced.flatMap(({ shape, pods }) => {
    const pending = pods.filter(({ node }) => node === undefined);
    if (pending.length === 0) return [];
    const reasons = states.map((state) => ({
      pool: state.pool.name,
      why: whyNotInPool(shape, state, packing),
    }));
    if (reasons.some(({ why }) => why === undefined)) return [];
    return [{ pods: pending, why: reasons.map(({ pool, why }) => `${pool}: ${why}`) }];
  });
}

/** Why no node of the pool could take such a pod; undefined when one could, or nobody knows its nodes. */
function whyNotInPool(shape: PodShape, { groups }: PoolState, packing: Packing): string | undefined {
  let why: string | undefined;
  for (const state of groups) {
    const { group, template } = state;
    if (!template) return undefined;
    for (const zone of zonesOf(state).names) {
      const bin = upcomingNode(group, template, group.name, zone);
      if (packing.wouldFit(bin, shape)) return undefined;
      why ??= whyNotOn(shape, bin) ?? "the pod must not be beside the pods of its DaemonSets, or of its zone";
    }
  }
  return why ?? "it has no group";
}
