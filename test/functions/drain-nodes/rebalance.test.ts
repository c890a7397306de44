import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Group } from "../../../sandbox/autoscaling/group.ts";
import { apartFrom, budget, deployment, TOLERATES_ALL } from "../../../sandbox/fixtures/seeds.ts";
import { isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Scaler } from "../../node-pools/scale.ts";
import { MINUTE, TICK, type World } from "../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import {
  evictions,
  instanceOf,
  newMemory,
  nodesOf,
  orderFor,
  resultsOf,
  running,
  twoPools,
} from "./a-pool.ts";

let db: LedgerTable;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

/** Minutes of both automations with the events of each; answers the fewest pods that ran, and the most drains at once. */
async function live(minutes: number): Promise<{ fewest: number; most: number }> {
  const scaler = new Scaler(world);
  let fewest = running(world);
  let most = 0;
  for (let minute = 0; minute < minutes; minute += 1) {
    await Promise.all(
      [...world.takeEvents(), ...scaler.takeOrders(), TICK].map((event) => world.drain(event)),
    );
    await scaler.run();
    const going = world.nodes().filter((node) => isDraining(node) && !readDrainMark(node)?.awaitsReplacement);
    most = Math.max(most, going.length);
    for (let step = 0; step < 6; step += 1) {
      await world.clock.advance(MINUTE / 6);
      fewest = Math.min(fewest, running(world));
    }
  }
  return { fewest, most };
}

describe("a storm of rebalance recommendations", () => {
  // The scaler's own plans would begin drains of their own.
  const policy = { disruptionBudgets: [{ nodes: 1 }], scaleInAfter: "10h" };
  const storm = () => {
    for (const node of nodesOf(world, "workers")) world.machines.recommendRebalance(instanceOf(node));
  };

  it("cordons all, and drains them one after the other once their replacements are there", async () => {
    world = await twoPools(await newMemory(db), { nodes: 6, pods: 24, policy, app: { milliCpu: 900 } });
    const before = running(world);
    storm();
    await world.clock.advance(0);
    const { fewest, most } = await live(14);
    expect(most).toBe(1);
    // One node's pods at most are on their way at any time.
    expect(fewest).toBeGreaterThanOrEqual(before - 2);
    expect(running(world)).toBe(before);
    expect(world.nodes().filter((node) => node.unschedulable || isDraining(node))).toEqual([]);
  });

  it("only cordons where the pool says so", async () => {
    const cordon = { ...policy, drain: { onRebalanceRecommendation: "cordon" } };
    world = await twoPools(await newMemory(db), { nodes: 2, pods: 4, policy: cordon });
    storm();
    await world.clock.advance(0);
    const cordoned = nodesOf(world, "workers").map(({ name }) => name);
    await live(8);
    expect(world.cluster.endings().filter(({ node }) => cordoned.includes(node))).toEqual([]);
    expect(nodesOf(world, "workers").filter(({ unschedulable }) => unschedulable)).toHaveLength(2);
  });
});

describe("a pod that tolerates every taint", () => {
  const everywhere = { podSpec: { tolerations: TOLERATES_ALL } };

  it("keeps its node from being drained for a scale-in: evicted, it may come back", async () => {
    world = await twoPools(await newMemory(db), { nodes: 1, pods: 4, app: everywhere });
    const [node] = nodesOf(world, "workers");
    if (!node) return expect.unreachable("no node");
    expect(await resultsOf(world, orderFor("workers", [node]))).toMatchObject([
      { outcome: "refused", reason: { text: expect.stringContaining("tolerates every taint") } },
    ]);
    expect(evictions(world)).toBe(0);
  });

  it("is evicted once where the policy says so, and the drain gives up when it has come back", async () => {
    const policy = { drain: { evictProtected: true } };
    world = await twoPools(await newMemory(db), { nodes: 1, pods: 4, app: everywhere, policy });
    const [node] = nodesOf(world, "workers");
    if (!node) return expect.unreachable("no node");
    const there = world
      .pods()
      .filter(({ nodeName, controller }) => nodeName === node.name && controller?.kind === "ReplicaSet");
    await world.drain(orderFor("workers", [node]));
    for (let minute = 0; minute < 5; minute += 1) {
      await world.clock.advance(MINUTE);
      await world.drain(TICK);
    }
    expect(evictions(world)).toBeLessThanOrEqual(there.length);
    expect(world.nodes().filter((each) => each.unschedulable)).toEqual([]);
  });

  it("goes with its instance at the deadline where AWS takes that anyway", async () => {
    world = await twoPools(await newMemory(db), { nodes: 1, pods: 4, app: everywhere });
    const [node] = nodesOf(world, "workers");
    if (!node) return expect.unreachable("no node");
    const there = world
      .pods()
      .filter(({ nodeName, controller }) => nodeName === node.name && controller?.kind === "ReplicaSet");
    world.machines.interrupt(instanceOf(node));
    await world.clock.advance(0);
    await live(3);
    expect(evictions(world)).toBeLessThanOrEqual(there.length);
  });
});

describe("a managed node group", () => {
  /** Two nodes with a pod each that its budget keeps. */
  async function given(): Promise<{ group: Group; node: Node }> {
    world = await twoPools(await newMemory(db), { nodes: 0, pods: 0 });
    const { workers } = world.pools;
    if (!workers) return expect.unreachable("no pool");
    const { autoScalingGroups: _, cluster: __, ...policy } = workers;
    world.pools = { managed: { ...policy, managedNodeGroup: { cluster: "main", name: "managed" } } };
    world.managedGroup("managed", { min: 0, max: 5, desired: 2 });
    await world.clock.advance(MINUTE);
    world.cluster.create(
      deployment("api", 2, { milliCpu: 500, podSpec: { affinity: apartFrom("api") } }),
      budget("api", 2),
    );
    await world.clock.advance(MINUTE);
    world.takeEvents();
    const { group } = world.eks.nodeGroups.get("main", "managed");
    return { group, node: nodesOf(world, group.name)[0] ?? expect.unreachable("no node") };
  }
  const stateOf = (node: Node) => world.autoScaling.groups.memberOf(instanceOf(node))?.member.state;
  const named = (name: string) => world.nodes().find((each) => each.name === name);

  it("is drained by EKS, whose hook is left to it", async () => {
    const { group } = await given();
    world.autoScaling.groups.setDesired(group.name, 1);
    await world.clock.advance(0);
    const [event] = world.takeEvents();
    const held = nodesOf(world, group.name).find((each) => stateOf(each) === "Terminating:Wait");
    if (!held) return expect.unreachable("nothing is held");
    const result = await world.drain(event);
    expect(result).toMatchObject({ nodes: [], ignored: [expect.stringContaining("EKS drains")] });
    await live(5);
    // Its budget keeps the pod: EKS waits a quarter of an hour, and so long the hook is not ours to complete.
    expect(stateOf(held)).toBe("Terminating:Wait");
    expect(nodesOf(world, group.name).filter(isDraining)).toEqual([]);
    // Another node for the pod that it loses, and no third.
    expect(group.desired).toBe(2);
    await live(12);
    expect(stateOf(held)).toBeUndefined();
    expect([group.desired, running(world)]).toEqual([2, 2]);
  });

  it("has a node that EKS began to drain while it was being drained: it is left to EKS, cordoned", async () => {
    const { node } = await given();
    await world.drain(orderFor("managed", [node]));
    world.autoScaling.groups.terminate(instanceOf(node), true);
    await live(2);
    expect(stateOf(node)).toBe("Terminating:Wait");
    expect(isDraining(named(node.name) ?? node)).toBe(false);
    // Longer than the soft deadline, at which a drain gives a node back.
    await live(10);
    expect(named(node.name)).toMatchObject({ unschedulable: true });
    await live(8);
    expect(named(node.name)).toBeUndefined();
    expect(world.notifications.filter(({ automation }) => automation === "drain-nodes")).toEqual([]);
  });

  it("has a node whose drain is given up in the moment that EKS begins: it is not uncordoned", async () => {
    const { node } = await given();
    await world.drain(orderFor("managed", [node]));
    await world.clock.advance(world.pools.managed?.drain.softDeadline ?? 0);
    const clients = world.clients.bind(world);
    world.clients = (gate) => ({
      ...clients(gate),
      clusters: async () => {
        const api = await clients(gate).clusters();
        const call: typeof api.call = (request) => {
          if (request.resource === "pods" && stateOf(node) === "InService")
            world.autoScaling.groups.terminate(instanceOf(node), true);
          return api.call(request);
        };
        return { ...api, call };
      },
    });
    expect(await resultsOf(world, TICK)).toMatchObject([
      { outcome: "gone", reason: { code: "terminating" } },
    ]);
    expect(named(node.name)).toMatchObject({ unschedulable: true });
    expect(world.notifications).toEqual([]);
  });

  it("replaces by itself what AWS recommends to replace", async () => {
    const { node } = await given();
    world.machines.recommendRebalance(instanceOf(node));
    await world.clock.advance(0);
    expect(await world.drain(world.takeEvents()[0])).toMatchObject({
      nodes: [],
      ignored: [expect.stringContaining("EKS replaces")],
    });
    await live(3);
    expect(named(node.name)).toMatchObject({ unschedulable: false });
  });
});
