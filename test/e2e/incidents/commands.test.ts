import {
  CreateStreamCommand,
  EnableEnhancedMonitoringCommand,
  ListShardsCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Receiver, startReceiver } from "../../../sandbox/receivers/receiver.ts";
import {
  alarmEvent,
  FUNCTION,
  MINUTE,
  metricsAtOnce,
  startTestRig,
  type TestRig,
} from "../setup/test-rig.ts";
import { type Ended, reflex } from "./reflex-command.ts";

let rig: TestRig;
let monitor: Receiver;
/** ms since the epoch, before the first sweep. */
let started: number;
beforeAll(async () => {
  monitor = await startReceiver();
  rig = await startTestRig({
    ...metricsAtOnce,
    config: `
    notify: { allow: [127.0.0.0/8] }
    monitoring: { heartbeat: { url: { ssm: /reflex/heartbeat }, everyMinutes: 2 } }
    streams: {
      orders: { max: 2, shardCapacity: { recordsPerSecond: 0.15 } },
      "clicks-*": { max: 3, shardCapacity: { recordsPerSecond: 0.15 }, shardMetrics: true } }`,
  });
  started = rig.account.clock.now();
  await rig.createStream("orders");
  rig.account.ssm.put("/reflex/heartbeat", `${monitor.url}/ping`);
  await rig.minutes(1);
});
afterAll(async () => {
  await rig.stop();
  await monitor.stop();
});

const run = (...args: string[]): Promise<Ended> => reflex(rig.account, ...args);

/** A burst, and the look it causes. */
async function burst(): Promise<void> {
  await rig.put("orders", 20);
  await rig.minutes(1);
  await rig.wake(alarmEvent("orders"));
}

const openShards = async (StreamName: string) => {
  const { Shards = [] } = await rig.kinesis.send(new ListShardsCommand({ StreamName }));
  return Shards.filter(({ SequenceNumberRange: range }) => range?.EndingSequenceNumber === undefined).map(
    ({ HashKeyRange: range }) => `${range?.StartingHashKey}-${range?.EndingHashKey}`,
  );
};

const ids = async () => (await rig.history("orders")).entries.map(({ intent }) => intent.id);

describe("stop, look, undo: without a deploy", () => {
  test("a pause holds the next change back, says so everywhere, and is ended by a command", async () => {
    const paused = await run("pause", "stream/orders", "--for", "2h", "--why", "a load test");
    expect(paused).toMatchObject({ code: 0, stderr: "" });
    expect(paused.stdout).toMatch(
      /^stream\/orders is paused until 2026-11-21 14:0\d UTC by arn:aws:iam::000000000000:root: a load test\n/,
    );
    await burst();
    expect(await rig.stream("orders")).toMatchObject({ open: 1 });
    expect(rig.notifications("orders").map(({ headline }) => headline)).toEqual([
      expect.stringMatching(/^stream\/orders is paused until .*: a load test$/),
      expect.stringMatching(
        /^orders: 1 -> 2 shards \(scale-out\) is not done: stream\/orders is paused until .*: a load test$/,
      ),
    ]);

    const status = await run("status");
    expect(status.stdout).toMatch(/Paused:\n {2}stream\/orders is paused until .*: a load test/);
    expect(status.stdout).toMatch(/stream\/orders {2}no change in 90 days\n {4}scale-out \(paused\) for /);
    const why = await run("why", "stream/orders");
    expect(why.stdout).toMatch(/decided scale-out, not done: paused\n {4}because /);

    const resumed = await run("resume", "stream/orders", "--json");
    expect(resumed).toMatchObject({ code: 0, stderr: "" });
    expect(JSON.parse(resumed.stdout)).toMatchObject({
      ...{ stage: "dev", still: [] },
      ended: { scope: "stream/orders", why: "a load test" },
    });
    await burst();
    expect(await rig.stream("orders")).toMatchObject({ open: 2 });
  });

  test("the notification's own command undoes the change, pauses first, and is itself in the audit trail", async () => {
    await rig.minutes(2);
    const command =
      rig.notifications("orders").findLast(({ headline }) => headline.includes("1 -> 2"))?.undo ?? "";
    const [id = ""] = await ids();
    expect(command).toBe(`reflex undo ${id} --stage dev`);
    const undone = await run(...command.split(" ").slice(1));
    expect(undone).toMatchObject({ code: 0, stderr: "" });
    expect(undone.stdout).toMatch(/^Undone: (MergeShards|UpdateShardCount) 2 -> 1 shards of orders\n/);
    await rig.minutes(2);
    expect(await rig.stream("orders")).toMatchObject({ open: 1, status: "ACTIVE" });
    await burst();
    expect(await rig.stream("orders")).toMatchObject({ open: 1 });

    const changed = await run("what-changed", "--since", "1h", "--json");
    const trail = changed.stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(trail.map(({ resource, intent }) => `${resource} ${intent.action}`)).toEqual([
      "pause/stream/orders reflex:pause",
      "pause/stream/orders reflex:resume",
      expect.stringMatching(/^stream\/orders kinesis:/),
      "pause/stream/orders reflex:pause",
      expect.stringMatching(/^stream\/orders kinesis:/),
    ]);
    expect(trail.at(-1)?.intent.evidence).toMatchObject({ undoes: id });
  });

  test("what is undone already, or was never done, is refused with the reason", async () => {
    const all = await ids();
    const again = await run("undo", all.at(-1) ?? "");
    expect(again).toMatchObject({ code: 1, stdout: "" });
    expect(again.stderr).toMatch(/^Not undone: it is undone already, by reflex undo by /);
    expect(await run("undo", "nothing")).toMatchObject({
      code: 1,
      stderr: "Not undone: the ledger has no change nothing\n",
    });
  });

  test("a split is undone by a merge, that by a split at the old border; a change that does not stand is not", async () => {
    const StreamName = "clicks-web";
    await rig.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 2 }));
    const ShardLevelMetrics = ["IncomingRecords" as const];
    await rig.kinesis.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics }));
    const Records = Array.from({ length: 9 }, () => ({ PartitionKey: "one", Data: Buffer.from("a click") }));
    await rig.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    await rig.minutes(1);
    const whole = await openShards(StreamName);
    await rig.wake(alarmEvent(StreamName));
    await rig.minutes(1);
    const split = await openShards(StreamName);
    const id = async () => (await rig.history(StreamName)).entries[0]?.intent.id ?? "";
    const splitId = await id();

    expect((await run("undo", splitId)).stdout).toMatch(/^Undone: MergeShards 3 -> 2 shards of clicks-web\n/);
    await rig.minutes(1);
    expect(await openShards(StreamName)).toEqual(whole);

    expect((await run("undo", await id())).stdout).toMatch(
      /^Undone: SplitShard 2 -> 3 shards of clicks-web\n/,
    );
    await rig.minutes(1);
    expect(await openShards(StreamName)).toEqual(split);
    expect([whole.length, split.length]).toEqual([2, 3]);

    expect(await run("undo", splitId)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^Not undone: the two shards that shardId-\d+ was split into are not both open any more$/m,
      ),
    });
  });

  test("`why --at` has the decision that stood then, a hold too", async () => {
    const at = new Date(rig.account.clock.now()).toISOString();
    const why = await run("why", "stream/orders", "--at", at);
    expect(why.stdout).toMatch(/decided [a-z-]+/);
    expect(why.code).toBe(0);
  });

  test("a name that Reflex does not know is not paused: it would stop nothing", async () => {
    expect(await run("pause", "stream/ordrs", "--for", "1h", "--why", "x")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("nothing was paused. Did you mean stream/orders?"),
    });
  });
});

describe("the heartbeat to a monitor outside", () => {
  const pings = () => monitor.requests.filter(({ path }) => path === "/ping");

  test("is sent by sweeps that ended well, no more often than the config says", () => {
    const sweeps = Math.floor(rig.account.clock.now() / MINUTE) - Math.floor(started / MINUTE);
    expect(pings()).toHaveLength(Math.ceil(sweeps / 2));
    expect(pings()[0]).toMatchObject({
      status: 200,
      body: JSON.stringify({ service: "reflex", stage: "dev", region: "us-east-1" }),
    });
  });

  test("that the monitor refuses fails no run, is logged and counted, and is sent again by the next sweep", async () => {
    const before = pings().length;
    await rig.minutes(2);
    monitor.replyNext("/ping", { status: 500 }, { status: 302, headers: { location: monitor.url } });
    await rig.minutes(4);
    const since = pings().slice(before);
    expect(since.map(({ status }) => status)).toEqual([200, 500, 302, 200]);
    const log = rig.runs().flatMap((run) => run.log);
    expect(log.filter((line) => line.includes("monitoring.heartbeat answered "))).toHaveLength(2);
    expect(log.filter((line) => line.includes('"HeartbeatFailures":1'))).toHaveLength(2);
    expect(log.filter((line) => line.includes("/ping"))).toEqual([]);
  });
});

test("all of it ran in functions that did not fail", () => {
  expect(rig.account.lambda.invocations(FUNCTION).filter(({ result }) => !result.ok)).toEqual([]);
});
