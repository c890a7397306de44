/** What people read of each kind of drain that fails, as the runs themselves find it, one file a kind: read them aloud. */

import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { budget } from "../../../../sandbox/fixtures/seeds.ts";
import type { Notification } from "../../../../shared/notify/notification.ts";
import { MINUTE, TICK, type World } from "../../../node-pools/world.ts";
import { type LedgerTable, startLedgerTable } from "../../../shared/ledger/table.ts";
import { expectGolden } from "../../../shared/notify/golden.ts";
import { newMemory, nodesOf, orderFor, type PoolSettings, twoPools } from "../a-pool.ts";

const GOLDEN = join(import.meta.dirname, "golden-failures");
const DRAIN = { drain: { softDeadline: "2m", hardDeadline: "4m" } };

let db: LedgerTable;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

async function given(settings: PoolSettings = {}): Promise<World> {
  world = await twoPools(await newMemory(db), { nodes: 2, pods: 4, policy: DRAIN, ...settings });
  world.autoScaling.groups.get("workers").hooks.set("drain", {
    ...{ name: "drain", transition: "autoscaling:EC2_INSTANCE_TERMINATING" },
    ...{ heartbeatSeconds: 120, defaultResult: "ABANDON" },
  });
  return world;
}

const first = () => nodesOf(world, "workers")[0] ?? expect.unreachable("no node");
const order = () => orderFor("workers", [first()]);

/** AWS takes an instance out, and its event. */
async function shrink(): Promise<unknown> {
  const { groups } = world.autoScaling;
  groups.setDesired("workers", groups.get("workers").desired - 1);
  await world.clock.advance(0);
  return world.takeEvents().at(-1);
}

async function sweeps(minutes: number): Promise<void> {
  for (let minute = 0; minute < minutes; minute += 1) {
    await world.clock.advance(MINUTE);
    await world.drain(TICK);
  }
}

/** The names of nodes and pods are another each time. */
const named = (notification: Notification): Notification =>
  JSON.parse(
    JSON.stringify(notification)
      .replaceAll(/i-[0-9a-f]{17}\.us-east-1\.compute\.internal/g, "ip-10-0-1-2")
      .replaceAll(/web-[a-z0-9]{10}-[a-z0-9]{5}/g, "web-1"),
  );

/** Every kind, from its cause to the end of the drain. */
const KINDS: Readonly<Record<string, () => Promise<unknown>>> = {
  "budget-refuses": async () => {
    await given({ minAvailable: 4 });
    await world.drain(order());
    await sweeps(3);
  },
  "two-budgets": async () => {
    await given();
    world.cluster.create({ ...budget("web", 0), metadata: { name: "web-too" } });
    await world.drain(order());
    await sweeps(3);
  },
  "deadline-passed": async () => {
    await given({ minAvailable: 4 });
    await world.drain(await shrink());
    await sweeps(5);
  },
  "hook-lost": async () => {
    await given({ minAvailable: 4 });
    await world.drain(await shrink());
    await world.clock.advance(MINUTE);
    const held = [...world.autoScaling.groups.get("workers").members.values()].find(
      ({ state }) => state === "Terminating:Wait",
    );
    world.autoScaling.groups.complete("workers", "drain", { instanceId: held?.machine.id }, "CONTINUE");
    await world.drain(TICK);
  },
  "pod-stays": async () => {
    await given({ app: { stopSeconds: 600 } });
    await world.drain(await shrink());
    await sweeps(5);
  },
  "group-keeps-it": async () => {
    await given();
    await world.drain(order());
    world.autoScaling.groups.resize("workers", { min: 2 });
    await sweeps(2);
  },
};

test.each(Object.entries(KINDS))("%s", async (kind, run) => {
  await run();
  await expectGolden(GOLDEN, kind, world.notifications.map(named));
});

test("every file is of a kind", () => {
  expect(readdirSync(GOLDEN).toSorted()).toEqual(
    Object.keys(KINDS)
      .map((kind) => `${kind}.txt`)
      .toSorted(),
  );
});

test("a node that vanishes in the middle of its drain notifies nobody: every drain ends so", async () => {
  await given({ minAvailable: 4 });
  const { name } = first();
  await world.drain(order());
  world.cluster.remove(name);
  await sweeps(1);
  expect(world.notifications).toEqual([]);
});
