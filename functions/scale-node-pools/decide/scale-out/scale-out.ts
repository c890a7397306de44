import type { Pod, PodsByNode } from "../../model/cluster.ts";
import type { CapacityChange, NodeRef } from "../../model/decision.ts";
import { type Reason, reason, type ScaleOutCode, type ShortageCode } from "../../model/reason.ts";
import { count, percent, podsNamed } from "../../model/wording.ts";
import { capacityOfNode, capacityOfTemplate, nodeCapacities, totalOf } from "../capacity/node-capacity.ts";
import { nodesNeeded } from "../capacity/nodes-needed.ts";
import { requestsOfPods, requestsOfPool } from "../capacity/pool-requests.ts";
import { sum, type Totals, utilisation, within } from "../capacity/totals.ts";
import { maxChangeReason } from "../pool/max-change.ts";
import type { Member } from "../pool/members.ts";
import type { PoolState } from "../pool/pool-state.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import { isStuckPending } from "../snapshot/pending-pods.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import { CapacityPlan } from "./capacity-plan.ts";
import { placePods } from "./place-pods.ts";
import { whyNoMoreNodes } from "./shortage.ts";
import { releaseUnfilled } from "./unfilled.ts";

/** How a pool is to grow, and what was found on the way. */
export interface ScaleOutPlan {
  readonly uncordon: readonly NodeRef[];
  readonly capacityChanges: readonly CapacityChange[];
  /** Nodes to be launched. */
  readonly added: number;
  /** Why it grows. */
  readonly reasons: readonly Reason<ScaleOutCode>[];
  /** Why it grows no further, although it should. */
  readonly shortages: readonly Reason<ShortageCode>[];
  /** Why none of it is done. */
  readonly refused: Reason<"max-change"> | undefined;
  /** What all pods request that are in the pool or will be. */
  readonly requests: Totals;
  readonly nodesNeeded: number | undefined;
  /** Pending pods that have a place in this pool now or with this plan. */
  readonly placed: number;
  /** Pending pods that would fit a node of this pool, and get none. */
  readonly unplaced: number;
  /** Pods that should long have been bound to a node of this pool. */
  readonly stuck: readonly Pod[];
  /** The pods that another pool may take. */
  readonly left: readonly PodGroup[];
}

/**
 * The pool's growth, all at once: capacity for every unplaced pod that fits it, then for the target utilisation, then
 * up to min.
 *
 * @param unplaced pods without a place on the nodes that are there or on their way
 * @param nominated pending pods that have a place on this pool's nodes, by group
 */
export function planScaleOut(
  state: PoolState,
  snapshot: ClusterSnapshot,
  pods: PodsByNode,
  unplaced: readonly PodGroup[],
  nominated: ReadonlyMap<string, readonly Pod[]>,
): ScaleOutPlan {
  const { members, groups, bounds, pool } = state;
  const { targetUtilisation } = pool.policy;
  const capacities = nodeCapacities(state, pods);
  const present = totalOf(capacities);
  const plan = new CapacityPlan(state, snapshot.packing, present, (node) => ({
    bin: snapshot.binOf(node),
    capacity: capacityOfNode(node, pods),
  }));

  const { placed, left } = placePods(plan, snapshot, unplaced);
  const afterPods = stepsOf(plan);
  const ofGroups = groups.flatMap(({ group }) => nominated.get(group.name) ?? []);
  const known = new Set(snapshot.pendingOnKnownNodes());
  const pending = [...ofGroups, ...placed.filter(({ node }) => node === undefined)];
  const requests = sum(requestsOfPool(members, pods), requestsOfPods(pending));
  plan.growToTarget(requests, targetUtilisation);
  const afterTarget = stepsOf(plan);
  const beforeMin = plan.targetSize;
  plan.growToSize(bounds.min);

  const reasons = [
    ...(placed.length > 0
      ? [reason("pods-unplaced", `${podsNamed(placed)} found no place on the nodes there are`)]
      : []),
    ...(afterTarget > afterPods
      ? [reason("above-target", `${fullness(requests, present)}; the target is ${targetUtilisation} %`)]
      : []),
    ...(plan.targetSize > beforeMin
      ? [reason("below-min", `${count(beforeMin, "node")}, and ${minOf(state)}`)]
      : []),
  ];
  const withoutNode = left
    .filter(({ shape }) => groups.every(({ template }) => !template) || plan.hasNodeFor(shape))
    .flatMap(({ pods }) => pods);
  const each = groups.find(({ template }) => template)?.template;
  return {
    uncordon: plan.uncordoned.flatMap(refOf),
    capacityChanges: [...plan.capacityChanges(), ...releaseUnfilled(state)],
    added: plan.added,
    reasons,
    shortages: shortagesOf(state, plan, requests, withoutNode),
    refused: maxChangeReason(plan.added, state),
    requests,
    nodesNeeded: nodesNeeded(requests, capacities, each && capacityOfTemplate(each), targetUtilisation),
    placed: pending.length,
    unplaced: each ? withoutNode.length : 0,
    stuck: ofGroups.filter((pod) => known.has(pod) && isStuckPending(pod, state.now)),
    left,
  };
}

/** What the pool should have and cannot get, the pods first. */
function shortagesOf(
  state: PoolState,
  plan: CapacityPlan,
  requests: Totals,
  withoutNode: readonly Pod[],
): Reason<ShortageCode>[] {
  const { bounds, groups, pool } = state;
  const { targetUtilisation } = pool.policy;
  const why = whyNoMoreNodes(state, plan.added);
  const shortages: Reason<ShortageCode>[] = [];
  if (withoutNode.length > 0) {
    const known = groups.some(({ template }) => template);
    const pods = podsNamed(withoutNode);
    const what = known ? `${pods} keep waiting` : `${pods} wait, perhaps for this pool`;
    shortages.push(reason("no-capacity-for-pods", `${what}: ${why}`));
  }
  if (!within(requests, plan.capacity, targetUtilisation)) {
    const now = fullness(requests, plan.capacity);
    const text = `${now} and the target is ${targetUtilisation} %: ${why}`;
    shortages.push(reason("no-capacity-for-target", text));
  }
  if (plan.targetSize < bounds.min) {
    const text = `${count(plan.targetSize, "node")}, and ${minOf(state)}: ${why}`;
    shortages.push(reason("no-capacity-for-min", text));
  }
  return shortages;
}

const stepsOf = ({ added, uncordoned }: CapacityPlan): number => added + uncordoned.length;

const minOf = ({ bounds: { min, window } }: PoolState): string =>
  `min is ${min}${window === undefined ? "" : ` (${window})`}`;

const fullness = (requests: Totals, capacity: Totals): string =>
  `requests are ${percent(utilisation(requests, capacity))} of the nodes' capacity`;

const refOf = ({ node, instance }: Member): NodeRef[] =>
  node ? [{ node: node.name, instanceId: instance.id }] : [];
