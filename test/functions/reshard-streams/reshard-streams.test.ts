import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { sample } from "../../shared/triggers/sample.ts";
import { type Account, alarm, createAccount, tick } from "./account.ts";
import { HOUR, MINUTE } from "./stream.ts";

/** One shard, nearly full: the one right thing to do is to go to two. */
const BUSY = { open: 1, traffic: { demand: 0.95 } };
const WRITES = ["UpdateShardCount", "SplitShard", "MergeShards"];

let db: LedgerTable;
let account: Account;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());
beforeEach(async () => {
  account = await createAccount(db);
});

const changesOf = (stream: string) =>
  account.changes.filter((change) => change.stream === stream).map(({ from, to }) => [from, to]);

/** The calls that are made while `body` runs. */
async function callsDuring(body: () => Promise<unknown>): Promise<string[]> {
  const before = account.calls.length;
  await body();
  return account.calls.slice(before);
}

describe("an event for several streams", () => {
  it("of which one does not exist: the good one is handled, the bad one reported", async () => {
    account.stream("orders", BUSY);
    const run = account.process({ orders: { max: 8 }, ghost: { max: 8 } }).invoke(alarm("ghost", "orders"));
    await expect(run).rejects.toMatchObject({
      name: "Misconfigured",
      message: expect.stringMatching(/DescribeStreamSummary for stream\/ghost failed .*not found/),
    });
    expect(changesOf("orders")).toEqual([[1, 2]]);
  });

  it("of which one has no entry in the config: it is reported and never looked at", async () => {
    account.stream("orders", BUSY);
    account.stream("strange", BUSY);
    const run = account.process({ orders: { max: 8 } }).invoke(alarm("strange", "orders"));
    await expect(run).rejects.toThrow(/names stream strange, which no entry under `streams` .* matches/);
    expect(account.changes.map(({ stream }) => stream)).toEqual(["orders"]);
  });

  it("of which one record cannot be read: the others are handled", async () => {
    account.stream("sample", BUSY);
    const run = account.process({ sample: { max: 8 } }).invoke(sample("alarm-sns-one-unreadable"));
    await expect(run).rejects.toThrow(/record 0 .* is not JSON/);
    expect(changesOf("sample")).toEqual([[1, 2]]);
  });

  it("of which one is throttled: it comes later, and the invocation does not fail", async () => {
    account.stream("orders", BUSY);
    account.stream("clicks", BUSY);
    const slow = Object.assign(new Error("slow down"), { name: "LimitExceededException" });
    void account.fail("DescribeStreamSummary", "before", slow);
    const result = await account.process({ "*": { max: 8 } }).invoke(alarm("orders", "clicks"));
    expect(result.later).toEqual([expect.stringContaining("DescribeStreamSummary for stream/orders")]);
    expect(account.changes.map(({ stream }) => stream)).toEqual(["clicks"]);
  });

  it("named twice is handled once", async () => {
    account.stream("orders", BUSY);
    const { streams } = await account.process({ orders: { max: 8 } }).invoke(alarm("orders", "orders"));
    expect(streams).toHaveLength(1);
  });
});

describe("an event that asks for nothing", () => {
  it.each(["composite-alarm", "alarm-contributor", "alarm-configuration-change", "muted-alarm"])(
    "(%s) says why and calls nothing",
    async (file) => {
      const result = await account.process({ sample: { max: 8 } }).invoke(sample(file));
      expect(result).toEqual({ streams: [], ignored: [expect.any(String)], later: [] });
      expect(account.calls).toEqual([]);
    },
  );

  it("that is no trigger fails and calls nothing", async () => {
    const run = account.process({ sample: { max: 8 } }).invoke(sample("unknown"));
    await expect(run).rejects.toThrow(/no trigger Reflex knows/);
    expect(account.calls).toEqual([]);
  });
});

describe("a trigger is a hint, not an order", () => {
  it.each(["alarm-ok", "alarm-eventbridge", "alarm-direct", "alarm-sns-single-metric", "by-hand"])(
    "%s of a quiet stream changes nothing",
    async (file) => {
      account.stream("sample", { open: 1, traffic: { demand: 0.1 } });
      const { streams } = await account.process({ sample: { max: 8 } }).invoke(sample(file));
      expect(streams).toMatchObject([{ stream: "sample", verdict: "on-target", action: "none" }]);
      expect(account.changes).toEqual([]);
    },
  );

  it("an alarm that went OK still starts a look, and a busy stream is scaled out", async () => {
    account.stream("sample", BUSY);
    await account.process({ sample: { max: 8 } }).invoke(sample("alarm-ok"));
    expect(changesOf("sample")).toEqual([[1, 2]]);
  });
});

describe("mode observe", () => {
  it.each([
    ["of the service", {}, "observe"],
    ["of the stream", { mode: "observe" }, "act"],
  ] as const)("%s writes nothing to Kinesis and notifies what it would do, once", async (_, own, service) => {
    account.stream("orders", BUSY);
    const process = account.process({ orders: { max: 8, ...own } }, service);
    for (let sweep = 0; sweep < 5; sweep += 1) {
      await process.invoke(tick());
      account.wait(MINUTE);
    }
    expect(account.calls.filter((call) => WRITES.includes(call))).toEqual([]);
    expect(account.notifications.map(({ headline }) => headline)).toEqual([
      "orders: 1 -> 2 shards (scale-out) is not done: mode is observe",
    ]);
  });

  it("of a trigger by hand answers what would be done, and writes and notifies nothing", async () => {
    account.stream("orders", BUSY);
    const process = account.process({ orders: { max: 8 } });
    const calls = await callsDuring(async () => {
      const { streams } = await process.invoke({ stream: "orders", mode: "observe" });
      expect(streams).toMatchObject([{ stream: "orders", verdict: "scale-out", action: "none" }]);
    });
    // The query reads the ledger.
    expect(calls.toSorted()).toEqual(["DescribeStreamSummary", "GetMetricData", "ListShards", "Query"]);
  });

  it("of the service does not bind a stream whose own mode is act", async () => {
    account.stream("orders", BUSY);
    await account.process({ orders: { max: 8, mode: "act" } }, "observe").invoke(tick());
    expect(changesOf("orders")).toEqual([[1, 2]]);
  });
});

describe("a stream that is held and whose owner has to know", () => {
  it("is notified once a day, by whichever process looks", async () => {
    account.stream("orders", { open: 2, traffic: { demand: 1.9 } });
    const config = { orders: { max: 2 } };
    for (let look = 0; look < 4; look += 1) {
      await account.process(config).invoke(alarm("orders"));
      account.wait(5 * MINUTE);
    }
    expect(account.notifications.map(({ headline }) => headline)).toEqual([
      "orders: needs more than its max allows",
    ]);
    account.wait(24 * HOUR);
    await account.process(config).invoke(tick());
    expect(account.notifications).toHaveLength(2);
  });

  it("is not notified when nobody has to know", async () => {
    account.stream("orders", { open: 1, traffic: { demand: 0.3 } });
    await account.process({ orders: { max: 2 } }).invoke(alarm("orders"));
    expect(account.notifications).toEqual([]);
  });
});

describe("consumers that stop", () => {
  it("are notified of once, for as long as none reads, and of the end", async () => {
    const reading = { demand: 2.5, iteratorAgeMs: 100 };
    account.stream("orders", { open: 4, traffic: { ...reading, readUntil: account.now() - 20 * MINUTE } });
    const process = account.process({ orders: { max: 8 } });
    for (const _ of Array.from({ length: 8 })) {
      await process.invoke(tick());
      account.wait(20 * MINUTE);
    }
    account.stream("orders", { traffic: reading });
    for (const _ of Array.from({ length: 4 })) {
      await process.invoke(tick());
      account.wait(20 * MINUTE);
    }
    const incidents = account.notifications.map(
      ({ state, severity, headline }) => `${state} ${severity} ${headline}`,
    );
    expect(incidents).toEqual([
      "begin critical orders: consumers have stopped reading it",
      expect.stringMatching(/^end critical orders: over after/),
    ]);
  });
});

describe("an on-demand stream", () => {
  it("is left alone, and the reason names both prices", async () => {
    account.stream("orders", { ...BUSY, mode: "ON_DEMAND" });
    const { streams } = await account.process({ orders: { max: 8 } }).invoke(alarm("orders"));
    expect(streams).toMatchObject([
      {
        verdict: "on-demand",
        action: "none",
        reasons: [expect.stringMatching(/\$[\d.]+ a month.*\$[\d.]+/)],
      },
    ]);
    expect(account.calls.filter((call) => WRITES.includes(call))).toEqual([]);
  });

  it("is warmed up in an account with On-demand Advantage, and people hear of it", async () => {
    account.commit();
    account.stream("orders", { open: 4, traffic: { demand: 6 }, mode: "ON_DEMAND" });
    const { streams } = await account.process({ orders: { max: 40 } }).invoke(alarm("orders"));
    expect(streams).toMatchObject([{ action: "UpdateStreamWarmThroughput 0 -> 8" }]);
    expect(account.stream("orders").warmMiBps).toBe(8);
    expect(account.notifications).toMatchObject([
      {
        headline: "orders: 0 -> 8 MiB/s of warm throughput (raise-warm-throughput)",
        done: { what: "UpdateStreamWarmThroughput", from: 0, to: 8, unit: "MiB/s" },
      },
    ]);
  });

  it("is left as it is in mode observe, and with a config that does not allow to spread its records", async () => {
    account.commit();
    account.stream("orders", { open: 4, traffic: { demand: 6 }, mode: "ON_DEMAND" });
    account.stream("clicks", { open: 8, traffic: { demand: 0.1, throttled: 900 }, mode: "ON_DEMAND" });
    const observed = { orders: { max: 40, mode: "observe" }, clicks: { max: 40 } };
    await account.process(observed).invoke(alarm("orders", "clicks"));
    expect(account.changes).toEqual([]);
    expect(account.notifications.map(({ headline }) => headline)).toEqual([
      expect.stringContaining("0 -> 8 MiB/s of warm throughput"),
      "clicks: one partition key carries the load, which resharding cannot divide",
    ]);
    expect(account.notifications.at(-1)?.reasons.join()).toContain("distribution: auto");
  });

  it("has its records spread where the config allows it", async () => {
    account.stream("clicks", { open: 8, traffic: { demand: 0.1, throttled: 900 }, mode: "ON_DEMAND" });
    await account.process({ clicks: { max: 40, distribution: "auto" } }).invoke(alarm("clicks"));
    expect(account.stream("clicks").distribution).toBe("AUTO");
    expect(account.notifications).toMatchObject([
      { done: { what: "UpdateStreamRecordDistributionStrategy AUTO" } },
    ]);
  });
});

describe("from the trigger to UpdateShardCount", () => {
  /** How many rounds of calls, each waiting for the one before, until the call is made. */
  async function roundsUntilCall(config: Record<string, object>, event: unknown): Promise<number> {
    const rounds = account.inRounds();
    await account.process(config).invoke(event);
    return rounds.findIndex((round) => round.includes("UpdateShardCount")) + 1;
  }

  beforeEach(() => {
    for (const name of ["orders-eu", "orders-us", "clicks"]) account.stream(name, { ...BUSY, inAlarm: true });
  });

  it("are three rounds after an alarm", async () => {
    expect(await roundsUntilCall({ "orders-*": { max: 8 } }, alarm("orders-eu"))).toBe(3);
  });

  it("are four after a tick, also when streams are found by pattern and several are busy", async () => {
    const config = { "orders-*": { max: 8 }, clicks: { max: 8 } };
    expect(await roundsUntilCall(config, tick())).toBe(4);
    expect(account.changes).toHaveLength(3);
  });
});

describe("the sweep", () => {
  it("with nothing due is one DescribeAlarms and one look for notifications that wait, and nothing else", async () => {
    for (let stream = 0; stream < 30; stream += 1) account.stream(`orders-${stream}`);
    const process = account.process({ "orders-*": { max: 8 }, "orders-1": { max: 8 } });
    await process.invoke(tick());
    account.wait(MINUTE);
    expect(await callsDuring(() => process.invoke(tick()))).toEqual(["DescribeAlarms", "Query"]);
  });

  it("asks for no alarms where the config names no stream: what a pattern finds has none", async () => {
    account.stream("orders-1");
    const process = account.process({ "orders-*": { max: 8 } });
    await process.invoke(tick());
    account.wait(MINUTE);
    expect(await callsDuring(() => process.invoke(tick()))).toEqual(["Query"]);
  });

  it("publishes the open shards of every stream it knows, also when none is looked at", async () => {
    account.stream("orders", { open: 3, traffic: { demand: 2 } });
    account.stream("clicks", { open: 1 });
    const process = account.process({ orders: { max: 8 }, clicks: { max: 8 } });
    await process.invoke(tick());
    process.metrics.length = 0;
    account.wait(MINUTE);
    await process.invoke(tick());
    expect(process.metrics).toEqual([
      { name: "OpenShardCount", value: 3, dimensions: { StreamName: "orders" } },
      { name: "OpenShardCount", value: 1, dimensions: { StreamName: "clicks" } },
    ]);
  });

  it("reads the metrics of many streams with one GetMetricData", async () => {
    for (let stream = 0; stream < 30; stream += 1) account.stream(`orders-${stream}`);
    const calls = await callsDuring(() => account.process({ "orders-*": { max: 8 } }).invoke(tick()));
    expect(calls.filter((call) => call === "GetMetricData")).toHaveLength(1);
    // One for each stream, one for notifications that wait, and one for what other processes know.
    expect(calls.filter((call) => call === "Query")).toHaveLength(32);
  });

  it("goes on with what was busy while the alarms cannot be read", async () => {
    account.stream("orders", { open: 4, traffic: { demand: 4.5 }, inAlarm: true });
    account.stream("clicks", { open: 4, traffic: { demand: 2.5 } });
    const process = account.process({ orders: { max: 4 }, clicks: { max: 4 } });
    await process.invoke(tick());
    const throttled = Object.assign(new Error("Rate exceeded"), { name: "ThrottlingException" });
    account.wait(MINUTE);
    account.fail("DescribeAlarms", "before", throttled);
    expect((await process.invoke(tick())).streams.map(({ stream }) => stream)).toEqual(["orders"]);
  });

  it("of a process whose memory is old publishes only what it observed when an alarm invokes it", async () => {
    account.stream("orders", { open: 7, traffic: { demand: 5 } });
    account.stream("clicks", { open: 1, traffic: { demand: 0.5 } });
    const old = account.process({ orders: { max: 8 }, clicks: { max: 8 } });
    await old.invoke(tick());
    account.stream("orders", { open: 2, traffic: { demand: 1 } });
    account.wait(20 * MINUTE);
    old.metrics.length = 0;
    await old.invoke(alarm("clicks"));
    const published = old.metrics.filter(({ name }) => name === "OpenShardCount");
    expect(published.map(({ dimensions, value }) => [dimensions.StreamName, value])).toEqual([["clicks", 1]]);
  });

  it("looks again after scanIntervalMinutes", async () => {
    account.stream("orders");
    const process = account.process({ orders: { max: 8, scanIntervalMinutes: 3 } });
    const looked: boolean[] = [];
    for (let minute = 0; minute < 7; minute += 1) {
      looked.push((await process.invoke(tick())).streams.length > 0);
      account.wait(MINUTE);
    }
    expect(looked).toEqual([true, false, false, true, false, false, true]);
  });

  it("looks at a stream in ALARM every minute, as the alarm itself does not call again", async () => {
    account.stream("orders", { open: 2, traffic: { demand: 1.9 }, inAlarm: true });
    account.stream("clicks");
    const process = account.process({ orders: { max: 2 }, clicks: { max: 2 } });
    await process.invoke(tick());
    account.wait(MINUTE);
    expect((await process.invoke(tick())).streams).toMatchObject([
      { stream: "orders", trigger: "alarm reflex-test-stream-orders (still ALARM)" },
    ]);
  });

  it("drives a plan of several steps on by itself", async () => {
    account.stream("orders", { open: 2, traffic: { demand: 7.6 } });
    const process = account.process({ orders: { max: 20 } });
    for (let minute = 0; minute < 6; minute += 1) {
      await process.invoke(tick());
      account.wait(MINUTE);
    }
    expect(changesOf("orders")).toEqual([
      [2, 4],
      [4, 8],
      [8, 10],
    ]);
  });

  it("comes back to a stream that is UPDATING at the next minute", async () => {
    account.stream("orders", { ...BUSY, updatingUntil: account.now() + 90_000 });
    const process = account.process({ orders: { max: 8 } });
    const verdicts: unknown[] = [];
    for (let minute = 0; minute < 3; minute += 1) {
      verdicts.push(...(await process.invoke(tick())).streams.map(({ verdict }) => verdict));
      account.wait(MINUTE);
    }
    expect(verdicts).toEqual(["updating", "updating", "scale-out"]);
  });

  it("goes back in when the traffic is over, pair by pair and after the cool-down", async () => {
    account.stream("orders", { open: 5, traffic: { demand: 0 } });
    const process = account.process({ orders: { max: 8, min: 1 } });
    for (let minute = 0; minute < 3 * 60; minute += 1) {
      await process.invoke(tick());
      account.wait(MINUTE);
    }
    expect(changesOf("orders")).toEqual([
      [5, 4],
      [4, 3],
      [3, 2],
      [2, 1],
    ]);
  });

  it("reports a stream the config names that does not exist, at each look, and handles the others", async () => {
    account.stream("orders", BUSY);
    const process = account.process({ orders: { max: 8 }, ghost: { max: 8 } });
    // The sweep has done its work: an alarm on sweeps that do not run would be wrong.
    expect(await process.invoke(tick())).toMatchObject({
      streams: [{ stream: "orders" }],
      failed: [expect.stringMatching(/stream\/ghost/)],
    });
    expect(changesOf("orders")).toEqual([[1, 2]]);
  });

  it("says for how long a stream could not be observed, until it can", async () => {
    account.stream("orders");
    const process = account.process({ orders: { max: 8 } });
    const minutes: number[] = [];
    for (let minute = 0; minute < 30; minute += 1) {
      if (minute < 20) {
        const slow = Object.assign(new Error("slow down"), { name: "LimitExceededException" });
        void account.fail("DescribeStreamSummary", "before", slow);
      }
      process.metrics.length = 0;
      await process.invoke(tick());
      minutes.push(process.metrics.find(({ name }) => name === "MinutesStale")?.value ?? 0);
      account.wait(MINUTE);
    }
    expect(Math.max(...minutes)).toBeGreaterThanOrEqual(15);
    expect(minutes.at(-1)).toBe(0);
  });

  it("says for how long a stream did not get what it needed: it is observed, and nothing can be done", async () => {
    account.stream("orders", BUSY);
    const process = account.process({ orders: { max: 8 } });
    for (let minute = 0; minute < 8; minute += 1) {
      const slow = Object.assign(new Error("slow down"), { name: "LimitExceededException" });
      void account.fail("UpdateShardCount", "before", slow);
      void account.fail("SplitShard", "before", slow);
      process.metrics.length = 0;
      await process.invoke(tick());
      account.wait(MINUTE);
    }
    expect(process.metrics).toContainEqual({
      name: "MinutesStale",
      value: 7,
      dimensions: { Resource: "stream/orders" },
    });
  });

  it("does not observe a stream each minute that mode observe would only change", async () => {
    account.stream("orders", BUSY);
    const process = account.process({ orders: { max: 8, mode: "observe", scanIntervalMinutes: 5 } });
    const observed: boolean[] = [];
    for (let minute = 0; minute < 6; minute += 1) {
      observed.push((await process.invoke(tick())).streams.length > 0);
      account.wait(MINUTE);
    }
    expect(observed).toEqual([true, false, false, false, false, true]);
  });

  it.each(["DescribeAlarms", "ListStreams"])(
    "that is refused %s goes on with what is due, and says so",
    async (call) => {
      account.stream("orders", BUSY);
      const slow = Object.assign(new Error("slow down"), { name: "ThrottlingException" });
      void account.fail(call, "before", slow);
      const process = account.process({ orders: { max: 8 }, "clicks-*": { max: 8 } });
      const { later } = await process.invoke(tick());
      expect(later).toEqual([expect.stringContaining(call)]);
      expect(changesOf("orders")).toEqual([[1, 2]]);
      expect(process.metrics).toContainEqual({ name: "Postponed", value: 1, dimensions: {} });
    },
  );
});

describe("a pattern", () => {
  it("manages a stream that is created later, without a new process", async () => {
    const process = account.process({ "orders-*": { max: 8 } });
    await process.invoke(tick());
    account.stream("orders-new", BUSY);
    account.stream("clicks", BUSY);
    account.wait(5 * MINUTE);
    await process.invoke(tick());
    expect(account.changes.map(({ stream }) => stream)).toEqual(["orders-new"]);
  });

  it("forgets a stream that is gone", async () => {
    account.stream("orders-old");
    const process = account.process({ "orders-*": { max: 8 } });
    await process.invoke(tick());
    account.remove("orders-old");
    account.wait(5 * MINUTE);
    expect(await process.invoke(tick())).toEqual({ streams: [], ignored: [], later: [] });
  });
});

describe("a run's metrics", () => {
  it("count the decision, the action, and how long the decision took since the alarm", async () => {
    account.stream("orders", BUSY);
    const process = account.process({ orders: { max: 8 } });
    account.wait(2_000);
    await process.invoke(alarm("orders"));
    expect(process.metrics).toEqual([
      { name: "Decisions", value: 1, dimensions: { Decision: "scale-out" } },
      { name: "DecisionLatency", value: 2_000, dimensions: {} },
      { name: "Actions", value: 1, dimensions: { Action: "kinesis:UpdateShardCount" } },
      { name: "OpenShardCount", value: 1, dimensions: { StreamName: "orders" } },
    ]);
  });
});
