import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  EnableEnhancedMonitoringCommand,
  PutRecordsCommand,
  UpdateAccountSettingsCommand,
} from "@aws-sdk/client-kinesis";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Fault } from "../../../sandbox/endpoint/faults.ts";
import { alarmEvent, FUNCTION, metricsAtOnce, startTestRig, type TestRig } from "../setup/test-rig.ts";

/**
 * A shard is full at 9 records a minute: 10 need 2 shards, 30 need 6. Nothing scales in again within a test. The stream
 * sample is quiet; it has an alarm, so that each sweep asks for alarms.
 */
const CONFIG =
  'streams: { sample: { max: 2 }, "warm-*": { max: 16, shardCapacity: { recordsPerSecond: 0.15 }, targetUtilisation: 0.75, scaleOutAt: 0.85, lookBackMinutes: 5, scaleOutMinutes: 2, scaleInCooldownMinutes: 3, distribution: auto, shardMetrics: true }, "switch-*": { max: 16, shardCapacity: { recordsPerSecond: 0.15 }, streamMode: switch }, "*": { max: 4, shardCapacity: { recordsPerSecond: 0.15 }, scaleOutAt: 0.85, scaleInCooldownMinutes: 1440 } }';
const RECORDS = 10;
const DAY_MS = 24 * 3_600_000;

let deps: TestRig;
beforeAll(async () => {
  deps = await startTestRig({ config: CONFIG, ...metricsAtOnce });
});
afterEach(() => deps.account.faults.clear());
afterAll(() => deps.stop());

let streams = 0;

/** A stream of the test's own, busy enough for 2 shards. */
async function busyStream(): Promise<string> {
  streams += 1;
  const stream = `busy-${streams}`;
  await deps.createStream(stream);
  await deps.put(stream, RECORDS);
  return stream;
}

/** The calls by which a run acts, in their order. */
const ACTING = [
  { call: "dynamodb UpdateItem of lease and intent", service: "dynamodb", operation: "UpdateItem", after: 0 },
  { call: "kinesis UpdateShardCount", service: "kinesis", operation: "UpdateShardCount", after: 0 },
  { call: "dynamodb PutItem of the outcome", service: "dynamodb", operation: "PutItem", after: 0 },
  {
    call: "dynamodb UpdateItem that gives the lease back",
    service: "dynamodb",
    operation: "UpdateItem",
    after: 1,
  },
  { call: "sns Publish", service: "sns", operation: "Publish", after: 0 },
] as const;

/** And those by which it looks. */
const LOOKING = [
  { service: "kinesis", operation: "DescribeStreamSummary" },
  { service: "kinesis", operation: "ListShards" },
  { service: "monitoring", operation: "GetMetricData" },
  { service: "dynamodb", operation: "Query" },
] as const;

/** What must be so in the end, whatever happened: the change was made once, and the ledger says that. */
async function expectOneChange(stream: string): Promise<void> {
  expect(await deps.stream(stream)).toEqual({ open: 2, status: "ACTIVE" });
  // The first shard and the two that replaced it.
  expect(await deps.shardsEver(stream)).toBe(3);
  const { entries, pending, leasedUntil } = await deps.history(stream);
  expect(entries.filter(({ outcome }) => outcome.result === "applied")).toMatchObject([
    { intent: { action: "kinesis:UpdateShardCount", from: 1, to: 2 } },
  ]);
  expect([pending, leasedUntil]).toEqual([undefined, undefined]);
  // One that was lost on the way is notified as not done, the one that made the change as done.
  const changes = new Map(deps.notifications(stream).map(({ id, done }) => [id, done]));
  expect(changes.size).toBeLessThanOrEqual(entries.length);
  expect([...changes.values()].filter(({ to }) => to === 2).length).toBeLessThanOrEqual(1);
}

interface Interrupted {
  readonly stream: string;
  readonly hits: number;
}

/** One run for a stream of its own, which meets the fault; what follows of all of them happens in the same minutes. */
async function interruptedBy(fault: Fault): Promise<Interrupted> {
  const stream = await busyStream();
  const injected = deps.account.faults.inject({ ...fault, functionName: FUNCTION });
  await deps.wake(alarmEvent(stream));
  deps.account.faults.clear();
  return { stream, hits: injected.hits() };
}

describe.each(["crash-before", "crash-after", "lost-answer"] as const)("%s:", (kind) => {
  const interrupted = new Map<string, Interrupted>();
  beforeAll(async () => {
    for (const { call, ...where } of ACTING) interrupted.set(call, await interruptedBy({ kind, ...where }));
    await deps.minutes(5);
  });

  test.each(ACTING)("$call leads to one change", async ({ call }) => {
    const { stream = "", hits } = interrupted.get(call) ?? {};
    expect(hits).toBe(1);
    await expectOneChange(stream);
  });
});

describe("once for every call of a run", () => {
  test.each(["throttle", "server-error"] as const)("%s is made up for by the run itself", async (kind) => {
    const stream = await busyStream();
    const faults = [...LOOKING, ...ACTING].map((call) =>
      deps.account.faults.inject({ kind, functionName: FUNCTION, ...call }),
    );
    await deps.wake(alarmEvent(stream));
    expect(deps.runs().at(-1)?.result.ok).toBe(true);
    await deps.minutes(1);
    expect(faults.map((fault) => fault.hits())).toEqual(faults.map(() => 1));
    await expectOneChange(stream);
  });
});

/** As often as the SDK tries, with waits between that are longer after a throttle. */
const ATTEMPTS = 4;

const LASTING = [
  { kind: "throttle", service: "kinesis", operation: "UpdateShardCount" },
  { kind: "throttle", service: "monitoring", operation: "GetMetricData" },
  { kind: "server-error", service: "kinesis", operation: "DescribeStreamSummary" },
  { kind: "server-error", service: "kinesis", operation: "UpdateShardCount" },
  { kind: "server-error", service: "monitoring", operation: "GetMetricData" },
  { kind: "server-error", service: "dynamodb", operation: "Query" },
  { kind: "server-error", service: "dynamodb", operation: "PutItem" },
  { kind: "server-error", service: "sns", operation: "Publish" },
] as const;

describe("for as long as a run asks", () => {
  const interrupted = new Map<Fault, Interrupted>();
  beforeAll(async () => {
    for (const fault of LASTING) interrupted.set(fault, await interruptedBy({ ...fault, times: ATTEMPTS }));
    await deps.minutes(5);
  });

  test.each(LASTING)("$kind of $service $operation is made up for by the next runs", async (fault) => {
    const { stream = "", hits } = interrupted.get(fault) ?? {};
    expect(hits).toBe(ATTEMPTS);
    await expectOneChange(stream);
  });

  test("server-error of DescribeAlarms or ListStreams fails one sweep, and a later one finds the stream", async () => {
    // The streams are listed at every fifth minute.
    await deps.minutes(5);
    const stream = await busyStream();
    const faults = [
      { service: "monitoring", operation: "DescribeAlarms" },
      { service: "kinesis", operation: "ListStreams" },
    ].map((call) =>
      deps.account.faults.inject({
        ...call,
        ...{ kind: "server-error", times: ATTEMPTS, functionName: FUNCTION },
      }),
    );
    await deps.minutes(6);
    expect(faults.map((fault) => fault.hits())).toEqual([ATTEMPTS, ATTEMPTS]);
    await expectOneChange(stream);
  });
});

describe("a stream that stays UPDATING", () => {
  test("for longer is left alone until it is ACTIVE, and then goes on to its goal", async () => {
    const stream = await busyStream();
    await deps.put(stream, 20);
    deps.account.faults.inject({
      kind: "updating",
      service: "kinesis",
      operation: "UpdateShardCount",
      forMs: 4 * 60_000,
    });
    await deps.wake(alarmEvent(stream));
    for (let minute = 0; minute < 3; minute += 1) {
      await deps.put(stream, 30);
      await deps.minutes(1);
    }
    expect(await deps.stream(stream)).toEqual({ open: 2, status: "UPDATING" });
    expect(await deps.shardsEver(stream)).toBe(3);
    await deps.put(stream, 30);
    await deps.minutes(3);
    expect(await deps.stream(stream)).toEqual({ open: 4, status: "ACTIVE" });
    expect((await deps.history(stream)).entries.map(({ intent }) => intent.to)).toEqual([4, 2]);
  });
});

describe("a stream on demand", () => {
  const create = async (StreamName: string) => {
    const StreamModeDetails = { StreamMode: "ON_DEMAND" } as const;
    await deps.kinesis.send(new CreateStreamCommand({ StreamName, StreamModeDetails }));
  };

  test("is warmed up in an account with On-demand Advantage, and released after the peak", async () => {
    const Status = "ENABLED";
    await deps.kinesis.send(
      new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status } }),
    );
    await create("warm-orders");
    await deps.put("warm-orders", 50);
    await deps.wake(alarmEvent("warm-orders"));
    await deps.minutes(1);
    expect((await deps.stream("warm-orders")).open).toBe(8);
    await deps.minutes(10);
    const { entries } = await deps.history("warm-orders");
    expect(
      entries.map(({ intent, outcome }) => [intent.action, intent.from, intent.to, outcome.result]),
    ).toEqual([
      ["kinesis:UpdateStreamWarmThroughput", 8, 1, "applied"],
      ["kinesis:UpdateStreamWarmThroughput", 0, 8, "applied"],
    ]);
  });

  test("has the records of a hot key spread, where the config allows it", async () => {
    const StreamName = "warm-clicks";
    await create(StreamName);
    const ShardLevelMetrics = ["IncomingRecords" as const];
    await deps.kinesis.send(new EnableEnhancedMonitoringCommand({ StreamName, ShardLevelMetrics }));
    const Records = Array.from({ length: 12 }, () => ({ PartitionKey: "one", Data: Buffer.from("a click") }));
    await deps.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    await deps.wake(alarmEvent(StreamName));
    const answer = await deps.kinesis.send(new PutRecordsCommand({ StreamName, Records }));
    expect(new Set(answer.Records?.map(({ ShardId }) => ShardId)).size).toBe(4);
    expect((await deps.history(StreamName)).entries).toMatchObject([
      {
        intent: { action: "kinesis:UpdateStreamRecordDistributionStrategy" },
        outcome: { result: "applied" },
      },
    ]);
  });
});

test("a stream whose last week would have been cheaper on demand is switched, and stays so", async () => {
  const StreamName = "switch-orders";
  await deps.kinesis.send(new CreateStreamCommand({ StreamName, ShardCount: 8 }));
  await deps.minutes(1);
  // Eight days of six shards' worth of small records: 8 shards are $87.60 a month, On-demand Standard $29.20.
  const day = Math.floor(deps.account.clock.now() / DAY_MS);
  const days = Array.from({ length: 8 }, (_, before) => ({
    ...{ day: day - 8 + before, slots: 96, bytes: 1_000_000, records: 10_000 },
  }));
  await deps.keepProfile(StreamName, { firstSlot: (day - 8) * 96, peaks: Array(8 * 96).fill(6), days });
  const modeNow = async () => {
    const { StreamDescriptionSummary } = await deps.kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName }),
    );
    return StreamDescriptionSummary?.StreamModeDetails?.StreamMode;
  };
  expect(await modeNow()).toBe("PROVISIONED");
  await deps.wake(alarmEvent(StreamName));
  await deps.minutes(1);
  expect(await modeNow()).toBe("ON_DEMAND");
  await deps.wake(alarmEvent(StreamName));
  expect((await deps.history(StreamName)).entries).toMatchObject([
    {
      intent: { action: "kinesis:UpdateStreamMode", evidence: { mode: "ON_DEMAND" } },
      outcome: { result: "applied" },
    },
  ]);
  expect(deps.notifications(StreamName)[0]?.reasons.join()).toMatch(/on-demand mode would be cheaper/);
});
