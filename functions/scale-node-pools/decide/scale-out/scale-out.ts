import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import type { Pod, PodsByNode } from "../../model/cluster.ts";
import type { CapacityChange, NodeRef } from "../../model/decision.ts";
import { type Reason, reason, type ScaleOutCode, type ShortageCode } from "../../model/reason.ts";
import { count, percent, podsNamed } from "../../model/wording.ts";
import { capacityOfNode, capacityOfTemplate, nodeCapacities, totalOf } from "../capacity/node-capacity.ts";
import { nodesNeeded } from "../capacity/nodes-needed.ts";
import { requestsOfPods, requestsOfPool } from "../capacity/pool-requests.ts";
import { sum, type Totals, utilisation, within } from "../capacity/totals.ts";
import { headroomOf } from "../pool/headroom.ts";
import { maxChangeReason } from "../pool/max-change.ts";
import type { PoolState } from "../pool/pool-state.ts";
import { nodesDueForRepair } from "../pool/repair-due.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import { isStuckPending } from "../snapshot/pending-pods.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import { CapacityPlan } from "./capacity-plan.ts";
import { placeGroup } from "./place-pods.ts";
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
}

/**
 * Plans the growth of one pool, all at once: capacity for the pods that it is asked to place, then for the target
 * utilisation, then up to min.
 */
export class ScaleOutPlanner {
  readonly state: PoolState;
  readonly #snapshot: ClusterSnapshot;
  readonly #pods: PodsByNode;
  readonly #plan: CapacityPlan;
  readonly #capacities: readonly Resources[];
  /** Pending pods that have a place on the pool's nodes. */
  readonly #nominated: readonly Pod[];
  readonly #placed: Pod[] = [];

  /** @param nominated pending pods that have a place on a pool's nodes, by group */
  constructor(
    state: PoolState,
    snapshot: ClusterSnapshot,
    pods: PodsByNode,
    nominated: ReadonlyMap<string, readonly Pod[]>,
  ) {
    this.state = state;
    this.#snapshot = snapshot;
    this.#pods = pods;
    this.#capacities = nodeCapacities(state, pods);
    this.#nominated = state.groups.flatMap(({ group }) => nominated.get(group.name) ?? []);
    this.#plan = new CapacityPlan(state, snapshot.packing, totalOf(this.#capacities), (node) => ({
      bin: snapshot.binOf(node),
      capacity: capacityOfNode(node, pods),
    }));
  }

  /** Cancels the drains of nodes whose pods have no other place: they stay there. @returns the other pods */
  keepPods(unplaced: readonly PodGroup[]): PodGroup[] {
    return unplaced.map(({ shape, pods }) => {
      const staying = new Set(pods.filter((pod) => this.#plan.uncordonFor(pod)));
      this.#placed.push(...staying);
      return { shape, pods: pods.filter((pod) => !staying.has(pod)) };
    });
  }

  /** Adds nodes for these pods. @returns those for which the pool can have none */
  place({ shape, pods }: PodGroup): PodGroup {
    const number = placeGroup(this.#plan, this.#snapshot, { shape, pods });
    this.#placed.push(...pods.slice(0, number));
    return { shape, pods: pods.slice(number) };
  }

  /** @param left pods that no pool takes */
  finish(left: readonly PodGroup[]): ScaleOutPlan {
    const { state } = this;
    const plan = this.#plan;
    const pending = [...this.#nominated, ...this.#placed.filter(({ node }) => node === undefined)];
    const ofPods = sum(requestsOfPool(state.members, this.#pods), requestsOfPods(pending));
    const requests = sum(ofPods, headroomOf(state));
    const reasons = this.#grow(requests);
    const known = new Set(this.#snapshot.pendingOnKnownNodes());
    const withoutNode = this.#withoutNode(left);
    const each = state.groups.find(({ template }) => template)?.template;
    return {
      uncordon: plan.uncordoned,
      capacityChanges: [...plan.capacityChanges(), ...releaseUnfilled(state, plan)],
      added: plan.added,
      reasons,
      shortages: shortagesOf(state, plan, requests, withoutNode),
      refused: maxChangeReason(plan.added, state),
      requests,
      nodesNeeded: nodesNeeded(
        requests,
        this.#capacities,
        each && capacityOfTemplate(each),
        state.pool.policy.targetUtilisation,
      ),
      placed: pending.length,
      unplaced: each ? withoutNode.length : 0,
      stuck: this.#nominated.filter((pod) => known.has(pod) && isStuckPending(pod, state.now)),
    };
  }

  /** To the target utilisation, then up to min. @returns why it grows, the pods that were placed before included */
  #grow(requests: Totals): Reason<"pods-unplaced" | "above-target" | "below-min">[] {
    const { state } = this;
    const plan = this.#plan;
    const afterPods = stepsOf(plan);
    plan.growToTarget(requests, state.pool.policy.targetUtilisation);
    const afterTarget = stepsOf(plan);
    const beforeMin = plan.expectedSize;
    // A node that is to be repaired is replaced first, where the pool would fall below its min.
    plan.growToSize(state.bounds.min + nodesDueForRepair(state, this.#pods).next.length);
    return [
      ...this.#whyPods(),
      ...(afterTarget > afterPods ? [this.#whyTarget(requests)] : []),
      ...(plan.expectedSize > beforeMin
        ? [reason("below-min", `${count(beforeMin, "node")}, and ${minOf(state)}`)]
        : []),
    ];
  }

  /** Of the pods that no pool takes, those that a node of this pool would fit, or might where a group's nodes are not known. */
  #withoutNode(left: readonly PodGroup[]): Pod[] {
    return left.filter(({ shape }) => this.#plan.hasNodeFor(shape)).flatMap(({ pods }) => pods);
  }

  #whyPods(): Reason<"pods-unplaced">[] {
    if (this.#placed.length === 0) return [];
    return [reason("pods-unplaced", `${podsNamed(this.#placed)} found no place on the nodes there are`)];
  }

  #whyTarget(requests: Totals): Reason<"above-target"> {
    const { headroom, targetUtilisation } = this.state.pool.policy;
    const present = fullness(requests, totalOf(this.#capacities));
    const withHeadroom = headroom ? `${present}, headroom included` : present;
    return reason("above-target", `${withHeadroom}; the target is ${targetUtilisation} %`);
  }
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
    const known = groups.every(({ template }) => template);
    const pods = podsNamed(withoutNode);
    const what = known ? `${pods} keep waiting` : `${pods} wait, perhaps for this pool`;
    shortages.push(reason("no-capacity-for-pods", `${what}: ${why}`));
  }
  if (!within(requests, plan.capacity, targetUtilisation)) {
    const now = fullness(requests, plan.capacity);
    const text = `${now} and the target is ${targetUtilisation} %: ${why}`;
    shortages.push(reason("no-capacity-for-target", text));
  }
  if (plan.expectedSize < bounds.min) {
    const text = `${count(plan.expectedSize, "node")}, and ${minOf(state)}: ${why}`;
    shortages.push(reason("no-capacity-for-min", text));
  }
  return shortages;
}

const stepsOf = ({ added, uncordoned }: CapacityPlan): number => added + uncordoned.length;

const minOf = ({ bounds: { min, window } }: PoolState): string =>
  `min is ${min}${window === undefined ? "" : ` (${window})`}`;

const fullness = (requests: Totals, capacity: Totals): string =>
  `requests are ${percent(utilisation(requests, capacity))} of the nodes' capacity`;
