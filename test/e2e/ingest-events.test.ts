import { gzipSync } from "node:zlib";
import { type AttributeValue, DynamoDBClient, paginateScan } from "@aws-sdk/client-dynamodb";
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  PutRecordCommand,
  PutRecordsCommand,
  UpdateShardCountCommand,
} from "@aws-sdk/client-kinesis";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { S3Client } from "@aws-sdk/client-s3";
import { SQSClient } from "@aws-sdk/client-sqs";
import { afterAll, afterEach, beforeAll, describe, expect, inject, it } from "vitest";
import type { QuarantinedRecord } from "../../functions/ingest-events/quarantine/quarantine.ts";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { clientFor } from "../../sandbox/demos/client.ts";
import { type RealEvent, realEvents } from "../../sandbox/demos/real-events.ts";
import type { FaultKind } from "../../sandbox/endpoint/faults.ts";
import { notPermitted } from "../../sandbox/iam/permissions.ts";
import { aggregate } from "../../sandbox/kinesis/kpl-aggregate.ts";
import { stageQuarantine } from "../../scripts/redrive/large-records.ts";
import { redrive } from "../../scripts/redrive/redrive.ts";

const STREAM = "events";
const TABLE = "reflex-dev-events";
const FUNCTION = "reflex-dev-ingest-events";
const START = Date.parse("2026-11-21T12:00:00Z");

let account: Account;
let kinesis: KinesisClient;
let dynamo: DynamoDBClient;
let unused: RealEvent[];

beforeAll(async () => {
  account = await startAccount({
    packageDir: inject("packageDir"),
    speed: 0,
    start: START,
    updatingMs: 5_000,
    log: () => {},
  });
  kinesis = new KinesisClient(clientFor(account));
  dynamo = new DynamoDBClient(clientFor(account));
  unused = realEvents(START);
});

afterAll(async () => {
  kinesis?.destroy();
  dynamo?.destroy();
  await account?.stop();
});

afterEach(() => {
  account.faults.clear();
  account.sqs.queue("reflex-dev-quarantine")?.purge();
  account.sqs.queue("reflex-dev-failed-batches")?.purge();
});

/** Real events that no other test has sent. */
const take = (count: number) => unused.splice(0, count);
const bytesOf = (event: RealEvent) => Buffer.from(JSON.stringify(event));

async function put(records: readonly { key: string; data: Uint8Array }[]): Promise<void> {
  const Records = records.map(({ key, data }) => ({ PartitionKey: key, Data: data }));
  const { FailedRecordCount } = await kinesis.send(new PutRecordsCommand({ StreamName: STREAM, Records }));
  expect(FailedRecordCount).toBe(0);
}

const putEvents = (events: readonly RealEvent[]) =>
  put(events.map((event) => ({ key: event.id, data: bytesOf(event) })));

/** Lets the mapping read and the function run. */
async function consume(seconds = 10): Promise<void> {
  for (let second = 0; second < seconds; second += 1) await account.clock.advance(1_000);
}

async function storedIds(): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { Items = [] } of paginateScan({ client: dynamo }, { TableName: TABLE })) {
    for (const { id } of Items as Record<string, AttributeValue>[]) ids.add(id?.S ?? "");
  }
  return ids;
}

async function expectStored(events: readonly RealEvent[]): Promise<void> {
  const stored = await storedIds();
  expect(events.filter(({ id }) => !stored.has(id)).map(({ id }) => id)).toEqual([]);
}

const quarantined = (): QuarantinedRecord[] =>
  (account.sqs.queue("reflex-dev-quarantine")?.messages() ?? []).map(({ body }) => JSON.parse(body));

/** Sums of the function's own metrics, as they reached CloudWatch. */
function counted(since: number) {
  return (name: string) =>
    account.lambda
      .invocations(FUNCTION)
      .slice(since)
      .flatMap(({ log }) => log.filter((line) => line.includes('"_aws"')))
      .map((line) => JSON.parse(line)[name] as number | undefined)
      .reduce<number>((sum, value) => sum + (value ?? 0), 0);
}

describe("ingest-events in the sandbox", () => {
  it("lands single, zipped and aggregated events while the stream is resharded, and the counts agree", async () => {
    const [single, zipped, packed, after] = [take(40), take(20), take(40), take(40)];
    const invocations = account.lambda.invocations(FUNCTION).length;
    await putEvents(single);
    await put(zipped.map((event) => ({ key: event.id, data: gzipSync(bytesOf(event)) })));
    const records = packed.map((event) => ({ partitionKey: event.id, data: bytesOf(event) }));
    await put([{ key: "a", data: aggregate(records) }]);
    await kinesis.send(
      new UpdateShardCountCommand({
        StreamName: STREAM,
        TargetShardCount: 2,
        ScalingType: "UNIFORM_SCALING",
      }),
    );
    // Twice by its producer, once more in an aggregate; and what is no event.
    await putEvents([...after, ...single.slice(0, 5)]);
    await put([
      { key: "a", data: aggregate(records.slice(0, 7)) },
      { key: "x", data: Buffer.from("no event") },
    ]);
    await consume(15);

    const { StreamDescriptionSummary } = await kinesis.send(
      new DescribeStreamSummaryCommand({ StreamName: STREAM }),
    );
    expect(StreamDescriptionSummary?.OpenShardCount).toBe(2);
    await expectStored([...single, ...zipped, ...packed, ...after]);
    const count = counted(invocations);
    expect({
      received: count("Received"),
      stored: count("Stored"),
      duplicates: count("Duplicates"),
      quarantined: count("Quarantined"),
      unfinished: count("Unfinished"),
    }).toEqual({ received: 153, stored: 140, duplicates: 12, quarantined: 1, unfinished: 0 });
    expect(quarantined()).toMatchObject([
      { reason: "not-json", payload: Buffer.from("no event").toString("base64") },
    ]);
  });

  it.each<[FaultKind, string, string, number]>([
    ["throttle", "dynamodb", "BatchExecuteStatement", 20],
    ["server-error", "dynamodb", "BatchExecuteStatement", 5],
    ["lost-answer", "dynamodb", "BatchExecuteStatement", 5],
    ["crash-before", "dynamodb", "BatchExecuteStatement", 3],
    ["crash-after", "dynamodb", "BatchExecuteStatement", 3],
    ["crash-before", "sqs", "SendMessageBatch", 2],
    ["crash-after", "sqs", "SendMessageBatch", 2],
    ["server-error", "sqs", "SendMessageBatch", 6],
  ])("loses nothing and stores nothing twice after %s at %s:%s", async (kind, service, operation, times) => {
    const events = take(12);
    const before = await storedIds();
    account.faults.inject({ kind, service, operation, functionName: FUNCTION, times, after: 2 % times });
    await putEvents(events);
    await put([{ key: "x", data: Buffer.from(`poison of ${kind}`) }]);
    await consume(10);
    const stored = await storedIds();
    expect([...stored].filter((id) => !before.has(id)).sort()).toEqual(events.map(({ id }) => id).sort());
    const payloads = new Set(
      quarantined().map(({ payload = "" }) => Buffer.from(payload, "base64").toString()),
    );
    expect(payloads).toEqual(new Set([`poison of ${kind}`]));
  });

  it("quarantines the same id with other content, with both", async () => {
    const [event] = take(1);
    if (event === undefined) throw new Error("no event left");
    await putEvents([event, { ...event, type: "something else" }]);
    await consume();
    expect(quarantined()).toMatchObject([
      { reason: "conflict", stored: { id: { S: event.id }, type: { S: event.type } } },
    ]);
  });

  it("stores a record that is too large for a message in the bucket, and redrive finds it there", async () => {
    const data = Buffer.from("x".repeat(800_000));
    await put([{ key: "large", data }]);
    await consume();
    const [{ document } = {}] = quarantined();
    expect(document?.bucket).toBe("reflex-dev-quarantine-000000000000-us-east-1");
    const result = await redriveAll("reflex-dev-quarantine");
    expect(result).toMatchObject({ putBack: 1, failed: 0, again: new Map([["not-json", 1]]) });
    // Still no event: it is in the quarantine again, once.
    expect(quarantined()).toMatchObject([{ reason: "not-json", document }]);
  });

  it("reads a batch that Lambda gave up again from where it stood in the stream", async () => {
    const [event] = take(1);
    if (event === undefined) throw new Error("no event left");
    const { ShardId: shardId, SequenceNumber: sequenceNumber } = await kinesis.send(
      new PutRecordCommand({ StreamName: STREAM, PartitionKey: "k", Data: bytesOf(event) }),
    );
    const failed = account.sqs.queue("reflex-dev-failed-batches");
    failed?.send(
      JSON.stringify({
        requestContext: { condition: "RetryAttemptsExhausted" },
        KinesisBatchInfo: {
          shardId,
          startSequenceNumber: sequenceNumber,
          endSequenceNumber: sequenceNumber,
          batchSize: 1,
          streamArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
        },
      }),
    );
    const invocations = account.lambda.invocations(FUNCTION).length;
    expect(await redriveAll("reflex-dev-failed-batches")).toMatchObject({ putBack: 1, failed: 0 });
    // The mapping has brought it in the meantime, or will: twice is once.
    await consume(3);
    const count = counted(invocations);
    expect([count("Stored"), count("Duplicates")]).toEqual([1, 1]);
    expect(failed?.messages()).toEqual([]);
  });

  it("brings a batch that Lambda stored whole in the bucket, when the stream has nothing of it", async () => {
    const [event] = take(1);
    if (event === undefined) throw new Error("no event left");
    const record = {
      eventID: "shardId-000000000099:49590338271490256608559692538361571095921575989136588898",
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
      kinesis: {
        partitionKey: "k",
        sequenceNumber: "49590338271490256608559692538361571095921575989136588898",
        data: bytesOf(event).toString("base64"),
        approximateArrivalTimestamp: START / 1000,
      },
    };
    const kept = {
      requestContext: { condition: "RecordAgeExceeded" },
      KinesisBatchInfo: {
        shardId: "shardId-000000000099",
        startSequenceNumber: record.kinesis.sequenceNumber,
        endSequenceNumber: record.kinesis.sequenceNumber,
        batchSize: 1,
        streamArn: record.eventSourceARN,
      },
      payload: JSON.stringify({ Records: [record] }),
    };
    // S3 sends the queue an event about the new object.
    const bucket = "reflex-dev-failed-batches-000000000000-us-east-1";
    account.s3.buckets.put(
      bucket,
      "aws/lambda/x/shardId-000000000099/batch",
      Buffer.from(JSON.stringify(kept)),
    );
    expect(await redriveAll("reflex-dev-failed-batches")).toMatchObject({ putBack: 1, failed: 0, gone: 0 });
    await expectStored([event]);
    expect(account.sqs.queue("reflex-dev-failed-batches")?.messages()).toEqual([]);
  });

  it("lands what Lambda could bring of a batch it gave up, and quarantines what is larger than an invocation", async () => {
    const [event] = take(1);
    if (event === undefined) throw new Error("no event left");
    const large = Buffer.from(JSON.stringify({ id: "large", text: "x".repeat(6_000_000) }));
    const records = [large, bytesOf(event)].map((data, index) => ({
      eventID: `shardId-000000000098:${index + 1}`,
      eventSourceARN: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
      kinesis: {
        partitionKey: "k",
        sequenceNumber: String(index + 1),
        data: data.toString("base64"),
        approximateArrivalTimestamp: START / 1000,
      },
    }));
    const kept = {
      requestContext: { condition: "RecordAgeExceeded" },
      KinesisBatchInfo: {
        shardId: "shardId-000000000098",
        startSequenceNumber: "1",
        endSequenceNumber: "2",
        batchSize: 2,
        streamArn: `arn:aws:kinesis:us-east-1:000000000000:stream/${STREAM}`,
      },
      payload: JSON.stringify({ Records: records }),
    };
    const bucket = "reflex-dev-failed-batches-000000000000-us-east-1";
    account.s3.buckets.put(
      bucket,
      "aws/lambda/x/shardId-000000000098/batch",
      Buffer.from(JSON.stringify(kept)),
    );
    expect(await redriveAll("reflex-dev-failed-batches")).toMatchObject({ putBack: 1, failed: 0, gone: 0 });
    await expectStored([event]);
    expect(quarantined()).toMatchObject([{ reason: "too-large", sequenceNumber: "1", document: {} }]);
    expect(account.sqs.queue("reflex-dev-failed-batches")?.messages()).toEqual([]);
  });

  it("traces each stage, and makes no call that its role does not allow", async () => {
    await putEvents(take(1));
    await put([{ key: "x", data: Buffer.from("poison") }]);
    await consume();
    expect(notPermitted(account.calls.all(), account.lambda.configurations(), account.iam)).toEqual([]);
    const names = new Set(
      account.xray.traces().flatMap(({ documents }) => documents.map(({ name }) => name)),
    );
    for (const stage of ["decode", "plan", "write", "quarantine", "report"]) expect(names).toContain(stage);
  });
});

async function redriveAll(queue: string) {
  const options = clientFor(account);
  const [sqs, s3] = [new SQSClient(options), new S3Client({ ...options, forcePathStyle: true })];
  const queueUrl = `${account.url}/000000000000/${queue}`;
  const clients = {
    ...{ sqs, s3, kinesis },
    quarantine: stageQuarantine({ sqs, s3 }, { stage: "dev", queueUrl, region: "us-east-1" }, () => {}),
    lambda: new LambdaClient(options),
    clock: account.clock,
  };
  // A message that is sent at the very moment would count as older.
  await account.clock.advance(1_000);
  const result = await redrive(
    {
      queueUrl,
      functionName: FUNCTION,
      reasons: [],
      max: 100,
      overwrite: false,
      dryRun: false,
    },
    clients,
    () => {},
  );
  for (const client of [clients.sqs, clients.s3, clients.lambda]) client.destroy();
  return result;
}
