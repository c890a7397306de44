import type { Pod } from "../../model/cluster.ts";
import { count, percent } from "../../model/wording.ts";
import type { Bin } from "../packing/bin.ts";
import { type GroupState, type PoolState, targetSize } from "../pool/pool-state.ts";
import { add, below, NOTHING, subtract, type Totals, utilisation, within } from "../pool/totals.ts";
import { ZoneSizes } from "../pool/zone-counts.ts";
import { type ClusterSnapshot, reserve } from "../snapshot/cluster-snapshot.ts";
import { inOrder } from "../snapshot/pod-groups.ts";
import { groupBlockedReason } from "./group-rules.ts";
import { type BudgetsOf, type Candidate, unremovableReason } from "./node-rules.ts";

/** How fast the pool is to get smaller. */
type ScaleInSpeed =
  /** It is over its max: down to that, whatever the utilisation. */
  | { readonly kind: "surplus" }
  /** As many as the disruption budget allows. */
  | { readonly kind: "fast" }
  /** One at a time. */
  | { readonly kind: "slow" };

/** How full a pool is, in words. */
export const fullness = (load: Totals, capacity: Totals, target: number): string =>
  `requests are ${percent(utilisation(load, capacity))} of what the nodes offer; the target is ${target} %`;

/** One plan in the making: nodes are chosen one after the other, each against what the ones before it left. */
export class RemovalPlanner {
  readonly #state: PoolState;
  readonly #scene: ClusterSnapshot;
  readonly #budgetsOf: BudgetsOf;
  readonly #load: Totals;
  /** By zone, emptiest first; those that were asked are taken out. */
  readonly #waiting: Map<string, Candidate[]>;
  readonly #rank: ReadonlyMap<Candidate, number>;
  readonly #zones: ZoneSizes;
  readonly #groups: ReadonlyMap<string, GroupState>;
  readonly #units = new Map<string, number>();
  readonly #chosen: Candidate[] = [];
  readonly #stays: string[] = [];
  #capacity: Totals;

  constructor(
    state: PoolState,
    scene: ClusterSnapshot,
    nodes: readonly Candidate[],
    { load, capacity }: { readonly load: Totals; readonly capacity: Totals },
    budgetsOf: BudgetsOf,
  ) {
    this.#state = state;
    this.#scene = scene;
    this.#budgetsOf = budgetsOf;
    this.#capacity = capacity;
    this.#load = load;
    this.#zones = new ZoneSizes(
      [...new Set(nodes.map(({ zone }) => zone))],
      nodes.map(({ zone }) => zone),
    );
    this.#groups = new Map(state.groups.map((group) => [group.group.name, group]));
    const order = emptiestFirst(nodes);
    this.#rank = new Map(order.map((node, rank) => [node, rank]));
    this.#waiting = Map.groupBy(order, ({ zone }) => zone);
  }

  choose(
    surplus: number,
    most: number,
  ): { readonly chosen: readonly Candidate[]; readonly reasons: readonly string[] } {
    const reasons: string[] = [];
    while (this.#chosen.length < most) {
      const pace = this.#pace(surplus);
      if (!pace) break;
      const next = this.#next(pace);
      if (!next) break;
      if (this.#chosen.length === 0) reasons.push(this.#why(pace, surplus));
      this.#take(next);
    }
    if (this.#chosen.length === 0) reasons.push("no node can go");
    reasons.push(...this.#stays.slice(0, 3));
    if (this.#stays.length > 3) reasons.push(`${this.#stays.length - 3} more nodes stay for like reasons`);
    return { chosen: this.#chosen, reasons };
  }

  #pace(surplus: number): ScaleInSpeed | undefined {
    const { removeFastBelow, removeSlowlyBelow } = this.#state.pool.policy;
    if (this.#chosen.length < surplus) return { kind: "surplus" };
    if (surplus > 0) return undefined;
    if (targetSize(this.#state) - this.#chosen.length <= this.#state.bounds.min) return undefined;
    if (below(this.#load, this.#capacity, removeFastBelow)) return { kind: "fast" };
    const slow = this.#chosen.length === 0 && below(this.#load, this.#capacity, removeSlowlyBelow);
    return slow ? { kind: "slow" } : undefined;
  }

  #why(pace: ScaleInSpeed, surplus: number): string {
    const { bounds, pool } = this.#state;
    if (pace.kind === "surplus") {
      const window = bounds.window === undefined ? "" : ` (${bounds.window})`;
      return `${count(surplus, "node")} more than the max of ${bounds.max}${window}`;
    }
    const { removeFastBelow, removeSlowlyBelow } = pool.policy;
    const now = fullness(this.#load, this.#capacity, pool.policy.targetUtilisation);
    return pace.kind === "fast"
      ? `${now}; below ${removeFastBelow} % nodes go as fast as the disruption budget allows`
      : `${now}; below ${removeSlowlyBelow} % one node goes at a time`;
  }

  /** The next node that can go. One that can not is not asked again: from one choice to the next, room gets less. */
  #next(pace: ScaleInSpeed): Candidate | undefined {
    for (let node = this.#emptiestOfLargest(); node; node = this.#emptiestOfLargest()) {
      this.#waiting.get(node.zone)?.shift();
      const why = this.#whyNot(node, pace);
      if (why === undefined) return node;
      this.#stays.push(`node ${node.node.name} stays: ${why}`);
    }
    return undefined;
  }

  #emptiestOfLargest(): Candidate | undefined {
    let best: Candidate | undefined;
    for (const [zone, [first]] of this.#waiting) {
      if (first && (!best || this.#comesBefore(first, zone, best))) best = first;
    }
    return best;
  }

  #comesBefore(node: Candidate, zone: string, best: Candidate): boolean {
    const larger = this.#zones.sizeOf(zone) - this.#zones.sizeOf(best.zone);
    return larger > 0 || (larger === 0 && (this.#rank.get(node) ?? 0) < (this.#rank.get(best) ?? 0));
  }

  #whyNot(candidate: Candidate, pace: ScaleInSpeed): string | undefined {
    const { group, instance } = candidate.member;
    const target = this.#state.pool.policy.targetUtilisation;
    const left = subtract(this.#capacity, candidate.offer);
    if (pace.kind !== "surplus" && !within(this.#load, left, target)) {
      return `without it requests would be ${percent(utilisation(this.#load, left))}, above the target of ${target} %`;
    }
    const groupState = this.#groups.get(group.name);
    return (
      unremovableReason(candidate, this.#budgetsOf) ??
      (groupState && groupBlockedReason(groupState, this.#units.get(group.name) ?? 0, instance.units)) ??
      this.#moveItsPods(candidate)
    );
  }

  /** Gives every pod of the node another place, or none of them and says which one has none. */
  #moveItsPods({ node, pods }: Candidate): string | undefined {
    const { packing } = this.#scene;
    const bin = this.#scene.binOf(node);
    const own = pods.filter(({ role, terminating }) => role === "movable" && !terminating);
    const moving = inOrder([...own, ...(this.#scene.reservations.get(bin) ?? [])]);
    const places: { readonly pod: Pod; readonly bin: Bin }[] = [];
    let unplaced: Pod | undefined;
    packing.attempt(() => {
      packing.leaveOut(bin);
      for (const pod of moving) packing.remove(pod.shape, bin);
      for (const pod of moving) {
        const place = packing.place(pod.shape);
        if (!place) {
          unplaced = pod;
          return false;
        }
        places.push({ pod, bin: place });
      }
      return true;
    });
    if (unplaced) return `pod ${unplaced.id} has no other place`;
    for (const { pod, bin: place } of places) reserve(this.#scene, place, pod);
    return undefined;
  }

  #take(candidate: Candidate): void {
    const { group, instance } = candidate.member;
    this.#chosen.push(candidate);
    this.#capacity = subtract(this.#capacity, candidate.offer);
    this.#units.set(group.name, (this.#units.get(group.name) ?? 0) + instance.units);
    this.#zones.shrink(candidate.zone);
  }
}

/** Emptiest first; of equals the oldest. */
function emptiestFirst(nodes: readonly Candidate[]): Candidate[] {
  const used = new Map(
    nodes.map((node) => [node, utilisation(node.load, add(NOTHING, node.offer)) ?? Number.POSITIVE_INFINITY]),
  );
  return [...nodes].sort(
    (a, b) =>
      (used.get(a) ?? 0) - (used.get(b) ?? 0) ||
      a.node.createdAt - b.node.createdAt ||
      (a.node.name < b.node.name ? -1 : 1),
  );
}
