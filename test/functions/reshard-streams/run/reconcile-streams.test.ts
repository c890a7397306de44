import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerTable, startLedgerTable } from "../../../shared/ledger/table.ts";
import { type Account, alarm, createAccount, tick } from "../account.ts";
import { HOUR, MINUTE } from "../stream.ts";

let db: LedgerTable;
let account: Account;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
});

/** All calls of UpdateShardCount of the day are used. */
async function spendQuota(stream: string) {
  for (let call = 0; call < 10; call += 1) {
    const seen = await account.ledger.history(`stream/${stream}`, account.now() - 24 * HOUR);
    const at = account.now() - 10 * HOUR + call * MINUTE;
    const lease = await account.ledger.begin(
      seen,
      {
        ...{ id: `spent-${call}`, at, automation: "reshard-streams", action: "kinesis:UpdateShardCount" },
        ...{ direction: "none", from: 4, to: 4, reasons: [], evidence: {}, trigger: "test" },
      },
      `spent-${call}`,
    );
    await account.ledger.finish(lease, { result: "applied", at });
  }
}

describe("without calls of the quota", () => {
  beforeEach(async () => {
    account.stream("orders", { open: 4, traffic: { demand: 6, throttled: 9_000 } });
    await spendQuota("orders");
  });
  const splits = () => account.changes.filter(({ call }) => call === "SplitShard").length;

  it("split follows split within one run, as soon as the stream is ACTIVE, until the run has no time left", async () => {
    account.letPausesPass();
    const begun = account.now();
    const { streams } = await account.process({ orders: { max: 20 } }).invoke(alarm("orders"));
    // 60 seconds of a run, 30 of each split.
    expect(splits()).toBe(2);
    expect(streams).toHaveLength(2);
    expect(account.now() - begun).toBeLessThan(60_000);
  });

  it("one run makes one where its clock does not show how long it waits", async () => {
    await account.process({ orders: { max: 20 } }).invoke(alarm("orders"));
    expect(splits()).toBe(1);
  });
});

describe("many streams", () => {
  it("are decided as soon as each is observed: the first is changed before the last is observed", async () => {
    for (let index = 0; index < 85; index += 1) account.stream(`s-${index}`, { open: 1 });
    account.stream("s-0", { traffic: { demand: 0.95 }, inAlarm: true });
    const rounds = account.inRounds();
    await account.process({ "s-*": { max: 8 } }).invoke(tick());
    const changed = rounds.findIndex((round) => round.includes("UpdateShardCount"));
    const lastObserved = rounds.findLastIndex((round) => round.includes("ListShards"));
    expect(changed).toBeGreaterThan(0);
    expect(changed).toBeLessThan(lastObserved);
  });

  it("for which a run has no time are the first of the next run; what it had begun is whole", async () => {
    for (let index = 0; index < 30; index += 1)
      account.stream(`s-${index}`, { open: 1, traffic: { demand: 0.95 } });
    const process = account.process({ "s-*": { max: 8 } });
    account.endAfter(10);
    await process.invoke(tick());
    const first = account.changes.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(30);
    account.endAfter(Number.POSITIVE_INFINITY);
    account.wait(MINUTE);
    await process.invoke(tick());
    expect(account.changes.map(({ stream }) => stream).toSorted()).toEqual(
      Array.from({ length: 30 }, (_, index) => `s-${index}`).toSorted(),
    );
  });
});

describe("what stands in the ledger", () => {
  it("is since when a stream is UPDATING: a cold process decides as the warm one", async () => {
    account.stream("orders", { open: 2, updatingUntil: account.now() + 30_000, traffic: { demand: 1 } });
    await account.process({ orders: { max: 8 } }).invoke(alarm("orders"));
    const { lastSeenChanging } = await account.ledger.history("stream/orders", 0);
    expect(lastSeenChanging).toBe(account.now());
  });

  it("is the open shards: a process that had not seen the change publishes those that are open", async () => {
    account.stream("orders", { open: 7, traffic: { demand: 5 } });
    const config = { orders: { max: 8, scanIntervalMinutes: 60 } };
    const [first, second] = [account.process(config), account.process(config)];
    await first.invoke(tick());
    account.stream("orders", { open: 2, traffic: { demand: 1.2 } });
    account.wait(2 * MINUTE);
    await second.invoke(tick());
    account.wait(2 * MINUTE);
    first.metrics.length = 0;
    await first.invoke(tick());
    expect(first.metrics).toContainEqual({
      ...{ name: "OpenShardCount", value: 2, dimensions: { StreamName: "orders" } },
    });
  });
});

describe("an alarm of a stream in mode observe", () => {
  it("does not make it observed each minute", async () => {
    account.stream("orders", { open: 1, traffic: { demand: 0.95 }, inAlarm: true });
    const process = account.process({ orders: { max: 8, mode: "observe", scanIntervalMinutes: 5 } });
    const observed: number[] = [];
    for (let minute = 0; minute < 6; minute += 1) {
      observed.push((await process.invoke(tick())).streams.length);
      account.wait(MINUTE);
    }
    expect(observed).toEqual([1, 0, 0, 0, 0, 1]);
  });
});
