import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { recordOfPause, recordOfResume } from "../../../scripts/ledger/pause/record.ts";
import { meaningOf, scopeProblem } from "../../../scripts/ledger/pause/scope.ts";
import { readPauses, removePause, writePause } from "../../../scripts/ledger/pause/store.ts";
import { readLedger } from "../../../scripts/ledger/view.ts";
import { createOutbox } from "../../../shared/ledger/outbox.ts";
import { pauseAttribute } from "../../../shared/ledger/pauses.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";

const NOW = Date.parse("2026-11-28T02:00:00Z");
const HOUR = 3_600_000;
const ANNA = "arn:aws:sts::123456789012:assumed-role/admin/anna";
const BEN = "arn:aws:sts::123456789012:assumed-role/admin/ben";

let db: LedgerTable;
let ledger: { client: LedgerTable["client"]; table: string };
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  ledger = { client: db.client, table: await db.another() };
});

const AUTOMATIONS = [
  { name: "reshard-streams", whenPaused: "no stream gets more or fewer shards" },
  { name: "ingest-events", runbook: "docs/runbook/ingest-events.md" },
];

async function pause(scope: string, now = NOW, forMs = HOUR): Promise<void> {
  const one = { at: now, until: now + forMs, by: ANNA, why: "a deploy" };
  const operator = { arn: ANNA, now, id: `id-${scope}-${now}`, stage: "prod" };
  await writePause(scope, one, recordOfPause(scope, one, operator), ledger);
}

describe("a pause", () => {
  it("stands beside others, and takes those that are over with it", async () => {
    await pause("stream/clicks", NOW - 2 * HOUR);
    await pause("all");
    await pause("stream/orders");
    expect([...(await readPauses(ledger)).keys()].toSorted()).toEqual(["all", "stream/orders"]);
  });

  it("is named by the next sweep's notification, with the command that ends it", async () => {
    await pause("stream/orders");
    const outbox = createOutbox(ledger.client, { table: ledger.table, keepMs: 1e9 });
    const { claimed } = await outbox.claimWaiting({ now: NOW, until: NOW + HOUR });
    expect(claimed.flatMap(({ notifications }) => notifications)).toMatchObject([
      {
        headline: "stream/orders is paused until 2026-11-28 03:00 UTC by anna: a deploy",
        resource: "stream/orders",
        undo: "reflex resume stream/orders --stage prod",
      },
    ]);
    for (const one of claimed) await outbox.remove(one);
    expect([...(await readPauses(ledger)).keys()]).toEqual(["stream/orders"]);
  });

  it("is in the audit trail with its end, and is no resource of its own", async () => {
    await pause("all");
    const [ended = expect.unreachable()] = (await readPauses(ledger)).values();
    const operator = { arn: BEN, now: NOW + 1, id: "end", stage: "prod" };
    await removePause("all", recordOfResume("all", ended, operator), ledger);
    const { pauses, resources } = await readLedger(ledger.client, ledger.table);
    expect(pauses.size).toBe(0);
    expect(resources.map(({ resource }) => resource)).toEqual(["pause/all"]);
    expect(
      resources[0]?.entries.map(({ intent }) => [intent.action, intent.trigger, intent.reasons]),
    ).toEqual([
      ["reflex:resume", BEN, ["ben ended the pause of anna (a deploy)"]],
      ["reflex:pause", ANNA, ["a deploy"]],
    ]);
  });

  it("of the table's own item is untouched by what else is in it", async () => {
    const Item = { pk: { S: "pauses" }, sk: { S: "pauses" }, [pauseAttribute("x")]: { S: "{}" } };
    await ledger.client.send(new PutItemCommand({ TableName: ledger.table, Item }));
    await pause("all");
    expect((await readPauses(ledger)).get("x")).toMatchObject({ by: "unknown" });
  });
});

describe("what can be paused", () => {
  it.each(["all", "reshard-streams", "stream/orders"])("%s", (scope) => {
    expect(scopeProblem(scope, AUTOMATIONS, ["stream/orders"])).toBeUndefined();
  });

  it("is no name that Reflex does not know: it would stop nothing", () => {
    expect(scopeProblem("stream/ordrs", AUTOMATIONS, ["stream/orders"])).toBe(
      'found "stream/ordrs", expected all, an automation or a resource that Reflex has looked at: nothing was paused. Did you mean stream/orders?',
    );
  });

  it("is not what changes nothing of its own accord", () => {
    expect(scopeProblem("ingest-events", AUTOMATIONS, [])).toContain("docs/runbook/ingest-events.md");
  });

  it("is said with what stands still", () => {
    expect(meaningOf("all", AUTOMATIONS)).toEqual(["reshard-streams: no stream gets more or fewer shards"]);
    expect(meaningOf("stream/orders", AUTOMATIONS)).toEqual([
      "It goes on deciding and notifying, and changes nothing.",
    ]);
  });
});
