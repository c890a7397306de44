import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { KeyedQueue } from "../../../functions/drain-nodes/act/remove-instance/keyed-queue.ts";
import { resumeDrains } from "../../../functions/drain-nodes/act/resume-drains.ts";
import { type Dependencies, runDependencies } from "../../../functions/drain-nodes/run/dependencies.ts";
import { budget, deployment } from "../../../sandbox/fixtures/seeds.ts";
import { Blocked, RetryLater } from "../../../shared/lambda/errors.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { createSpotFleets } from "../../../shared/node-pools/spot-fleets.ts";
import { RunNotifications } from "../../../shared/notify/run-notifications.ts";
import { Gate } from "../../node-pools/gate.ts";
import { aRun } from "../../node-pools/run.ts";
import { MINUTE, TICK, World, ZONES } from "../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";

let db: LedgerTable;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

/** Three nodes with a pod each, none of which may be disrupted. */
async function given(): Promise<void> {
  const ledger = createLedger(db.client, { table: db.table, leaseMs: 210_000, keepMs: 1e9 });
  world = new World({ workers: { cluster: "main", autoScalingGroups: ["workers"] } }, ledger, db.outbox);
  world.group("workers", ZONES[0] ?? "", { min: 0, max: 5, desired: 3 });
  await world.clock.advance(MINUTE);
  world.cluster.create(deployment("web", 3), budget("web", 3));
  await world.clock.advance(10_000);
}

/** What a sweep publishes of how long drains have been going on. */
async function ages(changed: Partial<Dependencies> = {}): Promise<unknown[]> {
  const clients = { ...world.clients(new Gate()), ...changed };
  const deps = {
    ...clients,
    poolQueue: new KeyedQueue(),
    openDrains: world.openDrains(new Gate()),
    spotFleets: async () => createSpotFleets(clients.ec2),
  };
  const recorded: unknown[] = [];
  const run = aRun("drain-nodes", world.clock);
  const metrics = { ...run.metrics, record: (...metric: unknown[]) => void recorded.push(metric) };
  const notifications = new RunNotifications(run, deps);
  await resumeDrains({ ...run, metrics }, runDependencies(deps, notifications, run));
  return recorded;
}

it("a drain that goes on is published with its age and pool: an alarm watches it", async () => {
  await given();
  const [node = expect.unreachable("no node")] = world.nodes();
  const instanceId = node.machine?.instanceId ?? "";
  await world.drain({
    nodePool: "workers",
    drain: [{ node: node.name, instanceId }],
    reason: "scale-in",
    plan: "plan-1",
  });
  await world.clock.advance(10 * MINUTE);
  expect(await ages()).toEqual([["DrainAge", "Seconds", 600, { NodePool: "workers" }]]);
  await world.clock.advance(MINUTE);
  const unreachable = { pools: {}, clusters: () => Promise.reject(new Blocked("not authorized")) };
  expect(await ages(unreachable), "with its cluster out of the config").toEqual([
    ["DrainAge", "Seconds", 660, { NodePool: "workers" }],
  ]);
  // A sweep keeps what it saw: the node drains on when its cluster cannot be read.
  await world.drain(TICK);
  const refusing = { clusters: () => Promise.reject(new RetryLater("the API server refuses")) };
  expect(await ages(refusing), "while the cluster cannot be read").toEqual([
    ["DrainAge", "Seconds", 660, { NodePool: "workers" }],
  ]);
  await world.clock.advance(20 * MINUTE);
  await ages(refusing);
  expect([...world.freshness.minutesStale(world.clock.now())]).toEqual([["cluster/main", 20]]);
  await world.drain(TICK);
  expect([...world.freshness.minutesStale(world.clock.now())]).toEqual([]);
});

it("nothing is published where nothing is drained", async () => {
  await given();
  expect(await ages()).toEqual([]);
});
