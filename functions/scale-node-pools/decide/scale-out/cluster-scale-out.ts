import type { Pod, PodsByNode } from "../../model/cluster.ts";
import type { PoolState } from "../pool/pool-state.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import { poolsInOrder } from "./pool-choice.ts";
import { type ScaleOutPlan, ScaleOutPlanner } from "./scale-out.ts";

export interface ClusterScaleOut {
  readonly plans: ReadonlyMap<PoolState, ScaleOutPlan>;
  /** Of each group the pods that no pool takes, which may be none. */
  readonly unplaced: readonly PodGroup[];
}

/**
 * Plans the growth of all pools: each pod gets a node in the first pool that can have one. A pool whose plan is refused
 * keeps it, for people to see, and the others are planned again without it.
 *
 * @param unplaced pods without a place on the nodes that are there or on their way
 * @param nominated pending pods that have a place on a pool's nodes, by group
 */
export function planClusterScaleOut(
  states: readonly PoolState[],
  snapshot: ClusterSnapshot,
  pods: PodsByNode,
  unplaced: readonly PodGroup[],
  nominated: ReadonlyMap<string, readonly Pod[]>,
): ClusterScaleOut {
  const refused = new Map<PoolState, ScaleOutPlan>();
  for (;;) {
    const asked = states.filter((state) => !refused.has(state));
    let result: ClusterScaleOut = { plans: new Map(), unplaced };
    const isCarriedOut = snapshot.packing.attempt(() => {
      result = planTogether(asked, snapshot, pods, unplaced, nominated);
      return [...result.plans.values()].every((plan) => !plan.refused);
    });
    if (isCarriedOut) return { ...result, plans: new Map([...refused, ...result.plans]) };
    for (const [state, plan] of result.plans) if (plan.refused) refused.set(state, plan);
  }
}

function planTogether(
  states: readonly PoolState[],
  snapshot: ClusterSnapshot,
  pods: PodsByNode,
  unplaced: readonly PodGroup[],
  nominated: ReadonlyMap<string, readonly Pod[]>,
): ClusterScaleOut {
  const planners = states.map((state) => new ScaleOutPlanner(state, snapshot, pods, nominated));
  let groups = unplaced;
  for (const planner of planners) groups = planner.keepPods(groups);
  const left = groups.map((group) =>
    poolsInOrder(planners, group.shape).reduce((rest, planner) => planner.place(rest), group),
  );
  return {
    plans: new Map(planners.map((planner) => [planner.state, planner.finish(left)])),
    unplaced: left,
  };
}
