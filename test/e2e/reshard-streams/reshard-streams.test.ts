import type { MetricAlarm } from "@aws-sdk/client-cloudwatch";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Call, rounds } from "../../../sandbox/endpoint/calls.ts";
import type { Invocation } from "../../../sandbox/lambda/function.ts";
import {
  alarmEvent,
  answerOf,
  FUNCTION,
  metricsAtOnce,
  startTestRig,
  type TestRig,
} from "../setup/test-rig.ts";

/** A shard is full at 9 records a minute, so that a handful of records is traffic: 10 need 2 shards. */
const POLICY = "max: 4, shardCapacity: { recordsPerSecond: 0.15 }, scaleOutAt: 0.85, lookBackMinutes: 10";
const RECORDS = 10;

/** The entry of config/dev.yml, and patterns beside it. */
const DAY = `streams: {
  sample: { ${POLICY.replace("max: 4", "max: 2")}, scaleInCooldownMinutes: 10 },
  "later-*": { ${POLICY} }, "watched-*": { ${POLICY}, mode: observe } }`;

describe("a day of the stream sample", () => {
  const open: number[] = [];
  let deps: TestRig;
  let deployed: MetricAlarm[];
  let callsOfQuietSweep: readonly string[];

  beforeAll(async () => {
    deps = await startTestRig({ config: DAY });
    deployed = await deps.alarms();
    const minute = async () => {
      await deps.minutes(1);
      const now = (await deps.stream("sample")).open;
      if (open.at(-1) !== now) open.push(now);
    };
    // The first sweep of a process looks at everything.
    await minute();
    deps.account.calls.clear();
    await deps.minutes(1);
    const calls = deps.account.calls.where({ functionName: FUNCTION });
    callsOfQuietSweep = calls.map(({ operation }) => operation);
    for (const created of ["later-orders", "nobodys", "watched-orders"]) await deps.createStream(created);
    for (const busy of ["later-orders", "nobodys"]) await deps.put(busy, RECORDS);
    for (let of = 0; of < 8; of += 1) {
      if (of < 4) await deps.put("sample", 15);
      await deps.put("watched-orders", RECORDS);
      await minute();
    }
    for (let of = 0; of < 14; of += 1) await minute();
  });
  afterAll(() => deps.stop());

  test("goes from 1 to 2 open shards with the traffic, and back to 1 after it", () => {
    expect(open).toEqual([1, 2, 1]);
  });

  test("begins with the alarm: it wakes the function, which acts at once", () => {
    const acting = deps.runs().find((run) => didChange(run));
    expect(acting && answerOf(acting)).toMatchObject({
      streams: [{ trigger: "alarm reflex-dev-stream-sample (ALARM)", action: "UpdateShardCount 1 -> 2" }],
    });
  });

  test("leaves one entry in the ledger for each change, and nothing pending", async () => {
    const { entries, pending, leasedUntil } = await deps.history("sample");
    expect(entries.map(({ intent, outcome }) => [intent.from, intent.to, outcome.result])).toEqual([
      [2, 1, "applied"],
      [1, 2, "applied"],
    ]);
    expect([pending, leasedUntil]).toEqual([undefined, undefined]);
  });

  test("is notified once for each change", () => {
    expect(deps.notifications("sample").map(({ done }) => [done.from, done.to])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test("has sweeps that, with nothing due, are two calls: the alarms, and notifications that wait", () => {
    expect(callsOfQuietSweep).toEqual(["DescribeAlarms", "Query"]);
  });

  test("has a sweep that finds a stream which was created after the deploy and matches a pattern", async () => {
    expect(await deps.stream("later-orders")).toEqual({ open: 2, status: "ACTIVE" });
  });

  test("leaves a stream of no entry alone", async () => {
    expect(await deps.shardsEver("nobodys")).toBe(1);
  });

  test("changes nothing of a stream in mode observe, and notifies of it once", async () => {
    expect(await deps.shardsEver("watched-orders")).toBe(1);
    expect((await deps.history("watched-orders")).entries).toEqual([]);
    expect(deps.notifications("watched-orders").map(({ headline }) => headline)).toEqual([
      "watched-orders: 1 -> 2 shards (scale-out) is not done: mode is observe",
    ]);
  });

  test("never has the alarms rewritten", async () => {
    expect((await deps.alarms()).map(configuration)).toEqual(deployed.map(configuration));
    expect(deps.account.calls.where({ operation: "PutMetricAlarm" })).toEqual([]);
  });
});

function didChange({ result }: Invocation): boolean {
  return result.ok && result.payload.includes('"action":"UpdateShardCount');
}

/** What was deployed, and when; not the state. */
function configuration(alarm: MetricAlarm) {
  const {
    StateValue,
    StateReason,
    StateReasonData,
    StateUpdatedTimestamp,
    StateTransitionedTimestamp,
    ...rest
  } = alarm;
  return rest;
}

describe("where each AWS call takes its time", () => {
  let deps: TestRig;
  beforeAll(async () => {
    deps = await startTestRig({
      config: `streams: { "slow-*": { ${POLICY} } }`,
      // Long enough that calls sent together are seen together, and that runs begun together look together.
      latencyMs: 300,
      // Kinesis would take a second change at once: nothing but the ledger keeps two runs apart.
      updatingMs: 0,
      ...metricsAtOnce,
    });
    // The first calls of a process are not as close together as the later ones.
    await deps.createStream("slow-first");
    await deps.minutes(1);
  });
  afterAll(() => deps.stop());

  test.each([
    ["one after the other", { atOnce: false }],
    ["at once", { atOnce: true }],
  ])("an alarm delivered twice %s makes one change and one notification", async (_, options) => {
    const stream = `slow-twice-${options.atOnce}`;
    await deps.createStream(stream);
    await deps.put(stream, RECORDS);
    deps.account.lambda.deliverTwice(FUNCTION, options);
    const before = deps.runs().length;
    await deps.wake(alarmEvent(stream));
    expect(deps.runs().length - before).toBe(2);
    expect(await deps.shardsEver(stream)).toBe(3);
    expect((await deps.history(stream)).entries).toMatchObject([
      { intent: { from: 1, to: 2 }, outcome: { result: "applied" } },
    ]);
    expect(deps.notifications(stream)).toHaveLength(1);
  });

  test("it is at most four of them, one after the other, from an alarm to UpdateShardCount", async () => {
    await deps.createStream("slow-alarm");
    await deps.put("slow-alarm", RECORDS);
    await deps.wake(alarmEvent("slow-alarm"));
    expect(rounds(untilUpdateShardCount(deps))).toBeLessThanOrEqual(4);
  });

  test("it is at most four of them, one after the other, from a tick to UpdateShardCount", async () => {
    await deps.createStream("slow-tick");
    await deps.put("slow-tick", RECORDS);
    // Up to five minutes until the stream is found.
    await deps.minutes(6);
    expect(await deps.stream("slow-tick")).toMatchObject({ open: 2 });
    expect(rounds(untilUpdateShardCount(deps))).toBeLessThanOrEqual(4);
  });
});

/** The calls of the run that called UpdateShardCount last, from its first to that one. */
function untilUpdateShardCount({ account: { calls } }: TestRig): readonly Call[] {
  const update = calls.where({ operation: "UpdateShardCount" }).at(-1);
  if (update?.requestId === undefined) throw new Error("no run called UpdateShardCount");
  const ofRun = calls.where({ requestId: update.requestId });
  return ofRun.slice(0, ofRun.indexOf(update) + 1);
}
