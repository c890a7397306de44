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

describe("a day of the stream sample", () => {
  const open: number[] = [];
  let deps: TestRig;
  let deployed: MetricAlarm[];

  beforeAll(async () => {
    deps = await startTestRig();
    deployed = await deps.alarms();
    const minute = async () => {
      await deps.minutes(1);
      const now = (await deps.stream("sample")).open;
      if (open.at(-1) !== now) open.push(now);
    };
    await minute();
    for (let of = 0; of < 4; of += 1) {
      await deps.put("sample", 15);
      await minute();
    }
    for (let of = 0; of < 20; of += 1) await minute();
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

  test("is told once for each change", () => {
    expect(deps.told("sample").map(({ done }) => [done.from, done.to])).toEqual([
      [1, 2],
      [2, 1],
    ]);
  });

  test("never has the alarms rewritten", async () => {
    expect((await deps.alarms()).map(configuration)).toEqual(deployed.map(configuration));
    expect(deps.account.calls.where({ operation: "PutMetricAlarm" })).toEqual([]);
  });

  test("can be followed by the same deploy again, which finds nothing to do", async () => {
    expect(await updateStack(deps, deps.template)).toContain("No updates are to be performed.");
  });

  test("can be followed by a deploy of something else, which leaves the alarms alone", async () => {
    const before = await deps.alarms();
    const changed = JSON.parse(deps.template);
    changed.Resources.ReshardDashstreamsLambdaFunction.Properties.MemorySize = 768;
    expect(await updateStack(deps, JSON.stringify(changed))).toContain("<StackId>");
    await deps.minutes(0);
    const deployed = deps.account.lambda.configurations().find(({ name }) => name === FUNCTION);
    expect(deployed?.memoryMb).toBe(768);
    expect(await deps.alarms()).toEqual(before);
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

/** CloudFormation's UpdateStack, which a deploy ends in. */
async function updateStack({ account }: TestRig, template: string): Promise<string> {
  const { buckets } = account.s3;
  if (!buckets.names().includes("deploys")) buckets.create("deploys");
  buckets.put("deploys", "template.json", Buffer.from(template));
  // Larger than a request may be: it is read from a bucket, as serverless has it.
  const TemplateURL = `${account.url}/deploys/template.json`;
  const scope = "sandbox/20261121/us-east-1/cloudformation/aws4_request";
  const answer = await fetch(account.url, {
    method: "POST",
    headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none` },
    body: new URLSearchParams({ Action: "UpdateStack", StackName: "reflex-dev", TemplateURL }),
  });
  return answer.text();
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
    expect(deps.told(stream)).toHaveLength(1);
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

describe("a sweep", () => {
  let deps: TestRig;
  beforeAll(async () => {
    deps = await startTestRig({
      config: `streams: { sample: { ${POLICY} }, "later-*": { ${POLICY} }, "watched-*": { ${POLICY}, mode: observe } }`,
    });
  });
  afterAll(() => deps.stop());

  test("with nothing due is two calls: the alarms, and notifications that wait", async () => {
    // The first one of a process looks at everything.
    await deps.minutes(1);
    deps.account.calls.clear();
    await deps.minutes(1);
    const calls = deps.account.calls.where({ functionName: FUNCTION });
    expect(calls.map(({ operation }) => operation)).toEqual(["DescribeAlarms", "Query"]);
  });

  test("finds a stream that was created after the deploy and matches a pattern", async () => {
    await deps.minutes(1);
    await deps.createStream("later-orders");
    await deps.put("later-orders", RECORDS);
    await deps.minutes(6);
    expect(await deps.stream("later-orders")).toEqual({ open: 2, status: "ACTIVE" });
  });

  test("leaves a stream of no entry alone", async () => {
    await deps.createStream("nobodys");
    await deps.put("nobodys", RECORDS);
    await deps.minutes(6);
    expect(await deps.stream("nobodys")).toMatchObject({ open: 1 });
  });

  test("of a stream in mode observe changes nothing and tells once", async () => {
    await deps.createStream("watched-orders");
    for (let minute = 0; minute < 8; minute += 1) {
      await deps.put("watched-orders", RECORDS);
      await deps.minutes(1);
    }
    expect(await deps.shardsEver("watched-orders")).toBe(1);
    expect((await deps.history("watched-orders")).entries).toEqual([]);
    expect(deps.told("watched-orders").map(({ headline }) => headline)).toEqual([
      "watched-orders: would change 1 -> 2 shards (scale-out); mode is observe",
    ]);
  });
});
