import { isDraining, markPatch } from "../../../shared/kubernetes/drain-mark.ts";
import { patchNode } from "../../../shared/kubernetes/node.ts";
import { Gate } from "../gate.ts";
import { inProcessApi } from "../kubernetes-api.ts";
import type { Scaler } from "../scale.ts";
import { MINUTE, TICK, type World, ZONES } from "../world.ts";
import type { AppCase, MinuteCase } from "./loop-case.ts";
import { resizeApp } from "./start-loop.ts";

/** What was done to the world from outside: the automations answer for the rest. */
export interface Outside {
  /** Nodes whose machine AWS took, or that were lost. */
  readonly lostNodes: Set<string>;
  /** Instances that joined no cluster, or were lost. */
  readonly lostInstances: Set<string>;
  /** Orders that are delivered later: minute and order. */
  readonly late: { readonly minute: number; readonly order: unknown }[];
}

/**
 * One minute: what happens, the ticks of both automations, orders and events; all at the same time, in any order.
 */
export async function live(
  world: World,
  scaler: Scaler,
  apps: readonly AppCase[],
  happens: MinuteCase,
  minute: number,
  outside: Outside,
  ticks: () => number,
): Promise<void> {
  disturb(world, apps, happens, outside);
  await world.clock.advance(0);
  const { runs, deliveries, mishaps } = happens;
  const gates = mishaps.map((each) => new Gate(each, ticks));
  const drains = [...ordersNow(scaler, happens, minute, outside, deliveries), ...world.takeEvents(), TICK];
  await Promise.all([
    ...Array.from({ length: runs }, (_, index) => scaler.run(TICK, gates[index])),
    ...drains.map((event, index) => world.drain(event, gates[2 + (index % 4)] ?? new Gate())),
  ]);
  await world.clock.advance(MINUTE);
}

/** The orders that arrive now, each as often as it is delivered. */
function ordersNow(
  scaler: Scaler,
  { lateOrders }: MinuteCase,
  minute: number,
  { late }: Outside,
  deliveries: number,
): unknown[] {
  const given = scaler.takeOrders();
  for (const order of lateOrders > 0 ? given : []) late.push({ minute: minute + lateOrders, order });
  const due = late.filter((each) => each.minute <= minute).map(({ order }) => order);
  const left = late.filter((each) => each.minute > minute);
  late.splice(0, late.length, ...left);
  return [...(lateOrders > 0 ? [] : given), ...due].flatMap((order) =>
    Array<unknown>(deliveries).fill(order),
  );
}

function disturb(world: World, apps: readonly AppCase[], happens: MinuteCase, outside: Outside): void {
  for (const [index, app] of apps.entries()) {
    const replicas = happens.replicas[index];
    if (replicas !== undefined) resizeApp(world, index, app, replicas);
  }
  for (const [index, zone] of ZONES.entries())
    world.machines.limit(zone, index === happens.exhausted ? 0 : undefined);
  world.cluster.settle();
  world.fateOf = (machine) => {
    if (!happens.neverJoin) return machine.startup ?? {};
    outside.lostInstances.add(machine.id);
    return "never";
  };
  loseNodes(world, happens, outside);
  if (happens.uncordon) uncordonFirst(world);
  if (happens.forged) forge(world, happens.forged);
}

function loseNodes(world: World, { interrupted, rebalanced, lost }: MinuteCase, outside: Outside): void {
  const nodes = world.nodes();
  const at = (place: number | undefined) => (place === undefined ? undefined : nodes[place]);
  const taken = at(interrupted);
  if (taken?.machine) {
    outside.lostNodes.add(taken.name);
    outside.lostInstances.add(taken.machine.instanceId);
    world.machines.interrupt(taken.machine.instanceId);
  }
  for (const place of rebalanced) {
    const node = at(place);
    if (node?.machine) world.machines.recommendRebalance(node.machine.instanceId);
  }
  const gone = at(lost?.node);
  if (!lost || !gone?.machine) return;
  outside.lostNodes.add(gone.name);
  outside.lostInstances.add(gone.machine.instanceId);
  if (lost.how === "object-gone") world.cluster.remove(gone.name);
  else world.cluster.silence(gone.name);
}

/** As `kubectl uncordon` does: our taint and annotation stay. */
function uncordonFirst(world: World): void {
  const { store } = world.cluster.state;
  const [node] = world.nodes().filter(isDraining);
  if (!node) return;
  const object = store.get("nodes", "", node.name);
  store.replace("nodes", { ...object, spec: { ...object.spec, unschedulable: false } });
  world.cluster.settle();
}

/** A mark as ours on one node that names the instance of another. */
function forge(world: World, { node: place, target }: NonNullable<MinuteCase["forged"]>): void {
  const nodes = world.nodes();
  const node = nodes[place];
  const instanceId = nodes[target]?.machine?.instanceId;
  if (!node || isDraining(node) || instanceId === undefined || place === target) return;
  const [nodePool = ""] = Object.keys(world.pools);
  const now = world.clock.now();
  const mark = { startedAt: now, cordonedAt: now, nodePool, cause: "scale-in" as const, instanceId };
  void patchNode(inProcessApi(world.cluster, new Gate()), node.name, markPatch(node, mark));
}
