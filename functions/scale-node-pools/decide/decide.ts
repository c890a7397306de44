import type { Cluster, Pod, Pool } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { combinePlans } from "./combine.ts";
import { daemonSetsOf } from "./pool/node-template.ts";
import { otherScaler } from "./pool/other-scalers.ts";
import { membersWithStatus, type PoolState, poolState } from "./pool/pool-state.ts";
import { isLoad } from "./pool/requested.ts";
import { budgetsByShape } from "./scale-in/node-rules.ts";
import { planScaleIn, type ScaleInPlan } from "./scale-in/scale-in.ts";
import { planScaleOut, type ScaleOutPlan } from "./scale-out/scale-out.ts";
import {
  type ClusterSnapshot,
  type PodsByNode,
  podsByNode,
  reserve,
  snapshotOf,
} from "./snapshot/cluster-snapshot.ts";
import { restrictLongPending } from "./snapshot/long-pending.ts";
import { groupByShape, type PodGroup } from "./snapshot/pod-groups.ts";

/**
 * Decides about all pools of one cluster, in their order in the config. They are decided together because
 * their pods may go from one pool's nodes to another's: no pending pod is bought room for twice, and no
 * place is promised twice.
 */
export function decide(cluster: Cluster, pools: readonly Pool[], now: number): Decision[] {
  const pods = podsByNode(cluster.pods);
  const nodeByInstance = new Map(cluster.nodes.map((node) => [node.instanceId ?? "", node]));
  const daemonSets = daemonSetsOf(cluster);
  const states = pools.map((pool) => poolState(pool, nodeByInstance, daemonSets, now));
  const others = new Map(
    states.map((state) => [state, otherScaler(state.pool.groups, state.members, cluster)]),
  );
  const ours = states.filter((state) => others.get(state) === undefined);

  const growths = growAll(cluster, pods, states, ours, now);
  const steady = ours.filter((state) => isSteady(growths.get(state)));
  const shrinkings = shrinkAll(cluster, pods, states, steady, growths);
  return states.map((state) =>
    combinePlans(state, pods, {
      other: others.get(state),
      out: growths.get(state),
      shrinking: shrinkings.get(state),
    }),
  );
}

const isSteady = (out: ScaleOutPlan | undefined): out is ScaleOutPlan =>
  out !== undefined && out.refused === undefined && out.orders.length === 0 && out.uncordon.length === 0;

/** Settles who needs a place where there is one, then lets one pool after the other make room for the rest. */
function growAll(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  ours: readonly PoolState[],
  now: number,
): Map<PoolState, ScaleOutPlan> {
  const scene = snapshotOf(cluster, pods, states, { coming: true });
  const waiting = restrictLongPending(pending(cluster), cluster.nodes, now);
  let unplaced = settle(scene, [...evicted(cluster, pods, states), ...waiting]);
  const settled = pendingGuests(scene);
  const plans = new Map<PoolState, ScaleOutPlan>();
  for (const state of ours) {
    const left = unplaced.map(({ shape, pods }): PodGroup => ({ shape, pods: [...pods] }));
    const carried = scene.packing.attempt(() => {
      const plan = planScaleOut(state, scene, pods, left, settled);
      plans.set(state, plan);
      return plan.refused === undefined;
    });
    if (carried) unplaced = left;
  }
  return plans;
}

/** Lets one pool after the other give up nodes, each on top of what the ones before it promised. */
function shrinkAll(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  steady: readonly PoolState[],
  growths: ReadonlyMap<PoolState, ScaleOutPlan>,
): Map<PoolState, ScaleInPlan> {
  const scene = snapshotOf(cluster, pods, states, { coming: false });
  settle(scene, [...evicted(cluster, pods, states), ...pending(cluster)]);
  const budgetsOf = budgetsByShape(cluster.budgets);
  const plans = new Map<PoolState, ScaleInPlan>();
  for (const state of steady) {
    const growth = growths.get(state);
    if (growth) plans.set(state, planScaleIn(state, scene, pods, growth, budgetsOf));
  }
  return plans;
}

/** Gives pods a place on the nodes of the scene. Returns those that found none. */
function settle(scene: ClusterSnapshot, pods: readonly Pod[]): PodGroup[] {
  const all = groupByShape(pods);
  for (const { shape, pods } of all) {
    while (pods.length > 0) {
      const bin = scene.packing.place(shape);
      if (!bin) break;
      const pod = pods.pop();
      if (pod) reserve(scene, bin, pod);
    }
  }
  return all.filter(({ pods }) => pods.length > 0);
}

/** Pending pods that have a place, by the group of the node. A pod that is evicted is in its own pool's load already. */
function pendingGuests({ reservations }: ClusterSnapshot): Map<string, Pod[]> {
  const found = new Map<string, Pod[]>();
  for (const [{ group }, pods] of reservations) {
    if (group === undefined) continue;
    const pending = pods.filter(({ node }) => node === undefined);
    found.set(group, [...(found.get(group) ?? []), ...pending]);
  }
  return found;
}

/** Pods on nodes that are being emptied or go away. */
function evicted(cluster: Cluster, pods: PodsByNode, states: readonly PoolState[]): Pod[] {
  const leaving = new Set(
    states.flatMap((state) => membersWithStatus(state, "leaving").flatMap(({ node }) => node ?? [])),
  );
  return cluster.nodes
    .filter((node) => node.draining || leaving.has(node))
    .flatMap(({ name }) =>
      (pods.get(name) ?? []).filter((pod) => pod.role === "movable" && !pod.terminating),
    );
}

/** Pods the scheduler found no node for. */
const pending = (cluster: Cluster): Pod[] =>
  cluster.pods.filter((pod) => pod.node === undefined && pod.unschedulable && isLoad(pod));
