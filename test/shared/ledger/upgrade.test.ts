import { BatchWriteItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { scaleOut } from "../notify/notifications.ts";
import before from "./state-0.1.0.json" with { type: "json" };
import { type LedgerTable, startLedgerTable } from "./table.ts";

const MINUTE = 60_000;
const LATER = before.now + 5 * MINUTE;

let db: LedgerTable;
let ledger: Ledger;

beforeAll(async () => {
  db = await startLedgerTable();
  ledger = createLedger(db.client, { table: db.table, leaseMs: 90_000, keepMs: 90 * 24 * 60 * MINUTE });
  const puts = before.items.map((item) => ({
    PutRequest: { Item: Object.fromEntries(Object.entries(item)) },
  }));
  await db.client.send(new BatchWriteItemCommand({ RequestItems: { [db.table]: puts } }));
});
afterAll(() => db.stop());

const claim = (now: number) => db.outbox.claimWaiting({ now, until: now + MINUTE });

/** In its order: what is sent is gone after it. */
describe("a ledger that an earlier version wrote", () => {
  it("has its changes, of which the quota and the cooldown are counted", async () => {
    const { version, entries, outbox } = await ledger.history("stream/done", 0);
    expect({ version, outbox }).toEqual({ version: 1, outbox: undefined });
    expect(entries).toEqual([
      {
        intent: expect.objectContaining({ id: "done-1", from: 1, to: 2, at: before.now }),
        outcome: { result: "applied", at: before.now + 800 },
      },
    ]);
  });

  it("has its incidents", async () => {
    const { incidents } = await ledger.history("stream/full", 0);
    expect(incidents?.incidents["at-max"]).toMatchObject({ id: "at-max", since: before.now, sequence: 1 });
  });

  it("has the change that a run died over: it is settled, and notified of by who settles it", async () => {
    const seen = await ledger.history("stream/doubt", 0);
    expect(seen.pending).toMatchObject({ id: "doubt-1", at: before.now });
    const { history, claimed } = await ledger.recover(
      seen,
      { result: "applied", at: LATER },
      undefined,
      ({ intent: { id } }) => ({
        notification: scaleOut({ id, resource: "stream/doubt" }),
        claimedUntil: LATER + MINUTE,
      }),
    );
    expect(history.pending).toBeUndefined();
    expect(history.entries).toEqual([
      {
        intent: expect.objectContaining({ id: "doubt-1" }),
        outcome: { result: "applied", at: LATER },
      },
    ]);
    expect(claimed?.notifications.map(({ id }) => id)).toEqual(["doubt-1"]);
    if (claimed) await db.outbox.remove(claimed);
  });

  it("has what was not sent yet, and not what was: each is sent once", async () => {
    const { claimed } = await claim(LATER);
    const ids = claimed.flatMap(({ notifications }) => notifications.map(({ id }) => id));
    expect(ids.toSorted()).toEqual(["at-max/1", "unsent-1"]);
    for (const item of claimed) await db.outbox.remove(item);
    expect((await claim(LATER + 10 * MINUTE)).claimed).toEqual([]);
  });
});
