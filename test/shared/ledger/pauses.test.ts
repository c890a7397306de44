import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Intent } from "../../../shared/ledger/entry.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import {
  PAUSES_KEY,
  Paused,
  type Pauses,
  pauseAttribute,
  pausesOf,
  pauseText,
  personOf,
  standingPause,
  standingPauses,
} from "../../../shared/ledger/pauses.ts";
import { intent } from "./intents.ts";
import { type LedgerTable, startLedgerTable } from "./table.ts";

const NOW = Date.parse("2026-11-28T02:00:00Z");
const HOUR = 3_600_000;
const OPTIONS = { leaseMs: 90_000, keepMs: 90 * 24 * HOUR };
const BY = "arn:aws:sts::123456789012:assumed-role/admin/anna";

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

let ledger: Ledger;
let table: string;
beforeEach(async () => {
  table = await db.another();
  ledger = createLedger(db.client, { ...OPTIONS, table });
  db.calls.length = 0;
});

async function pause(scope: string, until = NOW + 2 * HOUR, text?: string): Promise<void> {
  const S = text ?? JSON.stringify({ at: NOW - HOUR, until, by: BY, why: "a deploy" });
  const Item = { ...PAUSES_KEY, [pauseAttribute(scope)]: { S } };
  await db.client.send(new PutItemCommand({ TableName: table, Item }));
  db.calls.length = 0;
}

const begin = async (over: Partial<Intent> = {}, by = ledger) => {
  const seen = await by.history("stream/orders", 0);
  return by.begin(seen, intent("a", NOW, { automation: "reshard-streams", ...over }), "a");
};

describe("a lease", () => {
  it.each(["all", "reshard-streams", "stream/orders"])("is not given while %s is paused", async (scope) => {
    await pause(scope);
    const error = await begin().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Paused);
    expect(error).toMatchObject({
      name: "RetryLater",
      resource: "stream/orders",
      pause: { scope, until: NOW + 2 * HOUR, by: BY, why: "a deploy" },
    });
    // As if it had never been asked for: the next run, and the first one after the pause, can have it.
    expect(await ledger.history("stream/orders", 0)).toEqual({
      resource: "stream/orders",
      version: 0,
      entries: [],
      incidents: { resource: "stream/orders", version: 0, incidents: {}, waiting: [] },
    });
  });

  it.each([
    ["of another automation", "scale-node-pools", NOW + HOUR],
    ["of another resource", "stream/clicks", NOW + HOUR],
    ["that is over", "all", NOW],
  ])("is given during a pause %s", async (_, scope, until) => {
    await pause(scope, until);
    await expect(begin()).resolves.toMatchObject({ holder: "a" });
  });

  it("is given to a person's own command during a pause, which is not even read", async () => {
    await pause("all");
    const own = createLedger(db.client, { ...OPTIONS, table, pauses: "ignored" });
    await expect(begin({}, own)).resolves.toMatchObject({ holder: "a" });
    expect(db.calls).toEqual(["Query", "UpdateItem"]);
  });

  it("is not given when it is not known whether there is a pause", async () => {
    const lost = createLedger(db.client, { ...OPTIONS, table });
    const seen = await lost.history("stream/orders", 0);
    db.client.middlewareStack.add(
      (next, context) => (args) => {
        if (context.commandName !== "GetItemCommand") return next(args);
        throw Object.assign(new Error("slow down"), { name: "ThrottlingException" });
      },
      { step: "initialize", name: "NoReads" },
    );
    await expect(lost.begin(seen, intent("a", NOW), "a")).rejects.toMatchObject({ name: "RetryLater" });
    db.client.middlewareStack.remove("NoReads");
    expect((await lost.history("stream/orders", 0)).pending).toBeUndefined();
  });
});

describe("a pause", () => {
  it("that cannot be read stands, and says so", async () => {
    await pause("all", 0, "{");
    await expect(begin()).rejects.toThrow(
      "everything is paused until somebody resumes it by unknown: the ledger's pause#all cannot be read. Nothing was changed",
    );
  });

  it("that is no text stands too", () => {
    const item = { ...PAUSES_KEY, [pauseAttribute("stream/a")]: { N: "1" } };
    const about = { automation: "reshard-streams", resource: "stream/a" };
    expect(standingPause(pausesOf(item), about, NOW)).toEqual({
      ...{ scope: "stream/a", at: 0, until: Number.MAX_SAFE_INTEGER, by: "unknown" },
      why: "the ledger's pause#stream/a cannot be read",
    });
  });

  it("is said with its end, its person and its reason", () => {
    const standing = { scope: "stream/orders", at: NOW, until: NOW + HOUR, by: BY, why: "a deploy" };
    expect(pauseText(standing)).toBe("stream/orders is paused until 2026-11-28 03:00 UTC by anna: a deploy");
  });

  it.each([
    [
      "of a pool is one of what the pool has beside itself",
      "node-pool/workers",
      "node-pool/workers/drains",
      true,
    ],
    ["of that alone is one of it", "node-pool/workers/drains", "node-pool/workers/drains", true],
    ["of that alone is none of the pool", "node-pool/workers/drains", "node-pool/workers", false],
    ["of a pool is none of another whose name begins alike", "node-pool/work", "node-pool/workers", false],
  ])("%s", (_, scope, resource, stands) => {
    const pauses: Pauses = new Map([[scope, { at: NOW, until: NOW + 1, by: BY, why: "" }]]);
    expect(standingPause(pauses, { automation: "drain-nodes", resource }, NOW)?.scope).toBe(
      stands ? scope : undefined,
    );
  });

  it("is listed while it stands, the one of everything first, then by name", () => {
    const one = { at: NOW, until: NOW + 1, by: BY, why: "a deploy" };
    const sorted = ["all", "aardvark", "stream/a", "stream/b"];
    const orders = [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [1, 0, 3, 2],
      [2, 3, 0, 1],
    ];
    const pausesOfOrder = (order: readonly number[]): Pauses =>
      new Map([...order.map((at) => [sorted[at] ?? "", one] as const), ["over", { ...one, until: NOW }]]);
    for (const order of orders) {
      expect(standingPauses(pausesOfOrder(order), NOW).map(({ scope }) => scope)).toEqual(sorted);
    }
    const pauses = pausesOfOrder([0, 1, 2, 3]);
    expect(standingPauses(pauses, NOW)[0]).toEqual({ scope: "all", ...one });
    expect(standingPauses(new Map(pauses).set("all", { ...one, until: 0 }), NOW)).toHaveLength(3);
  });

  it("is of the part of the ARN by which people are known", () => {
    expect([personOf(BY), personOf("arn:aws:iam::123456789012:user/team/bob"), personOf("carol")]).toEqual([
      "anna",
      "bob",
      "carol",
    ]);
  });

  it("is read from the attributes that are pauses alone", () => {
    const text = JSON.stringify({ at: 1, until: 2, by: BY, why: "w" });
    const item = { ...PAUSES_KEY, [pauseAttribute("stream/a")]: { S: text }, note: { S: text } };
    expect([...pausesOf(item)]).toEqual([["stream/a", { at: 1, until: 2, by: BY, why: "w" }]]);
  });

  it("of the widest scope is the one that is named", () => {
    const one = { at: NOW, until: NOW + HOUR, by: BY, why: "" };
    const pauses: Pauses = new Map([
      ["stream/orders", one],
      ["all", one],
    ]);
    const about = { automation: "reshard-streams", resource: "stream/orders" };
    expect(standingPause(pauses, about, NOW)?.scope).toBe("all");
    expect(standingPause(pausesOf(undefined), about, NOW)).toBeUndefined();
  });
});
