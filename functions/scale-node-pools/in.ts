import { add, below, NOTHING, subtract, type Totals, utilisation, within } from "./amounts.ts";
import { type BudgetsOf, type Candidate, whyItStays } from "./candidate-rules.ts";
import type { NodeRef } from "./decision.ts";
import { allowance, notReadyLimit } from "./disruption.ts";
import { whyGroupStays } from "./group-rules.ts";
import { isLoad, offerOfNode, sumOf } from "./load.ts";
import { isOnItsWayOut } from "./members.ts";
import type { Pod } from "./model.ts";
import type { OutPlan } from "./out.ts";
import type { Bin } from "./packing/bin.ts";
import { type GroupState, type PoolState, sizeToBe, standingAt } from "./pool-state.ts";
import type { PodsByNode, Scene } from "./scene.ts";
import { count, list, minutes, percent, timeOf } from "./wording.ts";
import { ZoneSizes } from "./zones.ts";

/** Which nodes are to go, and why no more of them. */
export interface InPlan {
  readonly drain: readonly NodeRef[];
  readonly reasons: readonly string[];
  /** It should get smaller, and a rule of the policy forbids all of it. */
  readonly refused: boolean;
  /** Since when the utilisation has been low. */
  readonly lowSince: number | undefined;
}

/** How fast the pool is to get smaller. */
type Pace =
  /** It is over its max: down to that, whatever the utilisation. */
  | { readonly kind: "surplus"; readonly nodes: number }
  /** As many as the disruption budget allows. */
  | { readonly kind: "fast" }
  /** One at a time. */
  | { readonly kind: "slow" };

/**
 * The nodes to be emptied now: emptiest first, then oldest, from the largest zone, as long as every pod on them
 * has another place and the pool stays at or below its target.
 *
 * @param scene the nodes that are there, with everything that has been promised a place on them
 */
export function shrinkPool(
  state: PoolState,
  scene: Scene,
  pods: PodsByNode,
  out: OutPlan,
  budgetsOf: BudgetsOf,
): InPlan {
  const { policy, memory } = state.pool;
  const nodes = candidates(state, pods);
  const capacity = sumOf(nodes.map(({ offer }) => offer));
  const low = nodes.length > 0 && below(out.load, capacity, policy.removeSlowlyBelow);
  const lowSince = low ? (memory.lowSince ?? state.now) : undefined;
  const stay = (reasons: readonly string[], refused = false): InPlan => ({
    drain: [],
    reasons,
    refused,
    lowSince,
  });

  const surplus = sizeToBe(state) - state.bounds.max;
  if (surplus <= 0 && !low) return stay([settled(out.load, capacity, policy.targetUtilisation)]);
  if (surplus <= 0 && sizeToBe(state) <= state.bounds.min) return stay([`at its min of ${state.bounds.min}`]);
  const guard = GUARDS.map((rule) => rule(state, out)).find((why) => why !== undefined);
  if (guard !== undefined) return stay([guard]);
  if (surplus <= 0 && lowSince !== undefined && state.now - lowSince < policy.scaleInAfter) {
    return stay([
      `below ${policy.removeSlowlyBelow} % since ${timeOf(lowSince)}: nodes go after ${minutes(policy.scaleInAfter)} of that`,
    ]);
  }

  const allowed = allowance(state);
  if (allowed.nodes === 0) {
    const window = allowed.window === undefined ? "" : ` (${allowed.window})`;
    return stay([`the disruption budget${window} allows no node to go now`], true);
  }
  const chosen = new Choice(state, scene, nodes, capacity, out.load, budgetsOf).choose(
    surplus,
    allowed.nodes,
  );
  const { maxChange } = policy;
  if (chosen.nodes.length * 100 > maxChange * state.bounds.max && surplus <= 0) {
    return stay(
      [
        `refused: ${count(chosen.nodes.length, "node")} at once are more than maxChange, ${maxChange} % of the pool's max of ${state.bounds.max}`,
      ],
      true,
    );
  }
  return {
    drain: chosen.nodes.map(({ node, member }) => ({ node: node.name, instanceId: member.instance.id })),
    reasons: chosen.reasons,
    refused: false,
    lowSince,
  };
}

const settled = (load: Totals, capacity: Totals, target: number): string =>
  `requests are ${percent(utilisation(load, capacity))} of what the nodes offer; the target is ${target} %`;

/** Why no node goes now, whichever it would be; undefined when the rule lets one go. */
type Guard = (state: PoolState, out: OutPlan) => string | undefined;

const podsWait: Guard = (_state, { left }) =>
  left > 0 ? `${count(left, "pod")} wait for this pool: no node goes` : undefined;

const stillGrowing: Guard = ({ members, groups }) => {
  const ordered = groups.reduce(
    (sum, group) => sum + (group.passedOver === undefined ? group.ordered : 0),
    0,
  );
  const coming = standingAt({ members }, "joining").length + ordered;
  return coming > 0 ? `${count(coming, "node")} on the way: no node goes until they are there` : undefined;
};

const stillShrinking: Guard = ({ members }) => {
  const going = members.filter(isOnItsWayOut).length;
  return going > 0 ? `${count(going, "node")} of the last plan still being emptied` : undefined;
};

const grewLately: Guard = ({ pool, now }) => {
  const until = (pool.lastScaleOutAt ?? Number.NEGATIVE_INFINITY) + pool.policy.scaleInDelay;
  return now < until ? `the pool grew lately: no node goes before ${timeOf(until)}` : undefined;
};

const unwell: Guard = ({ pool, members, size }) => {
  const sick = standingAt({ members }, "notReady", "neverJoined");
  const limit = notReadyLimit(pool.policy, size);
  if (sick.length <= limit) return undefined;
  const names = list(sick.map(({ node, instance }) => node?.name ?? instance.id));
  return `${count(sick.length, "node")} not ready (${names}), more than ${limit}: no node goes until they are`;
};

const GUARDS: readonly Guard[] = [podsWait, stillGrowing, stillShrinking, grewLately, unwell];

function candidates({ members }: PoolState, pods: PodsByNode): Candidate[] {
  return standingAt({ members }, "schedulable").flatMap((member): Candidate[] => {
    const { node, zone = "" } = member;
    if (!node) return [];
    const own = pods.get(node.name) ?? [];
    const load = own.filter(isLoad).reduce((sum, { shape }) => add(sum, shape.requests), NOTHING);
    return [{ member, node, zone, pods: own, load, offer: offerOfNode(node, pods) }];
  });
}

/** One plan in the making: nodes are chosen one after the other, each against what the ones before it left. */
class Choice {
  readonly #state: PoolState;
  readonly #scene: Scene;
  readonly #budgetsOf: BudgetsOf;
  readonly #load: Totals;
  /** By zone, emptiest first; those that were asked are taken out. */
  readonly #waiting: Map<string, Candidate[]>;
  readonly #rank: ReadonlyMap<Candidate, number>;
  readonly #zones: ZoneSizes;
  readonly #groups: ReadonlyMap<string, GroupState>;
  /** Pods that were promised a place on a node, in this plan, by the node. */
  readonly #guests = new Map<Bin, Pod[]>();
  readonly #units = new Map<string, number>();
  readonly #chosen: Candidate[] = [];
  readonly #stays: string[] = [];
  #capacity: Totals;

  constructor(
    state: PoolState,
    scene: Scene,
    nodes: readonly Candidate[],
    capacity: Totals,
    load: Totals,
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
  ): { readonly nodes: readonly Candidate[]; readonly reasons: readonly string[] } {
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
    return { nodes: this.#chosen, reasons };
  }

  #pace(surplus: number): Pace | undefined {
    const { removeFastBelow, removeSlowlyBelow } = this.#state.pool.policy;
    if (this.#chosen.length < surplus) return { kind: "surplus", nodes: surplus };
    if (surplus > 0) return undefined;
    if (sizeToBe(this.#state) - this.#chosen.length <= this.#state.bounds.min) return undefined;
    if (below(this.#load, this.#capacity, removeFastBelow)) return { kind: "fast" };
    const slow = this.#chosen.length === 0 && below(this.#load, this.#capacity, removeSlowlyBelow);
    return slow ? { kind: "slow" } : undefined;
  }

  #why(pace: Pace, surplus: number): string {
    const { bounds, pool } = this.#state;
    if (pace.kind === "surplus") {
      const window = bounds.window === undefined ? "" : ` (${bounds.window})`;
      return `${count(surplus, "node")} more than the max of ${bounds.max}${window}`;
    }
    const { removeFastBelow, removeSlowlyBelow } = pool.policy;
    const now = settled(this.#load, this.#capacity, pool.policy.targetUtilisation);
    return pace.kind === "fast"
      ? `${now}; below ${removeFastBelow} % nodes go as fast as the disruption budget allows`
      : `${now}; below ${removeSlowlyBelow} % one node goes at a time`;
  }

  /** The next node that can go. One that can not is not asked again: from one choice to the next, room gets less. */
  #next(pace: Pace): Candidate | undefined {
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

  #whyNot(candidate: Candidate, pace: Pace): string | undefined {
    const { group, instance } = candidate.member;
    const target = this.#state.pool.policy.targetUtilisation;
    const left = subtract(this.#capacity, candidate.offer);
    if (pace.kind !== "surplus" && !within(this.#load, left, target)) {
      return `without it requests would be ${percent(utilisation(this.#load, left))}, above the target of ${target} %`;
    }
    const groupState = this.#groups.get(group.name);
    return (
      whyItStays(candidate, this.#budgetsOf) ??
      (groupState && whyGroupStays(groupState, this.#units.get(group.name) ?? 0, instance.units)) ??
      this.#moveItsPods(candidate)
    );
  }

  /** Gives every pod of the node another place, or none of them and says which one has none. */
  #moveItsPods({ node, pods }: Candidate): string | undefined {
    const { packing } = this.#scene;
    const bin = this.#scene.binOf(node);
    const moving = [
      ...pods.filter(({ role, terminating }) => role === "movable" && !terminating),
      ...(this.#guests.get(bin) ?? []),
    ];
    const places: { readonly pod: Pod; readonly bin: Bin }[] = [];
    let homeless: Pod | undefined;
    packing.attempt(() => {
      packing.leaveOut(bin);
      for (const pod of moving) packing.remove(pod.shape, bin);
      for (const pod of moving) {
        const place = packing.place(pod.shape);
        if (!place) {
          homeless = pod;
          return false;
        }
        places.push({ pod, bin: place });
      }
      return true;
    });
    if (homeless) return `pod ${homeless.id} has no other place`;
    for (const { pod, bin } of places) {
      const guests = this.#guests.get(bin);
      if (guests) guests.push(pod);
      else this.#guests.set(bin, [pod]);
    }
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
