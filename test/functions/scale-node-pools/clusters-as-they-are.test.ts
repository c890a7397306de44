import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import {
  apartFrom,
  claim,
  daemonSet,
  deployment,
  EBS,
  job,
  statefulSet,
  storageClass,
} from "../../../sandbox/fixtures/seeds.ts";
import type { NodeStartup } from "../../../sandbox/kubernetes/nodes.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { Scaler } from "../../node-pools/scale.ts";
import { MINUTE, TICK, World, ZONES } from "../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";

const SECOND = 1_000;

let db: LedgerTable;
let ledger: Ledger;
let world: World;
let scaler: Scaler;
let worlds = 0;

beforeAll(async () => {
  db = await startLedgerTable();
  ledger = createLedger(db.client, { table: db.table, leaseMs: 90_000, keepMs: 1e9 });
});
afterAll(() => db.stop());
afterEach(() => world.stop());

/** A pool of one group for each zone, in which nodes start as `startup` says. */
async function begin(startup: NodeStartup, raw: Record<string, unknown> = {}, desired = 1): Promise<void> {
  worlds += 1;
  const policy = {
    cluster: "main",
    autoScalingGroups: ZONES,
    scaleInAfter: "5m",
    scaleInDelay: "5m",
    ...raw,
  };
  world = new World({ [`pool-${worlds}`]: policy }, ledger, db.outbox);
  world.fateOf = () => startup;
  for (const zone of ZONES) world.group(zone, zone, { min: 0, max: 30, desired });
  await world.clock.advance(5 * MINUTE);
  scaler = new Scaler(world);
}

/** The schedule's ticks of both automations, minute by minute. */
async function live(minutes: number, each: (minute: number) => void = () => {}): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    each(minute);
    world.cluster.settle();
    await scaler.run();
    for (const event of [...scaler.takeOrders(), ...world.takeEvents(), TICK]) await world.drain(event);
    await world.clock.advance(MINUTE);
  }
}

const desired = () => world.autoScaling.groups.all().reduce((sum, group) => sum + group.desired, 0);
const pending = () => world.pods().filter(({ nodeName }) => nodeName === undefined).length;
const evictions = () => world.cluster.endings().filter(({ how }) => how === "evicted").length;

describe("20 pods, each of which fills a node", () => {
  test.each([50, 90, 150])("get 20 nodes, which start with a taint for %i s", async (seconds) => {
    const taints = [
      { key: "node.cilium.io/agent-not-ready", effect: "NoSchedule", forMs: seconds * SECOND },
      { key: "example.com/agent-of-ours", effect: "NoExecute", forMs: seconds * SECOND },
    ];
    await begin({ taints, readyAfterMs: 20 * SECOND }, { targetUtilisation: 100 });
    world.cluster.create(deployment("web", 20, { milliCpu: 1_800 }));
    let most = 0;
    await live(12, () => {
      most = Math.max(most, desired());
    });
    expect(Math.max(most, desired())).toBe(20);
    expect(pending()).toBe(0);
  });
});

test("GPU nodes whose device plugin starts late are not launched twice", async () => {
  const devices = { afterMs: 100 * SECOND, allocatable: { "nvidia.com/gpu": "1" } };
  await begin({ devices }, { targetUtilisation: 100 });
  world.cluster.create(deployment("train", 9, { milliCpu: 100, requests: { "nvidia.com/gpu": "1" } }));
  await live(12);
  expect([desired(), pending()]).toEqual([9, 0]);
});

describe("a DaemonSet that is on every node first", () => {
  test.each([
    ["takes the pod's host port", { hostPort: 9_100 }, { hostPort: 9_100 }],
    ["is what the pod must not be beside", {}, { podSpec: { affinity: apartFrom("agent") } }],
  ])("and %s: no node is launched, and a notification says why", async (_, agent, app) => {
    await begin({}, { min: 1 });
    world.cluster.create(daemonSet("agent", agent));
    world.cluster.create(deployment("web", 1, { namespace: "kube-system", ...app }));
    await live(15);
    expect(desired()).toBeLessThanOrEqual(3);
    expect(world.notifications.flatMap(({ reasons }) => reasons).join()).toMatch(/fit no node pool/);
  });
});

test("pods that fit no pool get an Event each, once an hour", async () => {
  await begin({}, { min: 1 });
  world.cluster.create(deployment("huge", 3, { milliCpu: 64_000 }));
  await live(12);
  const events = world.cluster.state.store.list("events").map((event) => ({ ...event }));
  const ours = events.filter((event) => Reflect.get(event, "reason") === "NotTriggerScaleUp");
  expect(ours.map((event) => String(Reflect.get(event, "message")))).toEqual(
    Array.from({ length: 3 }, () => expect.stringMatching(/fit no node pool.*64000m CPU/)),
  );
});

test("pods with a volume each, as many to a node as it attaches, are left where they are", async () => {
  const volumes = { afterMs: 0, driver: EBS, count: 5 };
  await begin({ volumes }, { removeSlowlyBelow: 69, removeFastBelow: 69 }, 2);
  world.cluster.create(storageClass());
  for (let index = 0; index < 16; index += 1) {
    world.cluster.create(claim(`data-${index}`));
    world.cluster.create(statefulSet(`db-${index}`, 1, { milliCpu: 50, claims: [`data-${index}`] }));
  }
  await live(20);
  expect(pending()).toBe(0);
  const [nodes, before] = [desired(), evictions()];
  await live(40);
  expect([desired(), evictions() - before]).toEqual([nodes, 0]);
});

test("a job every 30 minutes whose claim does not exist gets no node, and holds no other node", async () => {
  await begin({}, { min: 1 }, 2);
  await live(95, (minute) => {
    if (minute % 30 === 0) {
      world.cluster.create(job(`backup-${29_000_000 + minute}`, 10, { claims: ["does-not-exist"] }));
    }
  });
  expect(desired()).toBe(1);
  expect(world.notifications.flatMap(({ reasons }) => reasons).join()).toMatch(/does-not-exist/);
});

describe("an instance that never joins", () => {
  test("does not keep the others from growing, and is terminated and notified once", async () => {
    await begin({});
    let lost: string | undefined;
    world.fateOf = ({ id }) => {
      lost ??= id;
      return lost === id ? "never" : {};
    };
    world.cluster.create(deployment("web", 24, { milliCpu: 900 }));
    await live(60);
    expect(pending()).toBe(0);
    expect(lost).toBeDefined();
    const running = world.nodes().flatMap(({ machine }) => machine?.instanceId ?? []);
    expect(running).not.toContain(lost);
    expect(running).toHaveLength(desired());
    const terminated = world.notifications.filter(({ done }) => done.what.includes(`terminated ${lost}`));
    expect(terminated).toHaveLength(1);
  });
});

test("a node that falls silent for good is replaced, and its pods run elsewhere", async () => {
  await begin({}, { scaleInAfter: "10h" }, 2);
  world.cluster.create(deployment("web", 12, { milliCpu: 600 }));
  await live(3);
  const [silent] = world.nodes();
  if (!silent) throw new Error("no node");
  world.cluster.silence(silent.name);
  await live(60);
  expect(pending()).toBe(0);
  expect(world.nodes().filter(({ ready }) => !ready)).toEqual([]);
});

describe("an empty pool of which no node was ever seen", () => {
  test.each([
    ["Auto Scaling groups grows by their launch template", false],
    ["a managed node group grows by its instance types", true],
  ])("of %s, and its pods run", async (_, managed) => {
    worlds += 1;
    const scaled = managed
      ? { managedNodeGroup: { cluster: "main", name: "batch" } }
      : { cluster: "main", autoScalingGroups: ZONES };
    world = new World({ [`pool-${worlds}`]: { ...scaled, targetUtilisation: 100 } }, ledger, db.outbox);
    const sizes = { min: 0, max: 10, desired: 0 };
    if (managed) world.managedGroup("batch", sizes, { instanceType: "m5.xlarge" });
    else for (const zone of ZONES) world.group(zone, zone, sizes, { instanceType: "m5.xlarge" });
    scaler = new Scaler(world);
    const nodeSelector = managed ? { "eks.amazonaws.com/capacityType": "ON_DEMAND" } : {};
    world.cluster.create(deployment("web", 8, { milliCpu: 1_800, podSpec: { nodeSelector } }));
    await live(6);
    // Two pods to a node of four cores.
    expect([desired(), pending()]).toEqual([4, 0]);
  });
});
