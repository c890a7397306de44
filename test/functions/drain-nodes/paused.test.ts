import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { deployment } from "../../../sandbox/fixtures/seeds.ts";
import { isDraining } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import { MINUTE, TICK, World, ZONES } from "../../node-pools/world.ts";
import { type LedgerTable, pauseIn, startLedgerTable } from "../../shared/ledger/table.ts";

let db: LedgerTable;
let world: World;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterEach(() => world.stop());
afterAll(() => db.stop());

const HOUR = 60 * MINUTE;

/** Three nodes with a pod each; answers with what pauses them. */
async function given(): Promise<(scope: string) => Promise<void>> {
  const table = await db.another();
  const ledger = createLedger(db.client, { table, leaseMs: 210_000, keepMs: 1e9 });
  const outbox = createOutbox(db.client, { table, keepMs: 1e9 });
  world = new World({ workers: { cluster: "main", autoScalingGroups: ["workers"] } }, ledger, outbox);
  world.group("workers", ZONES[0] ?? "", { min: 0, max: 5, desired: 3 });
  await world.clock.advance(MINUTE);
  world.cluster.create(deployment("web", 3));
  await world.clock.advance(10_000);
  return (scope) => pauseIn(db.client, table, scope, { until: world.clock.now() + HOUR });
}

const first = (): Node => world.nodes()[0] ?? expect.unreachable("no node");
const order = ({ name, machine }: Node) => ({
  nodePool: "workers",
  drain: [{ node: name, instanceId: machine?.instanceId }],
  reason: "scale-in",
  plan: "plan-1",
});
const headlines = () => world.notifications.map(({ headline }) => headline);

it.each(["all", "drain-nodes", "node-pool/workers"])(
  "an order during a pause of %s marks nothing",
  async (scope) => {
    const pause = await given();
    await pause(scope);
    expect(await world.drain(order(first()))).toMatchObject({
      nodes: [
        {
          outcome: "observed",
          reason: {
            code: "paused",
            text: expect.stringMatching(/^would be drained; .* is paused until .* by anna: a deploy$/),
          },
        },
      ],
    });
    expect(world.nodes().filter(isDraining)).toEqual([]);
  },
);

it("a drain that is under way stands still, a notification says how to end it, and it goes on afterwards", async () => {
  const pause = await given();
  const node = first();
  await world.drain(order(node));
  await pause("node-pool/workers");
  const version = () => world.nodes().find(({ name }) => name === node.name)?.resourceVersion;
  const before = version();
  await world.clock.advance(MINUTE);
  await world.drain(TICK);
  expect(version()).toBe(before);
  expect(headlines()).toEqual([`workers: node ${node.name} is no longer being drained`]);
  expect(world.notifications[0]?.reasons[0]).toContain(`"kubectl uncordon ${node.name}"`);

  await world.clock.advance(HOUR);
  await world.drain(TICK);
  await world.clock.advance(MINUTE);
  await world.drain(TICK);
  expect(world.nodes().map(({ name }) => name)).not.toContain(node.name);
});

it("AWS takes an instance all the same: whoever paused it is notified", async () => {
  const pause = await given();
  await pause("all");
  await world.drain({
    source: "aws.ec2",
    "detail-type": "EC2 Spot Instance Interruption Warning",
    time: new Date(world.clock.now()).toISOString(),
    detail: { "instance-id": first().machine?.instanceId, "instance-action": "terminate" },
  });
  expect(headlines()).toEqual([`workers: node ${first().name} would be drained and is not`]);
  expect(first().unschedulable).toBe(false);
});

it("a run with nothing to drain does not ask for pauses", async () => {
  await given();
  db.calls.length = 0;
  await world.drain(TICK);
  // The incidents of its cluster, and what waits to be sent.
  expect(db.calls).toEqual(["GetItem", "Query"]);
});
