import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import * as z from "zod/mini";
import type { KeptDecision } from "../../../shared/ledger/entry.ts";
import { createKeptValue } from "../../../shared/ledger/kept-value.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { type LedgerTable, startLedgerTable } from "./table.ts";

const NOW = Date.UTC(2026, 10, 21, 12);
const KEEP_MS = 3_600_001;
const { signal } = new AbortController();

let db: LedgerTable;
let table: string;
let ledger: Ledger;
beforeAll(async () => {
  db = await startLedgerTable();
});
beforeEach(async () => {
  table = await db.another();
  ledger = createLedger(db.client, { table, leaseMs: 90_000, keepMs: KEEP_MS });
});
afterAll(() => db.stop());

const itemOf = async (sk: string) =>
  (
    await db.client.send(
      new GetItemCommand({ TableName: table, Key: { pk: { S: "stream/a" }, sk: { S: sk } } }),
    )
  ).Item;

const put = (sk: string, S: string) =>
  db.client.send(
    new PutItemCommand({ TableName: table, Item: { pk: { S: "stream/a" }, sk: { S: sk }, body: { S } } }),
  );

const history = () => ledger.history("stream/a", 0);

const decision = (rest: Partial<KeptDecision> = {}): KeptDecision => ({
  at: NOW,
  automation: "reshard-streams",
  verdict: "on-target",
  reasons: ["2 shards carry it"],
  evidence: { openShards: 2 },
  trigger: "schedule",
  ...rest,
});

describe("a decision that is kept", () => {
  it("is the last one of the resource, with what held it back", async () => {
    await ledger.keepDecision("stream/a", decision());
    const last = decision({ at: NOW + 1, verdict: "scale-out", held: "paused", traceId: "1-2" });
    await ledger.keepDecision("stream/a", last);
    expect((await history()).lastDecision).toEqual(last);
  });

  it("stays in the row of all as long as entries do, and as the last one for good", async () => {
    await ledger.keepDecision("stream/a", decision());
    await ledger.keepDecision("stream/a", decision({ at: NOW + 1, verdict: "scale-out" }));
    // The second in which it may go is the first that is a whole one.
    expect(await itemOf("decision#2026-11-21T12:00:00.000Z")).toMatchObject({
      verdict: { S: "on-target" },
      expiresAt: { N: String(NOW / 1000 + 3601) },
    });
    const last = await itemOf("last-decision");
    expect(last).toMatchObject({ verdict: { S: "scale-out" } });
    expect(last).not.toHaveProperty("expiresAt");
  });

  it.each(["{", '{"at":"yesterday"}'])("by another version (%s) is found out anew", async (text) => {
    await put("last-decision", text);
    expect(await history()).not.toHaveProperty("lastDecision");
  });
});

describe("what an automation keeps of a resource's past", () => {
  it("is in its next history, for as long as entries are kept", async () => {
    await ledger.keepProfile("stream/a", "168 hours", NOW);
    expect((await history()).profile).toBe("168 hours");
    expect((await itemOf("profile"))?.expiresAt).toEqual({ N: String(NOW / 1000 + 3601) });
  });

  it("is in no history before it was kept", async () => {
    expect(await history()).not.toHaveProperty("profile");
  });
});

it("the moment at which a resource was seen changing is in its history, and is no change of ours", async () => {
  await ledger.noteChanging("stream/a", NOW);
  await ledger.noteChanging("stream/a", NOW + 1);
  expect(await history()).toMatchObject({ lastSeenChanging: NOW + 1, version: 0, entries: [] });
});

describe("a value that one run leaves for the next", () => {
  const kept = () => createKeptValue(db.client, table, "status", z.object({ size: z.number() }));

  it("is read as it was written, by resource", async () => {
    await kept().write("stream/a", { size: 3 }, signal);
    await kept().write("stream/b", { size: 4 }, signal);
    expect(await kept().read("stream/a", signal)).toEqual({ size: 3 });
  });

  it("is none before one was written", async () => {
    expect(await kept().read("stream/a", signal)).toBeUndefined();
  });

  it.each(["{", '{"size":"large"}', "null"])("by another version (%s) is none", async (text) => {
    await put("status", text);
    expect(await kept().read("stream/a", signal)).toBeUndefined();
  });
});
