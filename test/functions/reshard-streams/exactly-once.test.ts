import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { type Account, alarm, createAccount, inUse, tick } from "./account.ts";
import { HOUR, MINUTE } from "./stream.ts";

const CONFIG = { orders: { max: 8 } };
/** One shard, nearly full: the one right thing to do is to go to two. */
const BUSY = { open: 1, traffic: { demand: 0.95 } };
const ONE_CHANGE = [{ stream: "orders", call: "UpdateShardCount", from: 1, to: 2 }];

let db: LedgerTable;
let account: Account;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
  account.stream("orders", BUSY);
});

/** A sweep in a fresh process, a minute later, so many times. */
async function sweeps(count: number) {
  for (let sweep = 0; sweep < count; sweep += 1) {
    account.wait(MINUTE);
    await account.process(CONFIG).invoke(tick());
  }
}

const history = () => account.ledger.history("stream/orders", account.now() - 24 * HOUR);

describe("a run that dies", () => {
  it.each([
    ["before it has the lease", "UpdateItem", "before", 0],
    ["when it has the lease and the intent is written", "UpdateItem", "after", 0],
    ["before AWS hears the call", "UpdateShardCount", "before", 0],
    ["when AWS has done it", "UpdateShardCount", "after", 0],
    ["before the outcome is written", "PutItem", "before", 0],
    ["when the outcome is written", "PutItem", "after", 0],
    ["before the lease is given back", "UpdateItem", "before", 1],
    ["when the lease is given back", "UpdateItem", "after", 1],
    ["before anyone is notified", "Publish", "before", 0],
    ["when someone was notified", "Publish", "after", 0],
  ] as const)("%s: the next ones make it exactly one change", async (_, call, moment, passing) => {
    const died = account.fail(call, moment, "die", passing);
    void account.process(CONFIG).invoke(alarm("orders"));
    await died;
    await sweeps(6);

    expect(account.changes).toEqual(ONE_CHANGE);
    const { pending, entries } = await history();
    expect(pending).toBeUndefined();
    expect(entries.filter(({ outcome }) => outcome.result === "applied")).toMatchObject([
      { intent: { from: 1, to: 2 } },
    ]);
    // At least once, and by the one id: receivers drop what they have seen.
    expect(new Set(account.notifications.map(({ id }) => id)).size).toBe(1);
  });
});

describe("the same event", () => {
  it("delivered twice makes one change, notified once", async () => {
    const process = account.process(CONFIG);
    await process.invoke(alarm("orders"));
    await process.invoke(alarm("orders"));
    expect(account.changes).toEqual(ONE_CHANGE);
    expect(account.notifications).toHaveLength(1);
  });

  it("delivered twice at once, to two processes, makes one change, notified once", async () => {
    await Promise.all([1, 2].map(() => account.process(CONFIG).invoke(alarm("orders"))));
    expect(account.changes).toEqual(ONE_CHANGE);
    expect(account.notifications).toHaveLength(1);
  });

  it("delivered again after the stream is ACTIVE makes no second change", async () => {
    await account.process(CONFIG).invoke(alarm("orders"));
    account.wait(10 * MINUTE);
    await account.process(CONFIG).invoke(alarm("orders"));
    expect(account.changes).toEqual(ONE_CHANGE);
  });

  it("at once with the sweep and a person makes one change, notified once", async () => {
    const events = [alarm("orders"), tick(), { stream: "orders" }, alarm("orders"), tick()];
    const results = await Promise.all(events.map((event) => account.process(CONFIG).invoke(event)));
    expect(account.changes).toEqual(ONE_CHANGE);
    expect(account.notifications).toHaveLength(1);
    // The others were not notified as failed: they come later.
    const did = results.flatMap(({ streams }) => streams.map((one) => one.action));
    expect(did.filter((one) => one !== "nothing")).toEqual(["UpdateShardCount 1 -> 2"]);
  });
});

describe("a lost answer", () => {
  it.each([
    ["the call itself, so the SDK's second attempt hears that the stream is being changed", inUse("orders")],
    [
      "the call itself, and the connection with it",
      Object.assign(new Error("reset"), { code: "ECONNRESET" }),
    ],
    ["the call itself, with the time that is left", Object.assign(new Error("over"), { name: "AbortError" })],
    ["the call itself, garbled", new SyntaxError("Unexpected token < in JSON")],
  ])("to %s is settled by what the stream shows", async (_, lost) => {
    void account.fail("UpdateShardCount", "after", lost);
    await account
      .process(CONFIG)
      .invoke(alarm("orders"))
      .catch(() => {});
    expect((await history()).pending).toMatchObject({ from: 1, to: 2 });
    await sweeps(4);

    expect(account.changes).toEqual(ONE_CHANGE);
    expect(await history()).toMatchObject({
      entries: [{ outcome: { result: "applied", detail: expect.stringContaining("has 2 open shards") } }],
    });
  });

  it("to a call AWS never heard of is settled as lost, and the change is made after all", async () => {
    const reset = Object.assign(new Error("reset"), { code: "ECONNRESET" });
    void account.fail("UpdateShardCount", "before", reset);
    const { later } = await account.process(CONFIG).invoke(alarm("orders"));
    expect(later).toEqual([expect.stringContaining("kinesis:UpdateShardCount for stream/orders")]);
    await sweeps(3);

    expect(account.changes).toEqual(ONE_CHANGE);
    const results = (await history()).entries.map(({ outcome }) => outcome.result);
    expect(results).toEqual(["applied", "lost"]);
  });
});

describe("while the lease of a run that died lasts", () => {
  it("no other run acts, and none fails: it comes later", async () => {
    const died = account.fail("UpdateShardCount", "before", "die");
    void account.process(CONFIG).invoke(alarm("orders"));
    await died;
    account.wait(MINUTE);
    const { later } = await account.process(CONFIG).invoke(tick());
    expect(later).toEqual([expect.stringContaining("another run is acting on stream/orders")]);
    expect(account.changes).toEqual([]);
  });
});
