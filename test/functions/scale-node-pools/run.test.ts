import { readFileSync } from "node:fs";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { scaleNodePools } from "../../../functions/scale-node-pools/scale-node-pools.ts";
import { daemonSet, deployment } from "../../../sandbox/fixtures/seeds.ts";
import { answerRequest } from "../../../shared/approvals/answer-request.ts";
import { createRequestStore } from "../../../shared/approvals/store.ts";
import { isDraining, markPatch } from "../../../shared/kubernetes/drain-mark.ts";
import { patchNode } from "../../../shared/kubernetes/node.ts";
import { Blocked } from "../../../shared/lambda/errors.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { Gate } from "../../node-pools/gate.ts";
import { inProcessApi } from "../../node-pools/kubernetes-api.ts";
import { aRun } from "../../node-pools/run.ts";
import { Scaler } from "../../node-pools/scale.ts";
import { MINUTE, TICK, World, ZONES } from "../../node-pools/world.ts";
import { type LedgerTable, pauseIn, startLedgerTable } from "../../shared/ledger/table.ts";

const LEASE_MS = 90_000;
const ANNA = "arn:aws:sts::123456789012:assumed-role/admin/anna";

let db: LedgerTable;
let ledger: Ledger;
let world: World;
let pools = 0;

beforeAll(async () => {
  db = await startLedgerTable();
  ledger = createLedger(db.client, { table: db.table, leaseMs: LEASE_MS, keepMs: 1e9 });
});
afterAll(() => db.stop());
beforeEach(() => {
  // The table outlives a test: each has a pool of its own name in it.
  pools += 1;
});
afterEach(() => world.stop());

const poolName = () => `workers-${pools}`;

/** A pool of one group for each zone, with one node in each. */
async function zonal(raw: Record<string, unknown> = {}, desired = 1): Promise<Scaler> {
  world = new World(
    { [poolName()]: { cluster: "main", autoScalingGroups: ZONES, ...raw } },
    ledger,
    db.outbox,
  );
  for (const zone of ZONES) world.group(zone, zone, { min: 0, max: 10, desired });
  await world.clock.advance(2 * MINUTE);
  return new Scaler(world);
}

/** A number of pods of 400 thousandths of a core; a node has 1,930. */
async function load(pods: number): Promise<void> {
  world.cluster.create(deployment("web", pods, { milliCpu: 400 }));
  await world.clock.advance(10_000);
}

const desired = () => world.autoScaling.groups.all().map(({ desired }) => desired);
const pending = () => world.pods().filter(({ nodeName }) => nodeName === undefined).length;

describe("a burst of pending pods", () => {
  test("is ordered in one run, balanced over the zones, and notified once", async () => {
    const scaler = await zonal();
    await load(40);
    const result = await scaler.run();
    expect(result).toMatchObject({
      pools: [
        { verdict: "scale-out", trigger: "schedule", action: expect.stringContaining("us-east-1a 1 -> 4") },
      ],
    });
    expect(desired()).toEqual([4, 4, 4]);
    expect(world.notifications).toMatchObject([
      { headline: `${poolName()}: 3 -> 12 nodes (scale-out)`, done: { from: 3, to: 12, unit: "nodes" } },
    ]);
    await world.clock.advance(2 * MINUTE);
    expect(pending()).toBe(0);
    expect(await scaler.run()).toMatchObject({ pools: [{ verdict: "hold" }] });
    expect(world.notifications).toHaveLength(1);
  });

  test("is written to the ledger: intent, outcome, when it grew", async () => {
    const scaler = await zonal();
    await load(40);
    await scaler.run();
    const history = await ledger.history(`node-pool/${poolName()}`, 0);
    expect(history).toMatchObject({ lastScaleOut: world.clock.now() });
    expect(history.entries).toMatchObject([
      {
        intent: { action: "autoscaling:SetDesiredCapacity", direction: "out", from: 3, to: 12 },
        outcome: { result: "applied" },
      },
    ]);
  });

  test("during a pause is decided on and notified, nothing is ordered, and the next run after it orders", async () => {
    const scaler = await zonal();
    const until = world.clock.now() + 5 * MINUTE;
    await pauseIn(db.client, db.table, `node-pool/${poolName()}`, { until });
    await load(40);
    expect(await scaler.run()).toMatchObject({ pools: [{ verdict: "scale-out", action: "none" }] });
    expect(desired()).toEqual([1, 1, 1]);
    expect(world.notifications.map(({ headline }) => headline)).toEqual([
      expect.stringMatching(
        /: 3 -> 12 nodes \(scale-out\) is not done: node-pool\/\S+ is paused until .* by anna: a deploy$/,
      ),
    ]);
    const { lastDecision } = await ledger.history(`node-pool/${poolName()}`, 0);
    expect(lastDecision).toMatchObject({ verdict: "scale-out", held: "paused" });
    await world.clock.advance(5 * MINUTE);
    await scaler.run();
    expect(desired()).toEqual([4, 4, 4]);
  });

  test.each([
    ["the alarm's change of state", -40_000, 40_000],
    ["its own begin, where the alarm's clock is ahead", 5_000, 0],
  ])("is measured from %s", async (_, alarmOffsetMs, latencyMs) => {
    const scaler = await zonal();
    await load(40);
    const alarm = JSON.parse(readFileSync("events/scale-node-pools-alarm-direct.json", "utf8"));
    alarm.alarmData.state.timestamp = new Date(world.clock.now() + alarmOffsetMs).toISOString();
    const recorded: unknown[] = [];
    const run = aRun("scale-node-pools", world.clock);
    const metrics = {
      ...run.metrics,
      record: (name: string, _unit: unknown, value: number) => void recorded.push([name, value]),
    };
    await scaleNodePools(alarm, { ...run, metrics }, scaler.deps(new Gate()));
    expect(recorded).toContainEqual(["DecisionLatency", latencyMs]);
  });

  test("under mode ask waits for a person: nothing is ordered until it is approved, then all of it, once", async () => {
    const requests = createRequestStore(db.client, db.table);
    await zonal({ mode: "ask" });
    const scaler = new Scaler(world, requests);
    await load(40);
    expect(await scaler.run()).toMatchObject({ pools: [{ verdict: "scale-out", action: "none" }] });
    await world.clock.advance(MINUTE);
    await scaler.run();
    expect(desired()).toEqual([1, 1, 1]);
    const [asked, ...others] = world.notifications;
    expect(others).toEqual([]);
    expect(asked).toMatchObject({
      severity: "critical",
      headline: expect.stringMatching(
        /: asks to approve 3 -> 12 nodes \(us-east-1a 1 -> 4; us-east-1b 1 -> 4; us-east-1c 1 -> 4\) until /,
      ),
    });
    const id = asked?.approval?.id ?? "";
    await answerRequest(id, { said: "approved", by: ANNA, at: world.clock.now() }, requests);
    expect(await scaler.run()).toMatchObject({ pools: [{ verdict: "scale-out" }] });
    expect(desired()).toEqual([4, 4, 4]);
    const [{ intent } = { intent: undefined }] = (await ledger.history(`node-pool/${poolName()}`, 0)).entries;
    expect(intent?.approval).toMatchObject({ id, by: ANNA });
    await world.clock.advance(3 * MINUTE);
    await scaler.run();
    expect(desired()).toEqual([4, 4, 4]);
  });

  test("of 1,000 pods takes at most five rounds to the calls that order the nodes", async () => {
    const scaler = await zonal();
    for (const { name } of world.autoScaling.groups.all()) world.autoScaling.groups.get(name).max = 500;
    await load(1_000);
    const rounds = new Rounds();
    const deps = scaler.deps(rounds);
    // The address of the cluster is one call more, in a process that has just started.
    const clusters = async () =>
      rounds.pass("eks:DescribeCluster", () => inProcessApi(world.cluster, rounds));
    await scaleNodePools(TICK, aRun("scale-node-pools", world.clock), { ...deps, clusters });
    expect(pending()).toBeGreaterThan(980);
    const ordered = rounds.roundOf("autoscaling:SetDesiredCapacity");
    expect(ordered).toHaveLength(3);
    expect(new Set(ordered)).toEqual(new Set([5]));
  });
});

/** Lets calls through in rounds: those that wait for no other go together. */
class Rounds extends Gate {
  readonly #rounds: string[][] = [];
  #waiting: (() => void)[] = [];
  #round: string[] = [];

  override async pass<T>(name: string, call: () => T | Promise<T>): Promise<T> {
    this.#round.push(name);
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
      if (this.#waiting.length === 1) void this.#open();
    });
    return super.pass(name, call);
  }

  /** Opens the gate when nothing happens any more but waiting for it. */
  async #open(): Promise<void> {
    for (let idle = 0, before = 0; idle < 20; idle += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#waiting.length !== before) idle = 0;
      before = this.#waiting.length;
    }
    this.#rounds.push(this.#round);
    this.#round = [];
    for (const go of this.#waiting.splice(0)) go();
  }

  /** The rounds, from 1, in which a call was made. */
  roundOf(name: string): number[] {
    return this.#rounds.flatMap((round, index) =>
      round.flatMap((each) => (each === name ? [index + 1] : [])),
    );
  }
}

describe("a run that dies", () => {
  test("after any of its calls is made up for by the next ones: the pool comes to the same size", async () => {
    const scaler = await zonal();
    await load(40);
    const whole = new Gate();
    await scaler.run(TICK, whole);
    expect(desired()).toEqual([4, 4, 4]);
    world.stop();
    for (let call = 0; call < whole.calls.length; call += 1) {
      pools += 1;
      const another = await zonal();
      await load(40);
      await another.run(TICK, new Gate({ call, kind: "crash-after" }));
      // The dead run's lease has to run out first.
      for (let minute = 0; minute < 4; minute += 1) {
        await world.clock.advance(MINUTE);
        await another.run();
      }
      expect(desired(), `died after ${whole.calls[call]}`).toEqual([4, 4, 4]);
      expect(pending()).toBe(0);
      world.stop();
    }
  }, 60_000);

  test("without an outcome has one written by a later run, off what the pool shows", async () => {
    const scaler = await zonal();
    await load(40);
    await scaler.run(TICK, new Gate({ call: 17, kind: "crash-after" }));
    await world.clock.advance(3 * MINUTE);
    await scaler.run();
    const { entries, pending } = await ledger.history(`node-pool/${poolName()}`, 0);
    expect(pending).toBeUndefined();
    expect(entries.map(({ outcome }) => outcome.result)).toEqual(["applied"]);
  });
});

test("two runs at once order once", async () => {
  const scaler = await zonal();
  await load(40);
  const results = await Promise.all([scaler.run(), scaler.run()]);
  expect(desired()).toEqual([4, 4, 4]);
  expect(world.notifications).toHaveLength(1);
  expect(results).toContainEqual(
    expect.objectContaining({ pools: [], later: [expect.stringContaining("another run is acting")] }),
  );
});

test("a run whose calls are answered only after another run orders nothing a second time, whichever call is late", async () => {
  const scaler = await zonal();
  await load(40);
  const calls = new Gate();
  await scaler.run(TICK, calls);
  world.stop();
  for (let call = 0; call < calls.calls.length; call += 1) {
    pools += 1;
    const another = await zonal();
    await load(40);
    const first = another.run();
    await Promise.all([first, another.run(TICK, new LateCall(call, first))]);
    const { entries } = await ledger.history(`node-pool/${poolName()}`, 0);
    expect(entries, `with ${calls.calls[call]} late`).toHaveLength(1);
    expect(world.notifications).toHaveLength(1);
    expect(desired()).toEqual([4, 4, 4]);
    world.stop();
  }
}, 60_000);

/** Holds one call of a run back. */
class LateCall extends Gate {
  readonly #call: number;
  readonly #until: Promise<unknown>;
  #passed = 0;

  /** @param call 0 is the first */
  constructor(call: number, until: Promise<unknown>) {
    super();
    this.#call = call;
    this.#until = until;
  }

  override async pass<T>(name: string, call: () => T | Promise<T>): Promise<T> {
    const isLate = this.#passed === this.#call;
    this.#passed += 1;
    if (isLate) await this.#until;
    return super.pass(name, call);
  }
}

describe("a pool that is too large", () => {
  const eager = { scaleInAfter: "1m", scaleInDelay: "1m", disruptionBudgets: [{ nodes: 2 }], min: 1 };

  test("has its nodes handed to drain-nodes; no desired size is lowered", async () => {
    const scaler = await zonal(eager, 2);
    world.cluster.create(daemonSet("logs"));
    await scaler.run();
    expect(scaler.takeOrders()).toEqual([]);
    await world.clock.advance(MINUTE);
    expect(await scaler.run()).toMatchObject({ pools: [{ verdict: "scale-in" }] });
    expect(desired()).toEqual([2, 2, 2]);
    const [order] = scaler.takeOrders();
    expect(order).toMatchObject({ nodePool: poolName(), reason: "scale-in", plan: expect.any(String) });
    expect(order).toHaveProperty("drain.length", 2);
  });

  test("shrinks node by node with drain-nodes to its min, and rests there", async () => {
    const scaler = await zonal(eager, 2);
    for (let minute = 0; minute < 20; minute += 1) {
      await scaler.run();
      await Promise.all([...scaler.takeOrders(), TICK].map((event) => world.drain(event)));
      await world.clock.advance(MINUTE);
    }
    expect(desired().reduce((sum, size) => sum + size)).toBe(1);
    expect(await scaler.run()).toMatchObject({
      pools: [{ verdict: "hold", reasons: [{ code: "at-min", text: "at its min of 1" }] }],
    });
  });

  test("takes back a drain that is under way when the pods come back, before it buys", async () => {
    const scaler = await zonal(eager, 2);
    const api = inProcessApi(world.cluster, new Gate());
    const [node] = world.nodes();
    if (!node?.machine) throw new Error("no node");
    const mark = {
      startedAt: world.clock.now(),
      cordonedAt: world.clock.now(),
      nodePool: poolName(),
      cause: "scale-in" as const,
      instanceId: node.machine.instanceId,
    };
    await patchNode(api, node.name, markPatch(node, mark));
    await load(20);
    expect(await scaler.run()).toMatchObject({
      pools: [{ verdict: "scale-out", action: expect.stringContaining(`uncordoned ${node.name}`) }],
    });
    expect(world.nodes().filter((each) => isDraining(each) || each.unschedulable)).toEqual([]);
    expect(desired()).toEqual([2, 2, 2]);
  });
});

describe("mode observe", () => {
  test("changes nothing, and notifies once what it would do", async () => {
    const scaler = await zonal({ mode: "observe" });
    await load(40);
    const gate = new Gate();
    expect(await scaler.run(TICK, gate)).toMatchObject({
      pools: [{ verdict: "scale-out", action: "none" }],
    });
    expect(gate.calls.filter((call) => /SetDesired|patch|begin|Invoke/.test(call))).toEqual([]);
    await scaler.run();
    expect(world.notifications.map(({ headline }) => headline)).toEqual([
      `${poolName()}: 3 -> 12 nodes (scale-out) is not done: mode is observe`,
    ]);
  });

  test.each([
    [
      "of the file lets a pool act whose own mode is act",
      { mode: "act" },
      "us-east-1a 1 -> 4; us-east-1b 1 -> 4; us-east-1c 1 -> 4",
    ],
    ["of the file holds for a pool without a mode of its own", {}, "none"],
  ])("%s", async (_, policy, action) => {
    const scaler = await zonal(policy);
    await load(40);
    const deps = { ...scaler.deps(new Gate()), mode: "observe" as const };
    const result = await scaleNodePools(TICK, aRun("scale-node-pools", world.clock), deps);
    expect(result).toMatchObject({ pools: [{ verdict: "scale-out", action }] });
  });

  test("of a trigger by hand answers what would be done, and writes and notifies nothing", async () => {
    const scaler = await zonal();
    await load(40);
    const gate = new Gate();
    const answered = await scaler.run({ nodePool: poolName(), mode: "observe" }, gate);
    expect(answered).toMatchObject({
      pools: [{ verdict: "scale-out", action: "none", trigger: "by hand" }],
    });
    expect(
      gate.calls.filter((call) => /Set|Put|patch|begin|Invoke|claimNotification|recover/.test(call)),
    ).toEqual([]);
    expect(world.notifications).toEqual([]);
  });
});

describe("trouble that a person has to see to", () => {
  test("is notified once, however often it is seen", async () => {
    const scaler = await zonal({ max: 4 });
    await load(40);
    for (let minute = 0; minute < 5; minute += 1) {
      await scaler.run();
      await world.clock.advance(MINUTE);
    }
    expect(world.notifications.map(({ headline }) => headline.replace(/\(.*?\)/, "(…)"))).toEqual([
      `${poolName()}: 3 -> 4 nodes (…)`,
      `${poolName()}: 28 pods pending: it has 4 of at most 4 nodes`,
    ]);
  });

  test("of a zone without capacity is notified, and the others get its nodes", async () => {
    const scaler = await zonal();
    world.machines.limit("us-east-1a", 0);
    await load(40);
    await scaler.run();
    await world.clock.advance(2 * MINUTE);
    expect(await scaler.run()).toMatchObject({
      pools: [
        {
          verdict: "scale-out",
          action: "us-east-1b 4 -> 6; us-east-1c 4 -> 5; us-east-1a 4 -> 1, AWS did not launch 3",
        },
      ],
    });
    expect(world.notifications.at(-1)?.reasons.join()).toMatch(
      /us-east-1a is in back-off until .*sufficient m5.large capacity/,
    );
    await world.clock.advance(2 * MINUTE);
    expect(pending()).toBe(0);
  });
});

describe("one broken pool does not stop another", () => {
  const others = { cluster: "main", autoScalingGroups: ["others"] };

  async function two(broken: Record<string, unknown>): Promise<Scaler> {
    world = new World({ [`broken-${pools}`]: broken, [`good-${pools}`]: others }, ledger, db.outbox);
    world.group("others", "us-east-1a", { min: 0, max: 10, desired: 1 });
    world.group("shared-1", "us-east-1b", { min: 0, max: 10, desired: 1 });
    world.group("shared-2", "us-east-1b", { min: 0, max: 10, desired: 1 });
    await world.clock.advance(2 * MINUTE);
    await load(40);
    return new Scaler(world);
  }

  const othersGrew = () => expect(world.autoScaling.groups.get("others").desired).toBeGreaterThan(1);

  test.each([
    [
      "an Auto Scaling group that does not exist",
      { cluster: "main", autoScalingGroups: ["nowhere"] },
      /there is no Auto Scaling group "nowhere" in this region: correct nodePools\.broken/,
    ],
    [
      "a managed node group that does not exist",
      { managedNodeGroup: { cluster: "main", name: "nowhere" } },
      /there is no managed node group "nowhere" in cluster "main": correct nodePools\.broken/,
    ],
    [
      "a Spot Fleet that does not exist",
      { cluster: "main", spotFleet: "sfr-0", max: 3 },
      /there is no Spot Fleet request "sfr-0": correct nodePools\.broken/,
    ],
    [
      "groups that share a zone",
      { cluster: "main", autoScalingGroups: ["shared-1", "shared-2"] },
      /found shared-1 and shared-2 both in zone us-east-1b, expected zones of its own for each group/,
    ],
  ])("%s", async (_, broken, message) => {
    const scaler = await two(broken);
    expect(await scaler.run()).toMatchObject({
      pools: [{ verdict: "scale-out" }],
      failed: [expect.stringMatching(message)],
    });
    othersGrew();
  });

  test("a cluster that does not let us in", async () => {
    const scaler = await two({ cluster: "closed", autoScalingGroups: ["shared-1"] });
    const deps = scaler.deps(new Gate());
    const clusters: typeof deps.clusters = async (name) => {
      if (name === "closed")
        throw new Blocked(
          'cluster "closed" does not know this function\'s role (401 on list nodes): create the access entry',
        );
      return deps.clusters(name);
    };
    const result = await scaleNodePools(TICK, aRun("scale-node-pools", world.clock), { ...deps, clusters });
    expect(result).toMatchObject({
      pools: [{ verdict: "scale-out" }],
      failed: [expect.stringContaining("create the access entry")],
    });
    othersGrew();
  });

  test("a group that is busy comes again by itself", async () => {
    const scaler = await zonal();
    await load(40);
    const deps = scaler.deps(new Gate());
    deps.autoScaling.middlewareStack.add(
      (next) => async (args) => {
        if ("DesiredCapacity" in args.input && args.input.AutoScalingGroupName === "us-east-1a") {
          throw Object.assign(new Error("Scaling activity is in progress"), {
            name: "ScalingActivityInProgress",
            $metadata: { httpStatusCode: 400 },
          });
        }
        return next(args);
      },
      { step: "initialize", name: "busy" },
    );
    const result = await scaleNodePools(TICK, aRun("scale-node-pools", world.clock), deps);
    expect(result.later).toEqual([
      expect.stringContaining("autoscaling:SetDesiredCapacity: us-east-1a is busy"),
    ]);
    expect(desired()).toEqual([1, 4, 4]);
    deps.autoScaling.middlewareStack.remove("busy");
    await world.clock.advance(2 * MINUTE);
    await scaler.run();
    expect(desired()[0]).toBe(4);
  });
});

describe("a managed node group", () => {
  async function managed(raw: Record<string, unknown> = {}): Promise<Scaler> {
    world = new World(
      { [poolName()]: { managedNodeGroup: { cluster: "main", name: "apps" }, ...raw } },
      ledger,
      db.outbox,
    );
    world.eks.nodeGroups.create({
      cluster: "main",
      name: "apps",
      min: 1,
      max: 3,
      desired: 1,
      zones: ZONES,
      launch: { instanceType: "m5.large", spot: false },
    });
    await world.clock.advance(2 * MINUTE);
    return new Scaler(world);
  }

  test("grows through EKS, with the pool's limits", async () => {
    const scaler = await managed({ min: 0, max: 20 });
    await load(20);
    const gate = new Gate();
    expect(await scaler.run(TICK, gate)).toMatchObject({
      pools: [{ verdict: "scale-out", action: expect.stringContaining("1 -> 6, limits 0 to 20") }],
    });
    expect(gate.calls).toContain("eks:UpdateNodegroupConfig");
    expect(world.autoScaling.groups.all()).toMatchObject([{ min: 0, max: 20, desired: 6 }]);
  });

  test("that is being updated is waited for, and what was ordered is not ordered again", async () => {
    const scaler = await managed();
    await load(8);
    await scaler.run();
    const gate = new Gate();
    expect(await scaler.run(TICK, gate)).toMatchObject({ pools: [{ verdict: "hold" }] });
    expect(gate.calls).not.toContain("eks:UpdateNodegroupConfig");
    expect(desired()).toEqual([3]);
  });

  test("that somebody begins to update after it was looked at comes again by itself", async () => {
    const scaler = await managed({ max: 20 });
    await load(20);
    const { nodeGroups } = world.eks;
    const group = nodeGroups.get("main", "apps");
    const gate = new (class extends Gate {
      override pass<T>(name: string, call: () => T | Promise<T>): Promise<T> {
        if (name === "eks:UpdateNodegroupConfig") nodeGroups.update(group, { maxSize: 4 }, undefined);
        return super.pass(name, call);
      }
    })();
    expect(await scaler.run(TICK, gate)).toMatchObject({
      pools: [],
      later: [
        expect.stringContaining("the last update of apps is still running; the next run sets its size"),
      ],
    });
    await world.clock.advance(2 * MINUTE);
    await scaler.run();
    expect(desired()).toEqual([6]);
  });
});

describe("a Spot Fleet", () => {
  test("grows in its weighted units, and no instance is ended by it", async () => {
    world = new World({ [poolName()]: { cluster: "main", spotFleet: "later", max: 10 } }, ledger, db.outbox);
    const { id } = world.ec2.fleets.create({
      target: 4,
      pools: [
        { instanceType: "m5.xlarge", zone: "us-east-1a", weight: 4 },
        { instanceType: "m5.xlarge", zone: "us-east-1b", weight: 4 },
      ],
      launch: { cluster: "main" },
    });
    const pool = world.pools[poolName()];
    if (!pool) throw new Error("no pool");
    Object.assign(pool, { spotFleet: id });
    await world.clock.advance(2 * MINUTE);
    await load(20);
    // 8 cores at 70 % of 3.92 cores: 3 nodes of 4 units.
    expect(await new Scaler(world).run()).toMatchObject({
      pools: [{ verdict: "scale-out", action: `${id} 4 -> 12` }],
    });
    expect(world.ec2.fleets.get(id)).toMatchObject({ target: 12, excess: "noTermination" });
    await world.clock.advance(2 * MINUTE);
    expect(pending()).toBe(0);
  });
});

describe("what wakes it", () => {
  test("an alarm wakes all pools, and is named as what called", async () => {
    const scaler = await zonal();
    const alarm = {
      source: "aws.cloudwatch",
      alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:reflex-dev-node-pool-workers",
      accountId: "000000000000",
      time: "2026-03-01T12:00:00.000+0000",
      region: "us-east-1",
      alarmData: {
        alarmName: "reflex-dev-node-pool-workers",
        state: { value: "ALARM", reason: "", timestamp: "2026-03-01T12:00:00.000+0000" },
        configuration: {
          metrics: [
            {
              id: "m",
              metricStat: {
                metric: {
                  namespace: "ContainerInsights",
                  name: "node_cpu_reserved_capacity",
                  dimensions: { ClusterName: "main" },
                },
                period: 60,
                stat: "Average",
              },
              returnData: true,
            },
          ],
        },
      },
    };
    expect(await scaler.run(alarm)).toMatchObject({
      pools: [{ pool: poolName(), trigger: "alarm reflex-dev-node-pool-workers (ALARM)" }],
    });
  });

  test("a person wakes one pool, and only that one is changed", async () => {
    world = new World(
      {
        [`a-${pools}`]: { cluster: "main", autoScalingGroups: ["a"], min: 2 },
        [`b-${pools}`]: { cluster: "main", autoScalingGroups: ["b"], min: 2 },
      },
      ledger,
      db.outbox,
    );
    for (const name of ["a", "b"]) world.group(name, `us-east-1${name}`, { min: 0, max: 10, desired: 1 });
    await world.clock.advance(2 * MINUTE);
    expect(await new Scaler(world).run({ nodePool: `b-${pools}` })).toMatchObject({
      pools: [{ pool: `b-${pools}`, trigger: "by hand" }],
    });
    expect(desired()).toEqual([1, 2]);
  });

  test("a name that is no pool is an error that names the pools", async () => {
    const scaler = await zonal();
    expect(await scaler.run({ nodePool: "nobody" })).toMatchObject({
      name: "Misconfigured",
      message: expect.stringContaining(`expected { "nodePool": … } with one of: ${poolName()}`),
    });
  });

  test("an event of no known shape is an error that says what was seen", async () => {
    expect(await (await zonal()).run({ hello: "world" })).toMatchObject({
      name: "Misconfigured",
      message: expect.stringContaining("hello"),
    });
  });
});

test("a shrinking pool sets no desired size: nodes go by their drain only", async () => {
  const scaler = await zonal({ scaleInAfter: "1m", scaleInDelay: "1m" }, 3);
  const gate = new Gate();
  for (let minute = 0; minute < 5; minute += 1) {
    await scaleNodePools(TICK, aRun("scale-node-pools", world.clock), scaler.deps(gate));
    await world.clock.advance(MINUTE);
  }
  expect(scaler.takeOrders()).not.toEqual([]);
  expect(gate.calls.filter((call) => call.includes("SetDesiredCapacity"))).toEqual([]);
});
