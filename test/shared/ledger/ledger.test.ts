import { GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { scaleOut } from "../notify/notifications.ts";
import { intent } from "./intents.ts";
import { type LedgerTable, startLedgerTable } from "./table.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const LEASE = 90_000;
const NOW = Date.UTC(2026, 10, 21, 12, 0);

let db: LedgerTable;
let ledger: Ledger;
let stream: string;
let streams = 0;

beforeAll(async () => {
  db = await startLedgerTable();
  ledger = createLedger(db.client, { table: db.table, leaseMs: LEASE, keepMs: 90 * DAY });
});
afterAll(() => db.stop());
beforeEach(() => {
  streams += 1;
  stream = `stream/s${streams}`;
  db.calls.length = 0;
});

/** Of a resource that nothing was found wrong with. */
const noIncidents = () => ({ resource: stream, version: 0, incidents: {}, waiting: [] });

const look = (since = NOW - DAY) => ledger.history(stream, since);

/** One change from the look to the outcome. */
async function change(id: string, at: number, rest = {}, outcome = {}) {
  const lease = await ledger.begin(await look(0), intent(id, at, rest), id);
  await ledger.finish(lease, { result: "applied", at, ...outcome });
}

describe("a resource nothing was done to", () => {
  it("has an empty history of version 0", async () => {
    expect(await look()).toEqual({
      resource: stream,
      version: 0,
      entries: [],
      incidents: noIncidents(),
    });
  });
});

describe("a change from intent to outcome", () => {
  it("is pending and leased from its intent on", async () => {
    const planned = intent("a", NOW);
    await ledger.begin(await look(), planned, "run-a");
    expect(await look()).toEqual({
      resource: stream,
      version: 0,
      leasedUntil: NOW + LEASE,
      pending: planned,
      entries: [],
      incidents: noIncidents(),
    });
  });

  it("is an entry of the audit trail after its outcome, and the lease is given back", async () => {
    await change("a", NOW, {}, { at: NOW + 800 });
    expect(await look()).toEqual({
      resource: stream,
      version: 1,
      lastScaleOut: NOW,
      entries: [{ intent: intent("a", NOW), outcome: { result: "applied", at: NOW + 800 } }],
      incidents: noIncidents(),
    });
  });

  it("inwards is the last scale-in, and leaves the last scale-out", async () => {
    await change("a", NOW);
    await change("b", NOW + MINUTE, { direction: "in", from: 2, to: 1 });
    expect(await look()).toMatchObject({ lastScaleOut: NOW, lastScaleIn: NOW + MINUTE });
  });

  it.each(["refused", "lost"])("that was %s is in the trail and is no scale-out", async (result) => {
    await change("a", NOW, {}, { result, code: "step", detail: "more than double" });
    const history = await look();
    expect(history.lastScaleOut).toBeUndefined();
    expect(history.entries).toMatchObject([
      { outcome: { result, code: "step", detail: "more than double" } },
    ]);
  });

  it("of no direction moves neither clock", async () => {
    await change("a", NOW, { direction: "none" });
    const { lastScaleIn, lastScaleOut, entries } = await look();
    expect([lastScaleIn, lastScaleOut, entries.length]).toEqual([undefined, undefined, 1]);
  });

  it("leaves an item that a person can search and DynamoDB can expire", async () => {
    await change("a", NOW);
    const sk = `entry#${new Date(NOW).toISOString()}#a`;
    const { Item } = await db.client.send(
      new GetItemCommand({ TableName: db.table, Key: { pk: { S: stream }, sk: { S: sk } } }),
    );
    expect(Item).toMatchObject({
      action: { S: "kinesis:UpdateShardCount" },
      result: { S: "applied" },
      change: { S: "1 -> 2" },
      expiresAt: { N: String((NOW + 90 * DAY) / 1000) },
    });
  });
});

describe("two runs", () => {
  it("at once: exactly one gets the lease, the other has to come later", async () => {
    const seen = await look();
    const begun = await Promise.allSettled(
      ["a", "b", "c", "d"].map((id) => ledger.begin(seen, intent(id, NOW), id)),
    );
    const refused = begun.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
    expect(refused).toHaveLength(3);
    for (const reason of refused) {
      expect(reason).toBeInstanceOf(RetryLater);
      expect(reason).toMatchObject({ resource: stream, call: "dynamodb:UpdateItem" });
    }
  });

  it("one after the other: the second may not act on what it saw before the first acted", async () => {
    const seen = await look();
    await change("a", NOW);
    await expect(ledger.begin(seen, intent("b", NOW + 1), "b")).rejects.toThrow(
      /or acted since this one looked: nothing was changed/,
    );
  });

  it("on two resources do not meet", async () => {
    await ledger.begin(await look(), intent("a", NOW), "a");
    const other = await ledger.history(`${stream}-other`, 0);
    await expect(ledger.begin(other, intent("b", NOW), "b")).resolves.toMatchObject({ holder: "b" });
  });

  it("with one dead: its lease running out alone lets no one act, its intent has to be settled first", async () => {
    await ledger.begin(await look(), intent("a", NOW), "a");
    const seen = await look();
    const later = NOW + LEASE + 1;
    await expect(ledger.begin(seen, intent("b", later), "b")).rejects.toThrow(RetryLater);
    const { history: settled } = await ledger.recover(seen, { result: "lost", at: later });
    await expect(ledger.begin(settled, intent("b", later), "b")).resolves.toMatchObject({ version: 1 });
  });

  it("may be one whose answer was lost: its own second attempt gets the lease it already has", async () => {
    const seen = await look();
    const planned = intent("a", NOW);
    await ledger.begin(seen, planned, "a");
    await expect(ledger.begin(seen, planned, "a")).resolves.toMatchObject({ holder: "a", version: 0 });
  });
});

describe("settling the intent of a run that died", () => {
  const later = NOW + LEASE;

  it("is refused while that run may still be at work", async () => {
    await ledger.begin(await look(), intent("a", NOW), "a");
    await expect(ledger.recover(await look(), { result: "lost", at: later - 1 })).rejects.toMatchObject({
      message: expect.stringMatching(/may still be at work/),
      resource: stream,
    });
    expect((await look()).entries).toEqual([]);
  });

  it("answers with the history as it then reads", async () => {
    await change("before", NOW - MINUTE);
    await ledger.begin(await look(), intent("a", NOW), "a");
    const { history: settled } = await ledger.recover(await look(), {
      result: "applied",
      at: later,
      detail: "2 shards",
    });
    expect(settled).toEqual(await look());
    expect(settled).toMatchObject({ version: 2, lastScaleOut: NOW });
  });

  it.each([
    ["outwards that was made", "out", "applied"],
    ["inwards that was made", "in", "applied"],
    ["of no direction that was made", "none", "applied"],
    ["outwards that was not made", "out", "lost"],
    ["inwards that was refused", "in", "refused"],
  ] as const)(
    "answers with the history as it then reads, after a change %s",
    async (_, direction, result) => {
      await change("before", NOW - MINUTE);
      await ledger.begin(await look(), intent("a", NOW, { direction }), "a");
      const { history } = await ledger.recover(await look(), { result, at: later });
      expect(history).toStrictEqual(await look());
    },
  );

  it("answers with the history as it then reads, where the dead run had written its outcome", async () => {
    const lease = await ledger.begin(await look(), intent("a", NOW), "a");
    await diesBeforeTheHead(() => ledger.finish(lease, { result: "applied", at: NOW + 1 }));
    const { history, claimed } = await ledger.recover(await look(), { result: "lost", at: later });
    expect(history).toStrictEqual(await look());
    expect([history.entries.length, claimed]).toEqual([1, undefined]);
  });

  it("notifies of the change as it was recovered, where somebody has to hear of it", async () => {
    await ledger.begin(await look(), intent("a", NOW), "a");
    const seen = await look();
    const heard: unknown[] = [];
    const notification = scaleOut({ id: "n" });
    const { claimed } = await ledger.recover(seen, { result: "lost", at: later }, undefined, (entry) => {
      heard.push(entry);
      return { notification, claimedUntil: later + 1 };
    });
    expect(heard).toEqual([{ intent: intent("a", NOW), outcome: { result: "lost", at: later } }]);
    expect(claimed).toMatchObject({
      resource: stream,
      sortKey: "head",
      notifications: [notification],
      rest: "none",
    });
    expect((await look()).outbox).toBe("waiting");
  });

  it("does nothing when nothing is pending", async () => {
    const seen = await look();
    db.calls.length = 0;
    expect((await ledger.recover(seen, { result: "lost", at: later })).history).toBe(seen);
    expect(db.calls).toEqual([]);
  });

  it("is done by one of two runs", async () => {
    await ledger.begin(await look(), intent("a", NOW), "a");
    const seen = await look();
    const outcome = { result: "lost", at: later } as const;
    const both = await Promise.allSettled([ledger.recover(seen, outcome), ledger.recover(seen, outcome)]);
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(await look()).toMatchObject({ version: 1, entries: [{ outcome }] });
  });

  it("keeps the outcome the dead run had written also when nobody looked for longer than the history goes back", async () => {
    const lease = await ledger.begin(await look(), intent("a", NOW), "a");
    await diesBeforeTheHead(() => ledger.finish(lease, { result: "refused", at: NOW + 1 }));
    const seen = await look(NOW + DAY);
    expect(seen).toMatchObject({ pending: { id: "a" }, entries: [] });
    const { history } = await ledger.recover(seen, { result: "applied", at: NOW + 2 * DAY });
    expect(history.pending).toBeUndefined();
    expect((await look()).entries).toMatchObject([{ outcome: { result: "refused" } }]);
  });

  it("keeps the outcome the dead run had written before it died", async () => {
    const lease = await ledger.begin(await look(), intent("a", NOW), "a");
    const outcome = { result: "refused", at: NOW, code: "daily-quota" } as const;
    await diesBeforeTheHead(() => ledger.finish(lease, outcome));

    await ledger.recover(await look(), { result: "lost", at: later });
    expect(await look()).toMatchObject({ version: 1, entries: [{ outcome }] });
  });
});

/** A run dies between its two writes: the entry, and giving the lease back. */
async function diesBeforeTheHead(finish: () => Promise<unknown>): Promise<void> {
  db.client.middlewareStack.add(
    (next, { commandName }) =>
      (args) => {
        if (commandName === "UpdateItemCommand") throw new Error("killed");
        return next(args);
      },
    { step: "initialize", name: "Die" },
  );
  await expect(finish()).rejects.toThrow(/killed/);
  db.client.middlewareStack.remove("Die");
}

describe("finishing after the lease ran out and another run settled it", () => {
  it("puts what this run knows into the trail and leaves the rest alone", async () => {
    const lease = await ledger.begin(await look(), intent("a", NOW), "a");
    const { history: settled } = await ledger.recover(await look(), { result: "lost", at: NOW + LEASE });
    await ledger.begin(settled, intent("b", NOW + LEASE), "b");
    await ledger.finish(lease, { result: "applied", at: NOW + LEASE + 5 });
    expect(await look()).toMatchObject({
      version: 1,
      pending: { id: "b" },
      entries: [{ intent: { id: "a" }, outcome: { result: "applied" } }],
    });
  });
});

describe("the history", () => {
  it("is newest first and one query, with the head and the entries since then", async () => {
    for (const [index, id] of ["a", "b", "c"].entries()) await change(id, NOW + index * MINUTE);
    db.calls.length = 0;
    const history = await look(NOW + MINUTE);
    expect(db.calls).toEqual(["Query"]);
    expect(history.version).toBe(3);
    expect(history.entries.map(({ intent: { id } }) => id)).toEqual(["c", "b"]);
  });

  it("counts over a rolling day: an entry leaves it 24 hours after its intent", async () => {
    for (let call = 0; call < 10; call += 1) await change(`call-${call}`, NOW + call * MINUTE);
    const seenAt = async (now: number) => (await look(now - DAY)).entries.length;
    expect(await seenAt(NOW + DAY)).toBe(10);
    expect(await seenAt(NOW + DAY + 1)).toBe(9);
    expect(await seenAt(NOW + DAY + 9 * MINUTE + 1)).toBe(0);
  });

  it("of another resource whose name begins alike is not in it", async () => {
    await change("a", NOW);
    expect((await ledger.history(`${stream}-eu`, 0)).entries).toEqual([]);
    const named = stream;
    stream = `${named}-eu`;
    await change("b", NOW);
    expect((await ledger.history(named, 0)).entries.map(({ intent: { id } }) => id)).toEqual(["a"]);
  });

  it.each(["{}", "no JSON"])(
    "with an entry nobody can read (%s) is an error, not an empty trail",
    async (S) => {
      await db.client.send(
        new PutItemCommand({
          TableName: db.table,
          Item: { pk: { S: stream }, sk: { S: `entry#${new Date(NOW).toISOString()}#x` }, body: { S } },
        }),
      );
      await expect(look()).rejects.toMatchObject({
        name: "Misconfigured",
        resource: stream,
        message: expect.stringContaining(`entry#${new Date(NOW).toISOString()}#x of ${stream}`),
      });
    },
  );
});

describe("a table that is not there", () => {
  it("is Misconfigured, and names the call and the resource", async () => {
    const lost = createLedger(db.client, { table: "no-such-table", leaseMs: LEASE, keepMs: DAY });
    await expect(lost.history(stream, 0)).rejects.toMatchObject({
      name: "Misconfigured",
      call: "dynamodb:Query",
      resource: stream,
    });
  });
});
