import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, expect, it } from "vitest";
import { changesIn } from "../../../scripts/ledger/changes.ts";
import { decisionItems, entryItem } from "../../../shared/ledger/items.ts";
import { intent } from "../../shared/ledger/intents.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";

const MIDNIGHT = Date.parse("2026-11-28T00:00:00Z");
const HOUR = 3_600_000;
const DAY = 24 * HOUR;

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
  const put = (Item: ReturnType<typeof entryItem>) =>
    db.client.send(new PutItemCommand({ TableName: db.table, Item }));
  const entry = (resource: string, id: string, at: number) =>
    put(entryItem(resource, { intent: intent(id, at), outcome: { result: "applied", at } }, 90 * DAY));
  await entry("stream/a", "too-old", MIDNIGHT - 2 * HOUR - 1);
  await entry("stream/b", "late", MIDNIGHT + HOUR);
  await entry("stream/a", "yesterday", MIDNIGHT - HOUR);
  await entry("pause/all", "first", MIDNIGHT - 2 * HOUR);
  await entry("stream/a", "same-moment", MIDNIGHT + HOUR);
  const held = {
    at: MIDNIGHT,
    automation: "x",
    verdict: "on-target",
    reasons: [],
    evidence: {},
    trigger: "t",
  };
  for (const item of decisionItems("stream/a", held, DAY)) await put(item);
});
afterAll(() => db.stop());

it("the audit has every change of every resource by time, over midnight, and nothing else", async () => {
  const found: string[] = [];
  const span = { from: MIDNIGHT - 2 * HOUR, to: MIDNIGHT + 2 * HOUR };
  for await (const {
    resource,
    intent: { id },
  } of changesIn(span, db.client, db.table))
    found.push(`${resource} ${id}`);
  expect(found).toEqual(["pause/all first", "stream/a yesterday", "stream/b late", "stream/a same-moment"]);
});

it("of a span without changes is empty", async () => {
  const none = changesIn({ from: MIDNIGHT + 5 * DAY, to: MIDNIGHT + 9 * DAY }, db.client, db.table);
  expect((await none.next()).done).toBe(true);
});
