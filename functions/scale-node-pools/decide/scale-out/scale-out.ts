import type { Pod } from "../../model/cluster.ts";
import type { CapacityChange, NodeRef } from "../../model/decision.ts";
import { count, percent, podsNamed } from "../../model/wording.ts";
import { maxChangeReason } from "../pool/max-change.ts";
import type { Member } from "../pool/members.ts";
import { nodesNeeded } from "../pool/nodes-needed.ts";
import { capacityOf, type PoolState } from "../pool/pool-state.ts";
import { loadOf, offerOfNode, offersOf, sumOf } from "../pool/requested.ts";
import { add, type Totals, utilisation, within } from "../pool/totals.ts";
import type { ClusterSnapshot, PodsByNode } from "../snapshot/cluster-snapshot.ts";
import { isLongPending } from "../snapshot/long-pending.ts";
import type { PodGroup } from "../snapshot/pod-groups.ts";
import { CapacityPlan } from "./capacity-plan.ts";
import { placePods } from "./place-pods.ts";
import { whyNoMore } from "./why-no-more.ts";

/** How a pool is to grow, and what was found on the way. */
export interface ScaleOutPlan {
  readonly uncordon: readonly NodeRef[];
  readonly orders: readonly CapacityChange[];
  /** Nodes added by orders. */
  readonly added: number;
  /** Why it grows. */
  readonly reasons: readonly string[];
  /** Why it grows no further, although it should. */
  readonly limits: readonly string[];
  /** Why none of it is done. */
  readonly refused: string | undefined;
  /** What all pods ask for that are in the pool or will be. */
  readonly load: Totals;
  readonly need: number | undefined;
  /** Unschedulable pods that were given a place in this pool. */
  readonly placed: number;
  /** Pods that would fit a node of this pool, and find none. */
  readonly left: number;
  /** Pods that should long have been bound to a node of this pool. */
  readonly inVain: readonly Pod[];
}

/** Unschedulable pods that have a place in a pool's present or coming nodes, by group. */
export type PlacedByGroup = ReadonlyMap<string, readonly Pod[]>;

/**
 * The pool's growth, all at once: room for every homeless pod that fits it, then room to bring the utilisation
 * down to the target, then up to min. Pods that get a place are taken out of `homeless`.
 */
export function planScaleOut(
  state: PoolState,
  scene: ClusterSnapshot,
  pods: PodsByNode,
  unplaced: readonly PodGroup[],
  settled: PlacedByGroup,
): ScaleOutPlan {
  const { pool, bounds, members, groups } = state;
  const { packing } = scene;
  const target = pool.policy.targetUtilisation;
  const growth = new CapacityPlan(state, packing, (node) => ({
    bin: scene.binOf(node),
    offer: offerOfNode(node, pods),
  }));

  const alreadyPlaced = groups.flatMap(({ group }) => settled.get(group.name) ?? []);
  let load = alreadyPlaced.reduce((sum, { shape }) => add(sum, shape.needs.requests), loadOf(members, pods));
  let capacity = sumOf(offersOf(state, pods));
  const present = capacity;
  const widen = (rooms: readonly { readonly offer: Parameters<typeof add>[1] }[]) => {
    for (const { offer } of rooms) capacity = add(capacity, offer);
  };

  const reasons: string[] = [];
  const limits: string[] = [];
  const placed = placePods(growth, packing, unplaced, scene, widen);
  for (const { shape, node } of placed) if (node === undefined) load = add(load, shape.needs.requests);
  if (placed.length > 0) {
    reasons.push(`${podsNamed(placed)} found no place on the nodes there are`);
  }

  const before = steps(growth);
  while (!within(load, capacity, target)) {
    const rooms = growth.makeRoom();
    if (rooms.length === 0) break;
    widen(rooms);
  }
  if (steps(growth) > before)
    reasons.push(`${asked({ load, capacity: present })}; the target is ${target} %`);
  if (!within(load, capacity, target)) {
    limits.push(
      `${asked({ load, capacity })} and the target is ${target} %: ${whyNoMore(state, growth.added)}`,
    );
  }

  const without = growth.sizeToBe;
  while (growth.sizeToBe < bounds.min && growth.makeRoom().length > 0);
  const minNow = `min is ${bounds.min}${bounds.window === undefined ? "" : ` (${bounds.window})`}`;
  if (growth.sizeToBe > without) reasons.push(`${count(without, "node")}, and ${minNow}`);
  if (growth.sizeToBe < bounds.min)
    limits.push(`${count(growth.sizeToBe, "node")}, and ${minNow}: ${whyNoMore(state, growth.added)}`);

  const left = unplaced
    .filter(({ shape, pods }) => pods.length > 0 && growth.wouldTake(shape))
    .flatMap((each) => each.pods);
  if (left.length > 0) limits.unshift(`${podsNamed(left)} keep waiting: ${whyNoMore(state, growth.added)}`);
  const unjudged = groups.every(({ template }) => !template) ? unplaced.flatMap(({ pods }) => pods) : [];
  if (unjudged.length > 0)
    limits.unshift(`${podsNamed(unjudged)} wait, perhaps for this pool: ${whyNoMore(state, growth.added)}`);

  const offers = offersOf(state, pods);
  const each = groups.find(({ template }) => template)?.template;
  return {
    uncordon: growth.uncordoned.flatMap(refOf),
    orders: growth.orders(),
    added: growth.added,
    reasons,
    limits,
    refused: maxChangeReason(growth.added, state),
    load,
    need: nodesNeeded(load, offers, each && capacityOf(each), target),
    placed: alreadyPlaced.length + placed.filter(({ node }) => node === undefined).length,
    left: left.length,
    inVain: alreadyPlaced.filter((pod) => isLongPending(pod, state.now)),
  };
}

const steps = (growth: CapacityPlan): number => growth.added + growth.uncordoned.length;

const asked = ({ load, capacity }: { load: Totals; capacity: Totals }): string =>
  `requests are ${percent(utilisation(load, capacity))} of what the nodes offer`;

const refOf = ({ node, instance }: Member): NodeRef[] =>
  node ? [{ node: node.name, instanceId: instance.id }] : [];
