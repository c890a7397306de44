import type { Cluster, Pod, PodsByNode, Pool } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { needsPlace } from "./capacity/pool-requests.ts";
import { combinePlans } from "./combine.ts";
import { otherScaler } from "./pool/other-scalers.ts";
import { membersWithStatus, type PoolState, poolState } from "./pool/pool-state.ts";
import { budgetsByShape } from "./scale-in/node-rules.ts";
import { planScaleIn, type ScaleInPlan } from "./scale-in/scale-in.ts";
import { planScaleOut, type ScaleOutPlan } from "./scale-out/scale-out.ts";
import { podsByNode, presentAndUpcomingNodes, presentNodes } from "./snapshot/cluster-snapshot.ts";
import { restrictLongPending } from "./snapshot/long-pending.ts";

/**
 * Decides about all pools of one cluster, in their order in the config. They are decided together because their
 * pods may go from one pool's nodes to another's: capacity for a pending pod is added once, and no place is given
 * to two pods.
 */
export function decide(cluster: Cluster, pools: readonly Pool[], now: number): Decision[] {
  const pods = podsByNode(cluster.pods);
  const nodeByInstance = new Map(cluster.nodes.map((node) => [node.instanceId ?? "", node]));
  const states = pools.map((pool) => poolState(pool, nodeByInstance, cluster.daemonSets, now));
  const others = new Map(
    states.map((state) => [state, otherScaler(state.pool.groups, state.members, cluster)]),
  );
  const ours = states.filter((state) => others.get(state) === undefined);

  const scaleOuts = planScaleOuts(cluster, pods, states, ours, now);
  const steady = ours.filter((state) => isSteady(scaleOuts.get(state)));
  const scaleIns = planScaleIns(cluster, pods, states, steady, scaleOuts);
  return states.map((state) =>
    combinePlans(state, pods, {
      other: others.get(state),
      scaleOut: scaleOuts.get(state),
      scaleIn: scaleIns.get(state),
    }),
  );
}

/** Whether a pool gets no nodes, so that it may give some up. */
const isSteady = (plan: ScaleOutPlan | undefined): boolean =>
  plan !== undefined && !plan.refused && plan.capacityChanges.length === 0 && plan.uncordon.length === 0;

/** Places the pods for which there are nodes, then lets one pool after the other add nodes for the rest. */
function planScaleOuts(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  ours: readonly PoolState[],
  now: number,
): Map<PoolState, ScaleOutPlan> {
  const snapshot = presentAndUpcomingNodes(cluster, pods, states);
  const pending = restrictLongPending(pendingPods(cluster), cluster.nodes, now);
  let unplaced = snapshot.placeOnNodes([...podsToEvict(cluster, pods, states), ...pending]);
  const nominated = snapshot.pendingByGroup();
  const plans = new Map<PoolState, ScaleOutPlan>();
  for (const state of ours) {
    snapshot.packing.attempt(() => {
      const plan = planScaleOut(state, snapshot, pods, unplaced, nominated);
      plans.set(state, plan);
      if (plan.refused) return false;
      unplaced = [...plan.left];
      return true;
    });
  }
  return plans;
}

/** Lets one pool after the other give up nodes, each after the places that the ones before it reserved. */
function planScaleIns(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  steady: readonly PoolState[],
  scaleOuts: ReadonlyMap<PoolState, ScaleOutPlan>,
): Map<PoolState, ScaleInPlan> {
  const snapshot = presentNodes(cluster, pods, states);
  snapshot.placeOnNodes([...podsToEvict(cluster, pods, states), ...pendingPods(cluster)]);
  const budgetsOf = budgetsByShape(cluster.budgets);
  return new Map(
    steady.flatMap((state) => {
      const scaleOut = scaleOuts.get(state);
      return scaleOut ? [[state, planScaleIn(state, snapshot, pods, scaleOut, budgetsOf)] as const] : [];
    }),
  );
}

/** Pods on nodes that are draining or whose instances are being terminated. */
function podsToEvict(cluster: Cluster, pods: PodsByNode, states: readonly PoolState[]): Pod[] {
  const terminating = new Set(
    states.flatMap((state) => membersWithStatus(state, "terminating").flatMap(({ node }) => node ?? [])),
  );
  return cluster.nodes
    .filter((node) => node.draining || terminating.has(node))
    .flatMap(({ name }) => pods.get(name) ?? [])
    .filter(({ role, terminating }) => role === "movable" && !terminating);
}

/** Pods for which the scheduler found no node. */
const pendingPods = (cluster: Cluster): Pod[] =>
  cluster.pods.filter((pod) => pod.node === undefined && pod.unschedulable && needsPlace(pod));
