import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { budget, daemonSet, deployment } from "../../sandbox/fixtures/seeds.ts";
import { isDraining, readDrainMark } from "../../shared/kubernetes/drain-mark.ts";
import { createLedger } from "../../shared/ledger/ledger.ts";
import { type LedgerTable, startLedgerTable } from "../shared/ledger/table.ts";
import { Gate, type Mishap } from "./gate.ts";
import { Scaler } from "./scale.ts";
import { MINUTE, TICK, World, ZONES } from "./world.ts";

/** How long a dead run's lease keeps the others off; the simulation's minutes are long against it. */
const LEASE_MS = 90_000;
/** How many nodes may be going at once. */
const AT_ONCE = 2;

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

interface App {
  readonly milliCpu: number;
  /** How long a pod takes to end. */
  readonly stopSeconds: number;
  /** How many pods may be missing. */
  readonly slack: number;
  /** All its pods have to be in this zone. */
  readonly zone: number | undefined;
}

interface PoolCase {
  readonly min: number;
  readonly max: number;
  /** Of each group. */
  readonly groupMax: number;
  /** A second pool, with one group in the first zone, that takes the same pods. */
  readonly second: boolean;
}

/** What happens in one minute of the simulation, beside the schedule's ticks. */
interface Minute {
  /** New numbers of pods, by the app's place. */
  readonly replicas: readonly (number | undefined)[];
  /** The zone that gives no more instances from now on; the others do. */
  readonly exhausted: number | undefined;
  /** Runs of scale-node-pools at the same time. */
  readonly runs: number;
  /** How often an order for drain-nodes is delivered. */
  readonly deliveries: number;
  readonly mishaps: readonly (Mishap | undefined)[];
  /** AWS takes this instance back, by its place in the list of nodes. */
  readonly interrupted: number | undefined;
}

const mishap: fc.Arbitrary<Mishap | undefined> = fc.option(
  fc.record({ call: fc.nat(30), kind: fc.constantFrom("crash-before" as const, "crash-after" as const) }),
  { nil: undefined, freq: 3 },
);
const maybe = <T>(value: fc.Arbitrary<T>, freq: number): fc.Arbitrary<T | undefined> =>
  fc.option(value, { nil: undefined, freq });
const app: fc.Arbitrary<App> = fc.record({
  milliCpu: fc.constantFrom(100, 400, 900),
  stopSeconds: fc.constantFrom(1, 20, 90),
  slack: fc.integer({ min: 1, max: 3 }),
  zone: maybe(fc.nat(2), 1),
});
const poolCase: fc.Arbitrary<PoolCase> = fc.record({
  min: fc.nat(3),
  max: fc.integer({ min: 5, max: 12 }),
  groupMax: fc.integer({ min: 2, max: 5 }),
  second: fc.boolean(),
});
const minute: fc.Arbitrary<Minute> = fc.record({
  replicas: fc.array(maybe(fc.nat(9), 2), { minLength: 3, maxLength: 3 }),
  exhausted: maybe(fc.nat(2), 1),
  runs: fc.integer({ min: 1, max: 2 }),
  deliveries: fc.integer({ min: 1, max: 2 }),
  mishaps: fc.array(mishap, { minLength: 6, maxLength: 6 }),
  interrupted: maybe(fc.nat(8), 5),
});

let simulations = 0;

const COMMON = {
  cluster: "main",
  scaleInAfter: "2m",
  scaleInDelay: "2m",
  launchBackoff: "5m",
  disruptionBudgets: [{ nodes: AT_ONCE }],
  drain: { softDeadline: "8m", hardDeadline: "20m" },
};
const SECOND = "second";
const SECOND_MAX = 2;
/** It begins empty, and nobody has ever seen a node of it: an m5.large. */
const SECOND_SHAPE = { cpu: "1930m", memory: "7086Mi", pods: 29 };

async function begin(
  { min, max, groupMax, second }: PoolCase,
  apps: readonly App[],
): Promise<{ world: World; scaler: Scaler }> {
  const ledger = createLedger(db.client, { table: db.table, leaseMs: LEASE_MS, keepMs: 1e9 });
  // The table outlives the simulation: each has pools of its own names in it.
  simulations += 1;
  const config = {
    [`workers-${simulations}`]: { ...COMMON, autoScalingGroups: ZONES, min, max },
    ...(second && {
      [`second-${simulations}`]: {
        ...COMMON,
        autoScalingGroups: [SECOND],
        max: SECOND_MAX,
        nodeShape: SECOND_SHAPE,
      },
    }),
  };
  const world = new World(config, ledger);
  for (const zone of ZONES) world.group(zone, zone, { min: 0, max: groupMax, desired: 1 });
  if (second) world.group(SECOND, ZONES[0] ?? "", { min: 0, max: SECOND_MAX, desired: 0 });
  await world.clock.advance(MINUTE);
  world.cluster.create(daemonSet("logs"));
  for (const [index, { milliCpu, zone, stopSeconds }] of apps.entries()) {
    const made = deployment(`app-${index}`, 0, { milliCpu, stopSeconds });
    if (zone !== undefined) pin(made, ZONES[zone] ?? "");
    world.cluster.create(made);
  }
  return { world, scaler: new Scaler(world) };
}

function pin(made: ReturnType<typeof deployment>, zone: string): void {
  const spec = made.spec as { template: { spec: Record<string, unknown> } };
  spec.template.spec.nodeSelector = { "topology.kubernetes.io/zone": zone };
}

/**
 * One minute: what happens, the ticks of both automations, orders and events; all at the same time, in any
 * order. Answers the node that AWS takes back.
 */
async function live(
  world: World,
  scaler: Scaler,
  apps: readonly App[],
  { replicas, exhausted, runs, deliveries, mishaps, interrupted }: Minute,
  ticks: () => number,
): Promise<string | undefined> {
  for (const [index, { slack }] of apps.entries()) resize(world, index, replicas[index], slack);
  for (const [index, zone] of ZONES.entries())
    world.machines.limit(zone, index === exhausted ? 0 : undefined);
  world.cluster.settle();
  const taken = interrupted === undefined ? undefined : world.nodes()[interrupted];
  if (taken?.machine) world.machines.interrupt(taken.machine.instanceId);
  await world.clock.advance(0);
  const gates = mishaps.map((each) => new Gate(each, ticks));
  const orders = scaler.takeOrders().flatMap((order) => Array<unknown>(deliveries).fill(order));
  const drains = [...orders, ...world.takeEvents(), TICK];
  await Promise.all([
    ...Array.from({ length: runs }, (_, index) => scaler.run(TICK, gates[index])),
    ...drains.map((event, index) => world.drain(event, gates[2 + (index % 4)] ?? new Gate())),
  ]);
  await world.clock.advance(MINUTE);
  return taken?.name;
}

function resize(world: World, index: number, replicas: number | undefined, slack: number): void {
  if (replicas === undefined) return;
  const { store } = world.cluster.state;
  const name = `app-${index}`;
  const object = store.get("deployments", "default", name);
  store.replace("deployments", { ...object, spec: { ...object.spec, replicas } });
  if (store.find("poddisruptionbudgets", "default", name))
    store.remove("poddisruptionbudgets", "default", name);
  world.cluster.create(budget(name, Math.max(0, replicas - slack)));
}

const QUIET: Minute = {
  replicas: [],
  exhausted: undefined,
  runs: 1,
  deliveries: 1,
  mishaps: [],
  interrupted: undefined,
};

/** The pools of the config with their groups. */
const poolsIn = (world: World) =>
  Object.entries(world.pools).map(([name, { min = 0, max = 0, autoScalingGroups = [] }]) => {
    const groups = autoScalingGroups.map((each) => world.autoScaling.groups.get(each));
    return { name, min, max, groups, size: groups.reduce((sum, { desired }) => sum + desired, 0) };
  });

function holdBounds(world: World): void {
  for (const pool of poolsIn(world)) {
    for (const { name, desired, min, max } of pool.groups) {
      expect(desired, `desired of ${name}`).toBeGreaterThanOrEqual(min);
      expect(desired, `desired of ${name}`).toBeLessThanOrEqual(max);
    }
    expect(pool.size, `nodes of ${pool.name}`).toBeGreaterThanOrEqual(pool.min);
    expect(pool.size, `nodes of ${pool.name}`).toBeLessThanOrEqual(pool.max);
    const going = world.nodes().filter((node) => {
      const mark = readDrainMark(node);
      return mark?.nodePool === pool.name && mark.cause === "scale-in" && mark.endedAt === undefined;
    });
    expect(going.length, `nodes of ${pool.name} that are being emptied`).toBeLessThanOrEqual(AT_ONCE);
  }
}

/** Whether a node that this pod may be on could still be bought. */
const hasRoom = (world: World, zone: string | undefined): boolean =>
  poolsIn(world).some(
    ({ size, max, groups }) =>
      size < max &&
      groups.some((group) => group.desired < group.max && (zone === undefined || group.zones.includes(zone))),
  );

it("grows and shrinks a pool within its bounds, evicts nothing against a budget, ends nothing undrained, leaves nothing waiting, and comes to rest", async () => {
  await fc.assert(
    fc.asyncProperty(
      poolCase,
      fc.array(app, { minLength: 1, maxLength: 3 }),
      fc.array(minute, { minLength: 1, maxLength: 8 }),
      fc.infiniteStream(fc.nat(4)),
      async (pools, apps, minutes, turns) => {
        const { world, scaler } = await begin(pools, apps);
        const takenByAws = new Set<string | undefined>();
        try {
          for (const each of minutes) {
            takenByAws.add(await live(world, scaler, apps, each, () => turns.next().value ?? 0));
            holdBounds(world);
          }
          for (let at = 0; at < 30; at += 1) {
            await live(world, scaler, apps, QUIET, () => 0);
            holdBounds(world);
          }
          // All that waits at the end is what the full groups have no room for.
          for (const pod of world.pods().filter(({ nodeName }) => nodeName === undefined)) {
            const zone = pod.nodeSelector["topology.kubernetes.io/zone"];
            expect(hasRoom(world, zone), `room for ${pod.name}`).toBe(false);
          }
          const endings = world.cluster.endings();
          expect(endings.filter(({ how }) => how === "deleted")).toEqual([]);
          expect(endings.filter(({ how, node }) => how !== "evicted" && !takenByAws.has(node))).toEqual([]);
          expect(world.nodes().filter((node) => node.unschedulable || isDraining(node))).toEqual([]);
          for (let looks = 0; looks < 2; looks += 1) {
            const rest = poolsIn(world).map(() => ({ verdict: "hold", action: "none" }));
            expect(await scaler.run()).toMatchObject({ pools: rest });
          }
          expect(world.failures).toEqual([]);
        } finally {
          world.stop();
        }
      },
    ),
    { numRuns: 20, endOnFailure: true },
  );
}, 180_000);
