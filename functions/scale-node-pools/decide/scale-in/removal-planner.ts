import type { Pod } from "../../model/cluster.ts";
import type { UnremovableNode } from "../../model/decision.ts";
import { type NodeCode, type Reason, reason, type ScaleInCode } from "../../model/reason.ts";
import { percent } from "../../model/wording.ts";
import { add, NOTHING, subtract, type Totals, utilisation, within } from "../capacity/totals.ts";
import type { Bin } from "../packing/bin.ts";
import type { GroupState, PoolState } from "../pool/pool-state.ts";
import { ZoneSizes } from "../pool/zone-counts.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import { inPlacementOrder } from "../snapshot/pod-groups.ts";
import { type Candidate, type RemovalContext, unremovableReason } from "./node-rules.ts";
import { scaleInReason } from "./scale-in-speed.ts";

export interface Removal {
  readonly chosen: readonly Candidate[];
  /** Why nodes are removed; undefined when none is. */
  readonly reason: Reason<ScaleInCode> | undefined;
  readonly unremovable: readonly UnremovableNode[];
}

/** One plan in the making: nodes are chosen one after the other, each against what the ones before it left. */
export class RemovalPlanner {
  readonly #state: PoolState;
  readonly #snapshot: ClusterSnapshot;
  readonly #requests: Totals;
  readonly #context: RemovalContext;
  /** By zone, emptiest first; those that were asked are taken out. */
  readonly #queues: ReadonlyMap<string, Candidate[]>;
  /** The place of each in the order of all zones together. */
  readonly #rank: ReadonlyMap<Candidate, number>;
  readonly #zones: ZoneSizes;
  /** Capacity units of each group that this plan removes; while an earlier one is under way, there is none. */
  readonly #unitsLeaving = new Map<GroupState, number>();
  readonly #chosen: Candidate[] = [];
  readonly #unremovable: UnremovableNode[] = [];
  #capacity: Totals;

  /** @param requests of all pods of the pool @param capacity of its nodes that take pods */
  constructor(
    state: PoolState,
    snapshot: ClusterSnapshot,
    candidates: readonly Candidate[],
    { requests, capacity }: { readonly requests: Totals; readonly capacity: Totals },
    budgetsOf: RemovalContext["budgetsOf"],
  ) {
    this.#state = state;
    this.#snapshot = snapshot;
    this.#requests = requests;
    this.#capacity = capacity;
    this.#context = { budgetsOf, unitsLeaving: (group) => this.#unitsLeaving.get(group) ?? 0 };
    const zones = candidates.map(({ zone }) => zone);
    this.#zones = new ZoneSizes(zones, zones);
    const order = emptiestFirst(candidates);
    this.#rank = new Map(order.map((node, rank) => [node, rank]));
    this.#queues = Map.groupBy(order, ({ zone }) => zone);
  }

  /** Chooses nodes while the pool is to get smaller, `most` of them at most. */
  plan(most: number): Removal {
    let why: Reason<ScaleInCode> | undefined;
    while (this.#chosen.length < most) {
      const reason = scaleInReason(this.#state, this.#requests, this.#capacity, this.#chosen.length);
      const next = reason && this.#nextRemovable(reason);
      if (!next) break;
      why ??= reason;
      this.#choose(next);
    }
    return { chosen: this.#chosen, reason: why, unremovable: this.#unremovable };
  }

  /** The next node that can go. One that cannot is not asked again: with every choice there is less capacity. */
  #nextRemovable(wanted: Reason<ScaleInCode>): Candidate | undefined {
    let next = this.#takeNext();
    while (next) {
      const why = this.#whyUnremovable(next, wanted);
      if (!why) return next;
      this.#unremovable.push({ node: next.node.name, reason: why });
      next = this.#takeNext();
    }
    return undefined;
  }

  /** The emptiest node of the largest zone. */
  #takeNext(): Candidate | undefined {
    const [first] = [...this.#queues.values()]
      .flatMap(([head]) => head ?? [])
      .sort(
        (a, b) =>
          this.#zones.sizeOf(b.zone) - this.#zones.sizeOf(a.zone) ||
          (this.#rank.get(a) ?? 0) - (this.#rank.get(b) ?? 0),
      );
    return first && this.#queues.get(first.zone)?.shift();
  }

  #whyUnremovable(candidate: Candidate, wanted: Reason<ScaleInCode>): Reason<NodeCode> | undefined {
    const target = this.#state.pool.policy.targetUtilisation;
    const left = subtract(this.#capacity, candidate.capacity);
    if (wanted.code !== "above-max" && !within(this.#requests, left, target)) {
      const then = percent(utilisation(this.#requests, left));
      const text = `without it requests would be ${then}, above the target of ${target} %`;
      return reason("target-exceeded-without-it", text);
    }
    return unremovableReason(candidate, this.#context) ?? this.#movePods(candidate);
  }

  /** Gives every pod of the node another place, or none of them and says which one has none. */
  #movePods({ node, pods }: Candidate): Reason<"no-place-for-pod"> | undefined {
    const { packing } = this.#snapshot;
    const bin = this.#snapshot.binOf(node);
    const own = pods.filter(({ role, terminating }) => role === "movable" && !terminating);
    const moving = inPlacementOrder([...own, ...this.#snapshot.reservationsOn(bin)]);
    const places = new Map<Pod, Bin>();
    let unplaced: Pod | undefined;
    packing.attempt(() => {
      packing.removeBin(bin);
      for (const pod of moving) packing.remove(pod.shape, bin);
      for (const pod of moving) {
        const place = packing.place(pod.shape);
        if (!place) {
          unplaced = pod;
          return false;
        }
        places.set(pod, place);
      }
      return true;
    });
    if (unplaced) return reason("no-place-for-pod", `pod ${unplaced.id} has no other place`);
    for (const [pod, place] of places) this.#snapshot.reserve(place, pod);
    return undefined;
  }

  #choose(candidate: Candidate): void {
    this.#chosen.push(candidate);
    this.#capacity = subtract(this.#capacity, candidate.capacity);
    this.#zones.shrink(candidate.zone);
    const { group, member } = candidate;
    this.#unitsLeaving.set(group, (this.#unitsLeaving.get(group) ?? 0) + member.instance.units);
  }
}

/** Emptiest first; of equals the oldest. */
const emptiestFirst = (candidates: readonly Candidate[]): Candidate[] =>
  candidates
    .map((candidate) => ({
      candidate,
      used: utilisation(candidate.requests, add(NOTHING, candidate.capacity)) ?? Number.MAX_SAFE_INTEGER,
    }))
    .sort(
      (a, b) =>
        a.used - b.used ||
        a.candidate.node.createdAt - b.candidate.node.createdAt ||
        (a.candidate.node.name < b.candidate.node.name ? -1 : 1),
    )
    .map(({ candidate }) => candidate);
