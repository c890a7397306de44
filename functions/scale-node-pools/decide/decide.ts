import type { Cluster, Pod, PodsByNode, Pool } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { needsPlace } from "./capacity/pool-requests.ts";
import { combinePlans } from "./combine.ts";
import type { Packing } from "./packing/packing.ts";
import type { PodFindings } from "./plans.ts";
import { hasOtherProvisioner, otherScaler } from "./pool/other-scalers.ts";
import { membersWithStatus, type PoolState, poolState } from "./pool/pool-state.ts";
import { budgetsByShape } from "./scale-in/node-rules.ts";
import { planRepair } from "./scale-in/repair.ts";
import { planScaleIn, type ScaleInPlan } from "./scale-in/scale-in.ts";
import { planClusterScaleOut } from "./scale-out/cluster-scale-out.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";
import { unschedulablePods } from "./scale-out/unschedulable.ts";
import { podsByNode, presentAndUpcomingNodes, presentNodes } from "./snapshot/cluster-snapshot.ts";
import { judgePending, mergeOwners, ownerStatuses, type PendingPods } from "./snapshot/pending-pods.ts";
import type { PodGroup } from "./snapshot/pod-groups.ts";

/**
 * Decides about all pools of one cluster. They are decided together because their pods may go from one pool's nodes to another's: capacity for a pending pod is added once, and no place is given
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

  const owners = mergeOwners(pools.map(({ status }) => status.owners));
  const pending = judgePending(pendingPods(cluster), cluster.nodes, owners, now);
  const scaleOut = planScaleOuts(cluster, pods, states, ours, pending);
  const scaleIns = planScaleIns(cluster, pods, states, scaleOut.plans, pending);
  const findings: PodFindings = {
    excluded: pending.excluded,
    unschedulable: hasOtherProvisioner(cluster)
      ? []
      : unschedulablePods(scaleOut.unplaced, states, scaleOut.packing),
    unreadable: cluster.unreadable,
    owners: ownerStatuses(owners, scaleOut.placed, pendingPods(cluster), now),
  };
  return states.map((state, index) => {
    const plan = scaleOut.plans.get(state);
    return combinePlans(state, pods, {
      other: others.get(state),
      own: plan && { scaleOut: plan, scaleIn: scaleIns.get(state), repair: planRepair(state, pods) },
      pods: index === 0 ? findings : undefined,
    });
  });
}

/** Whether a pool gets no nodes, so that it may give some up. */
const isSteady = ({ refused, capacityChanges, uncordon }: ScaleOutPlan): boolean =>
  !refused && capacityChanges.length === 0 && uncordon.length === 0;

interface ScaleOuts {
  readonly plans: ReadonlyMap<PoolState, ScaleOutPlan>;
  /** Pending pods that have a place on a node that the scheduler knows. */
  readonly placed: readonly Pod[];
  /** Pods that no pool takes. */
  readonly unplaced: readonly PodGroup[];
  readonly packing: Packing;
}

/** Places the pods for which there are nodes, then lets the pools add nodes for the rest. */
function planScaleOuts(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  ours: readonly PoolState[],
  pending: PendingPods,
): ScaleOuts {
  const snapshot = presentAndUpcomingNodes(cluster, pods, states);
  const unplaced = snapshot.placeOnNodes([...podsToEvict(cluster, pods, states), ...pending.toPlace]);
  const nominated = snapshot.pendingByGroup();
  const { plans, unplaced: left } = planClusterScaleOut(ours, snapshot, pods, unplaced, nominated);
  return { plans, placed: snapshot.pendingOnKnownNodes(), unplaced: left, packing: snapshot.packing };
}

/** Lets one pool after the other that gets none give up nodes, each after the places that the ones before it reserved. */
function planScaleIns(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  scaleOuts: ReadonlyMap<PoolState, ScaleOutPlan>,
  pending: PendingPods,
): Map<PoolState, ScaleInPlan> {
  const snapshot = presentNodes(cluster, pods, states);
  const excluded = new Set(pending.excluded.map(({ pod }) => pod));
  const waiting = pendingPods(cluster).filter((pod) => !excluded.has(pod));
  snapshot.placeOnNodes([...podsToEvict(cluster, pods, states), ...waiting]);
  const budgetsOf = budgetsByShape(cluster.budgets);
  const steady = [...scaleOuts].filter(([, scaleOut]) => isSteady(scaleOut));
  return new Map(
    steady.map(([state, scaleOut]) => [state, planScaleIn(state, snapshot, pods, scaleOut, budgetsOf)]),
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
