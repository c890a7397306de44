import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { NodeResult } from "../../../functions/drain-nodes/model/drain.ts";
import { budget, daemonSet, deployment } from "../../../sandbox/fixtures/seeds.ts";
import {
  DRAIN_ANNOTATION,
  isDraining,
  markPatch,
  readDrainMark,
} from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { nodePools } from "../../../shared/node-pools/policy.ts";
import { Gate } from "../../node-pools/gate.ts";
import { MINUTE, TICK, World, ZONES } from "../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { patchAs } from "./a-pool.ts";

let db: LedgerTable;
/** The ledger of the last world. */
let table: string;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

const POOL = { cluster: "main", autoScalingGroups: ["workers"] };

/** A group of three nodes with an application of three pods, one on each. */
async function given(
  pool: object = {},
  { hook = false, minAvailable = 0, config = {} as object } = {},
): Promise<World> {
  table = await db.another();
  const ledger = createLedger(db.client, { table, leaseMs: 210_000, keepMs: 1e9 });
  world = new World({ workers: { ...POOL, ...pool }, ...config }, ledger, db.outbox);
  world.group("workers", ZONES[0] ?? "", { min: 0, max: 5, desired: 3 });
  if (hook) {
    world.autoScaling.groups.get("workers").hooks.set("drain", {
      name: "drain",
      transition: "autoscaling:EC2_INSTANCE_TERMINATING",
      heartbeatSeconds: 300,
      defaultResult: "ABANDON",
    });
  }
  await world.clock.advance(MINUTE);
  world.cluster.create(daemonSet("logs"), deployment("web", 3), budget("web", minAvailable));
  await world.clock.advance(10_000);
  return world;
}

const first = (): Node => world.nodes()[0] ?? expect.unreachable("no node");
const instanceOf = ({ machine }: Node): string => machine?.instanceId ?? "";
const order = (...nodes: Node[]) => ({
  nodePool: "workers",
  drain: nodes.map((node) => ({ node: node.name, instanceId: instanceOf(node) })),
  reason: "scale-in",
  plan: "plan-1",
});
const notice = (detailType: string, instanceId: string, at = world.clock.now()) => ({
  source: "aws.ec2",
  "detail-type": detailType,
  time: new Date(at).toISOString(),
  detail: { "instance-id": instanceId, "instance-action": "terminate" },
});
const SPOT = "EC2 Spot Instance Interruption Warning";
const REBALANCE = "EC2 Instance Rebalance Recommendation";

/** The results of a run that did not fail. */
async function drained(event: unknown): Promise<readonly NodeResult[]> {
  const result = await world.drain(event);
  return result instanceof Error ? expect.unreachable(String(result)) : result.nodes;
}
const ignored = async (event: unknown): Promise<readonly string[]> => {
  const result = await world.drain(event);
  return result instanceof Error ? expect.unreachable(String(result)) : result.ignored;
};
/** As a person would, past everything. */
function edit(node: Node, change: { taints?: object[]; annotations?: Record<string, string> }): void {
  const { store } = world.cluster.state;
  const object = store.get("nodes", "", node.name);
  store.replace("nodes", {
    ...object,
    metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...change.annotations } },
    spec: { ...object.spec, ...(change.taints && { taints: change.taints }) },
  });
}

/** AWS takes an instance out, and its event. */
async function shrink(): Promise<unknown> {
  const { groups } = world.autoScaling;
  groups.setDesired("workers", groups.get("workers").desired - 1);
  await world.clock.advance(0);
  return world.takeEvents().at(-1);
}

describe("an order", () => {
  it("cordons and marks the node, and evicts what may go", async () => {
    await given();
    const node = first();
    expect(await drained(order(node))).toMatchObject([{ node: node.name, outcome: "draining", evicted: 1 }]);
    expect(first().unschedulable).toBe(true);
    expect(readDrainMark(first())).toMatchObject({
      cause: "scale-in",
      plan: "plan-1",
      startedAt: world.clock.now(),
    });
  });

  it("that comes twice is one", async () => {
    await given();
    const node = first();
    await drained(order(node));
    const marked = first().resourceVersion;
    await drained(order(node));
    expect(first().resourceVersion).toBe(marked);
  });

  it("for a pool that is not in the config is an error that names those that are", async () => {
    await given();
    const failed = await world.drain({ ...order(first()), nodePool: "wrokers" });
    expect(failed).toBeInstanceOf(Misconfigured);
    expect(String(failed)).toContain('node pool "wrokers", the config has workers: nothing was started');
  });

  it("for a node that is on another instance by now is refused", async () => {
    await given();
    const [a, b] = world.nodes();
    if (!a || !b) return expect.unreachable();
    const mixed = { ...order(), drain: [{ node: a.name, instanceId: instanceOf(b) }] };
    expect(await drained(mixed)).toMatchObject([
      { outcome: "refused", reason: { text: expect.stringContaining("the plan says") } },
    ]);
    expect(world.nodes().filter(isDraining)).toEqual([]);
  });

  it("for a node with a pod that must not be moved is refused before the cordon, and notified once", async () => {
    await given();
    world.cluster.create(
      deployment("solo", 6, { annotations: { "karpenter.sh/do-not-disrupt": "true" }, milliCpu: 1 }),
    );
    await world.clock.advance(10_000);
    for (const _ of [1, 2]) {
      expect(await drained(order(first()))).toMatchObject([
        { outcome: "refused", reason: { text: expect.stringContaining("must not be moved") } },
      ]);
    }
    expect(world.nodes().some(({ unschedulable }) => unschedulable)).toBe(false);
    expect(world.notifications.map(({ headline }) => headline)).toEqual([
      `workers: node ${first().name} must not be drained`,
    ]);
  });

  it("for one node that fails does not stop the others", async () => {
    await given();
    const [a, b] = world.nodes();
    if (!a || !b) return expect.unreachable();
    const gone = { ...order(a, b), drain: [{ node: "node-that-was", instanceId: "i-0" }, ...order(b).drain] };
    expect(await drained(gone)).toMatchObject([
      { outcome: "refused" },
      { node: b.name, outcome: "draining" },
    ]);
  });

  it("does nothing in mode observe but say what it would do", async () => {
    await given({ mode: "observe" });
    expect(await drained(order(first()))).toMatchObject([{ outcome: "observed" }]);
    expect(first().unschedulable).toBe(false);
  });

  it("leaves a node alone for a while whose drain was cancelled", async () => {
    await given({ drain: { softDeadline: "5m" } }, { minAvailable: 3 });
    const node = first();
    await drained(order(node));
    await world.clock.advance(5 * MINUTE);
    expect(await drained(TICK)).toMatchObject([
      {
        outcome: "cancelled",
        blockers: [{ reason: { text: expect.stringContaining("The disruption budget web needs 3") } }],
      },
    ]);
    expect(await drained(order(node))).toMatchObject([
      { outcome: "refused", reason: { text: expect.stringContaining("a short while ago") } },
    ]);
    await world.clock.advance(5 * MINUTE);
    expect(await drained(order(node))).toMatchObject([{ outcome: "draining" }]);
  });
});

describe("a deadline that passes between two runs", () => {
  const blockersOf = async (event: unknown) =>
    (await drained(event)).flatMap(({ blockers }) => blockers.map(({ reason }) => reason));
  const second = () => world.cluster.create({ ...budget("web", 0), metadata: { name: "zone" } });
  const without = () => world.cluster.state.store.remove("poddisruptionbudgets", "default", "web");

  it.each([
    ["the budget's own words", () => {}, "disruption-budget", /disruption budget web needs 3 healthy/],
    ["two budgets", second, "overlapping-budgets", /more than one PodDisruptionBudget/],
    ["no budget that would forbid it now", without, "not-evicted", /would be accepted now/],
  ])("is reported with %s, and evicts nothing more", async (_, change, code, text) => {
    await given({ drain: { softDeadline: "5m" } }, { minAvailable: 3 });
    await drained(order(first()));
    await world.clock.advance(5 * MINUTE);
    change();
    expect(await blockersOf(TICK)).toEqual([{ code, text: expect.stringMatching(text) }]);
    expect(world.cluster.endings()).toEqual([]);
    expect(world.notifications.at(-1)?.resourceMetrics[0]?.value).toMatch(text);
  });

  it("is the hard one of a hook: the pods that die with their instance are named with their budget", async () => {
    await given({ drain: { softDeadline: "2m", hardDeadline: "4m" } }, { hook: true, minAvailable: 3 });
    await drained(await shrink());
    await world.clock.advance(4 * MINUTE);
    expect(await blockersOf(TICK)).toMatchObject([{ code: "disruption-budget" }]);
  });

  it("does not wait for an API server that does not answer", async () => {
    await given({ drain: { softDeadline: "5m" } }, { minAvailable: 3 });
    await drained(order(first()));
    await world.clock.advance(5 * MINUTE);
    const clients = world.clients.bind(world);
    world.clients = (gate) => ({
      ...clients(gate),
      clusters: async () => {
        const api = await clients(gate).clusters();
        const call: typeof api.call = (request) =>
          request.resource === "pods/eviction"
            ? Promise.reject(new RetryLater("no answer"))
            : api.call(request);
        return { ...api, call };
      },
    });
    expect(await blockersOf(TICK)).toMatchObject([{ code: "not-evicted", text: "not evicted in time" }]);
  });
});

describe("a node at its end", () => {
  it("is cancelled when its group has to keep it", async () => {
    await given();
    const node = first();
    await drained(order(node));
    world.autoScaling.groups.resize("workers", { min: 3 });
    await world.clock.advance(MINUTE);
    expect(await drained(TICK)).toMatchObject([
      { outcome: "cancelled", reason: { text: expect.stringContaining("below its minimum of 3") } },
    ]);
    expect(first().unschedulable).toBe(false);
    expect(world.notifications.at(-1)?.headline).toContain("could not be drained and stays");
  });

  it("is cancelled when its instance is protected meanwhile", async () => {
    await given();
    const node = first();
    await drained(order(node));
    const member = world.autoScaling.groups.memberOf(instanceOf(node))?.member;
    if (!member) return expect.unreachable();
    member.protectedFromScaleIn = true;
    await world.clock.advance(MINUTE);
    expect(await drained(TICK)).toMatchObject([{ outcome: "cancelled" }]);
  });

  it("is written down in the ledger with intent and outcome", async () => {
    await given();
    const node = first();
    await drained(order(node));
    await world.clock.advance(MINUTE);
    expect(await drained(TICK)).toMatchObject([
      { outcome: "finished", reason: { text: expect.stringContaining("desired 3 -> 2") } },
    ]);
    const ledger = createLedger(db.client, { table, leaseMs: 1, keepMs: 1e9 });
    const { entries } = await ledger.history("node-pool/workers/drains", 0);
    expect(entries).toMatchObject([
      {
        intent: {
          automation: "drain-nodes",
          direction: "in",
          from: 3,
          to: 2,
          evidence: { instanceId: instanceOf(node) },
        },
        outcome: { result: "applied" },
      },
      {
        intent: { action: "mark nodes", direction: "none", from: 3, to: 2, evidence: { nodes: node.name } },
        outcome: { result: "applied" },
      },
    ]);
  });
});

describe("a lifecycle hook", () => {
  it("of an instance without a node is completed at once", async () => {
    await given({}, { hook: true });
    const event = await shrink();
    const held = [...world.autoScaling.groups.get("workers").members.values()].find(
      ({ state }) => state === "Terminating:Wait",
    );
    world.cluster.remove(held?.machine.privateDnsName ?? "");
    expect(await drained(event)).toMatchObject([
      { outcome: "finished", reason: { text: expect.stringContaining("has no node in the cluster") } },
    ]);
    expect(held?.state).toBe("Terminating:Proceed");
  });

  it("that holds nothing back leaves the node alone: the event may be late, or made up", async () => {
    await given({}, { hook: true });
    const node = first();
    const event = {
      source: "aws.autoscaling",
      "detail-type": "EC2 Instance-terminate Lifecycle Action",
      time: new Date(world.clock.now()).toISOString(),
      detail: {
        AutoScalingGroupName: "workers",
        LifecycleHookName: "drain",
        LifecycleActionToken: "71514b9d-6a40-4b26-8523-05e7ee35fa40",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
        EC2InstanceId: instanceOf(node),
      },
    };
    expect(await ignored(event)).toEqual([expect.stringContaining("does not hold instance")]);
    expect(world.nodes().some((each) => each.unschedulable || isDraining(each))).toBe(false);
  });

  it("of a group in no pool is somebody else's", async () => {
    await given({ autoScalingGroups: ["others"] }, { hook: true });
    const event = await shrink();
    expect(await ignored(event)).toEqual([expect.stringContaining("is in no node pool of the config")]);
    const states = [...world.autoScaling.groups.get("workers").members.values()].map(({ state }) => state);
    expect(states).toContain("Terminating:Wait");
  });

  it("of a node that the scaler empties takes the drain over, and completes the hook", async () => {
    await given({}, { hook: true });
    const event = await shrink();
    const node =
      world.nodes().find((each) => instanceOf(each) === Object(event).detail.EC2InstanceId) ??
      expect.unreachable();
    edit(node, {
      taints: [{ key: "reflex/draining", value: String(world.clock.now() / 1000), effect: "NoSchedule" }],
      annotations: {
        [DRAIN_ANNOTATION]: JSON.stringify({
          nodePool: "workers",
          cause: "scale-in",
          instanceId: instanceOf(node),
          cordonedUnixSeconds: world.clock.now() / 1000,
        }),
      },
    });
    await drained(event);
    expect(readDrainMark(world.nodes().find(({ name }) => name === node.name) ?? node)).toMatchObject({
      cause: "lifecycle-hook",
    });
    await world.clock.advance(MINUTE);
    expect(await drained(TICK)).toMatchObject([
      { outcome: "finished", reason: { text: expect.stringContaining("lifecycle hook drain completed") } },
    ]);
  });

  it("that is over by the time it is looked at leaves nothing to do", async () => {
    await given({}, { hook: true, minAvailable: 3 });
    const event = await shrink();
    await drained(event);
    // Nobody beats for five minutes: AWS lets the instance go by itself.
    await world.clock.advance(5 * MINUTE - 1);
    const group = world.autoScaling.groups.get("workers");
    const held = [...group.members.values()].find(({ state }) => state === "Terminating:Wait");
    world.autoScaling.groups.complete("workers", "drain", { instanceId: held?.machine.id }, "CONTINUE");
    expect(await drained(TICK)).toMatchObject([
      {
        outcome: "gone",
        reason: { text: expect.stringMatching(/hook drain has ended with 1 pod still there/) },
      },
    ]);
  });

  it("deletes the pods at the hard deadline where the pool says so", async () => {
    await given(
      { drain: { softDeadline: "2m", hardDeadline: "4m", atHardDeadline: "delete" } },
      { hook: true, minAvailable: 3 },
    );
    await drained(await shrink());
    for (let minute = 0; minute < 5; minute += 1) {
      await world.clock.advance(MINUTE);
      await drained(TICK);
    }
    expect(world.cluster.endings().map(({ how }) => how)).toEqual(["deleted"]);
    expect(
      [...world.autoScaling.groups.get("workers").members.values()].map(({ state }) => state),
    ).not.toContain("Terminating:Wait");
  });
});

describe("a notice about a Spot instance", () => {
  it("takes a scale-in over, as it leaves less time", async () => {
    await given({}, { minAvailable: 3 });
    const node = first();
    await drained(order(node));
    await world.clock.advance(MINUTE);
    await drained(notice(SPOT, instanceOf(node)));
    expect(readDrainMark(first())).toMatchObject({
      cause: "spot-interruption",
      startedAt: world.clock.now(),
    });
  });

  it("does not give way to one that leaves more", async () => {
    await given({}, { minAvailable: 3 });
    const node = first();
    await drained(notice(SPOT, instanceOf(node)));
    await drained(notice(REBALANCE, instanceOf(node)));
    expect(readDrainMark(first())?.cause).toBe("spot-interruption");
  });

  it("that comes twice does not begin anew", async () => {
    await given({}, { minAvailable: 3 });
    const node = first();
    const at = world.clock.now();
    await drained(notice(SPOT, instanceOf(node), at));
    await world.clock.advance(30_000);
    await drained(notice(SPOT, instanceOf(node), at));
    expect(readDrainMark(first())?.startedAt).toBe(at);
  });

  it("is ignored when it is a recommendation and the pool says so", async () => {
    await given({ drain: { onRebalanceRecommendation: "ignore" } });
    expect(await ignored(notice(REBALANCE, instanceOf(first())))).toEqual([
      "node pool workers ignores rebalance recommendations",
    ]);
  });

  it("about an instance of nobody's is none of our business", async () => {
    await given();
    expect(await ignored(notice(SPOT, "i-0123"))).toEqual([
      "instance i-0123 is in no node pool of the config",
    ]);
  });
});

describe("the sweep", () => {
  it("releases a node whose pool is no longer in the config", async () => {
    await given({}, { minAvailable: 3 });
    await drained(order(first()));
    const { workers } = world.pools;
    world.pools = { ...(workers && { others: { ...workers, autoScalingGroups: ["others"] } }) };
    expect(await drained(TICK)).toMatchObject([
      { outcome: "cancelled", reason: { text: expect.stringContaining("no longer in the config") } },
    ]);
    expect(first().unschedulable).toBe(false);
  });

  it("releases a node whose mark somebody made unreadable", async () => {
    await given({}, { minAvailable: 3 });
    await drained(order(first()));
    edit(first(), { annotations: { [DRAIN_ANNOTATION]: "{" } });
    expect(await drained(TICK)).toMatchObject([
      { outcome: "cancelled", reason: { text: expect.stringContaining("cannot be read") } },
    ]);
    expect(world.nodes().filter(isDraining)).toEqual([]);
  });

  it("releases a node that is back in service after its end", async () => {
    await given();
    const node = first();
    const since = Math.floor(world.clock.now() / 1000);
    const mark = {
      nodePool: "workers",
      cause: "lifecycle-hook",
      instanceId: instanceOf(node),
      cordonedUnixSeconds: since,
      endedUnixSeconds: since,
    };
    const { store } = world.cluster.state;
    const object = store.get("nodes", "", node.name);
    store.replace("nodes", {
      ...object,
      metadata: { ...object.metadata, annotations: { [DRAIN_ANNOTATION]: JSON.stringify(mark) } },
      spec: {
        ...object.spec,
        unschedulable: true,
        taints: [{ key: "reflex/draining", value: String(since), effect: "NoSchedule" }],
      },
    });
    await world.clock.advance(9 * MINUTE);
    expect(await drained(TICK)).toEqual([]);
    await world.clock.advance(MINUTE);
    expect(await drained(TICK)).toMatchObject([
      { outcome: "cancelled", reason: { text: expect.stringContaining("back in service") } },
    ]);
    expect(first().unschedulable).toBe(false);
  });

  it("leaves a node alone that somebody else has cordoned", async () => {
    await given();
    const { store } = world.cluster.state;
    const object = store.get("nodes", "", first().name);
    store.replace("nodes", { ...object, spec: { ...object.spec, unschedulable: true } });
    expect(await drained(TICK)).toEqual([]);
    expect(first().unschedulable).toBe(true);
  });

  it("by hand is about one pool, which has to be there", async () => {
    await given(
      {},
      { minAvailable: 3, config: { others: { cluster: "main", autoScalingGroups: ["others"] } } },
    );
    await drained(order(first()));
    expect(await drained({ nodePool: "workers" })).toHaveLength(1);
    expect(await drained({ nodePool: "others" })).toEqual([]);
    expect(await world.drain({ nodePool: "nobody" })).toBeInstanceOf(Misconfigured);
  });
});

describe("nodes of a Spot Fleet", () => {
  /** Four empty nodes that count for two units each. */
  async function fleet() {
    table = await db.another();
    const ledger = createLedger(db.client, { table, leaseMs: 210_000, keepMs: 1e9 });
    world = new World({}, ledger, db.outbox);
    const made = world.ec2.fleets.create({
      target: 8,
      pools: [{ instanceType: "m5.xlarge", zone: "us-east-1a", weight: 2 }],
      launch: { cluster: "main" },
    });
    world.pools = nodePools.parse({
      workers: { cluster: "main", spotFleet: made.id, max: 4, disruptionBudgets: [{ nodes: 3 }] },
    });
    await world.clock.advance(MINUTE);
    return made;
  }

  it("that are emptied together lower the target together", async () => {
    const made = await fleet();
    const going = world.nodes().slice(0, 3);
    expect(await drained(order(...going))).toMatchObject([
      { outcome: "finished", reason: { text: expect.stringContaining("8 -> 6 units") } },
      { outcome: "finished", reason: { text: expect.stringContaining("6 -> 4 units") } },
      { outcome: "finished", reason: { text: expect.stringContaining("4 -> 2 units") } },
    ]);
    await world.clock.advance(2 * MINUTE);
    expect(made.target).toBe(2);
    expect(world.nodes()).toHaveLength(1);
  });

  it("lower it by one node each when two runs end them at the same time", async () => {
    const made = await fleet();
    const [one, other] = world.nodes();
    if (!one || !other) return expect.unreachable("no nodes");
    const now = world.clock.now();
    const mark = { startedAt: now, cordonedAt: now, nodePool: "workers", cause: "scale-in" as const };
    for (const node of [one, other])
      await patchAs(world, node, markPatch(node, { ...mark, instanceId: instanceOf(node) }));
    await Promise.all([world.drain(TICK), world.drain(TICK)]);
    await world.drain(TICK);
    await world.clock.advance(2 * MINUTE);
    expect(made.target).toBe(4);
    expect(world.nodes()).toHaveLength(2);
  });

  it("lower it once, whichever call of a run it died after", async () => {
    await fleet();
    const calls = new Gate();
    await world.drain(order(first()), calls);
    world.stop();
    for (let call = 0; call < calls.calls.length; call += 1) {
      const made = await fleet();
      await world.drain(order(first()), new Gate({ call, kind: "crash-after" }));
      const marked = world.nodes().some(isDraining);
      for (let minute = 0; minute < 6; minute += 1) {
        await world.clock.advance(MINUTE);
        await world.drain(TICK);
      }
      const left = marked ? 3 : 4;
      expect(made.target, `died after ${calls.calls[call]}`).toBe(2 * left);
      expect(world.nodes()).toHaveLength(left);
      world.stop();
    }
  });
});
