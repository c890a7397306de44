import {
  CreateStreamCommand,
  DescribeAccountSettingsCommand,
  DescribeStreamSummaryCommand,
  EnableEnhancedMonitoringCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  paginateListStreams,
  SplitShardCommand,
  UpdateAccountSettingsCommand,
  UpdateShardCountCommand,
  UpdateStreamModeCommand,
  UpdateStreamRecordDistributionStrategyCommand,
  UpdateStreamWarmThroughputCommand,
} from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { statisticOf } from "../../../sandbox/cloudwatch/metrics/statistic.ts";
import { createMetricStore, type MetricStore } from "../../../sandbox/cloudwatch/metrics/store.ts";
import { Calls } from "../../../sandbox/endpoint/calls.ts";
import { type Endpoint, startEndpoint } from "../../../sandbox/endpoint/endpoint.ts";
import { Faults } from "../../../sandbox/endpoint/faults.ts";
import { startKinesis } from "../../../sandbox/kinesis/service.ts";
import type { Service } from "../../../sandbox/service.ts";
import { decodeCbor, encodeCbor } from "../../../sandbox/wire/cbor.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const UPDATING_MS = 30_000;

let clock: SandboxClock;
let metrics: MetricStore;
let faults: Faults;
let service: Service;
let endpoint: Endpoint;
let client: KinesisClient;
let streams = 0;
let stream: string;

beforeAll(async () => {
  clock = createClock({ speed: 0, start: Date.parse("2030-01-01T00:00:00Z") });
  metrics = createMetricStore();
  faults = new Faults();
  const log = (line: string) => console.error(line);
  const writeLimit = { bytesPerSecond: 10_000, recordsPerSecond: 5 };
  service = await startKinesis({ clock, metrics, faults, updatingMs: UPDATING_MS, writeLimit, log });
  endpoint = await startEndpoint({
    services: [service],
    clock,
    faults,
    calls: new Calls(),
    callers: new Map(),
    port: 0,
    log,
  });
  client = new KinesisClient({
    endpoint: endpoint.url,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
    maxAttempts: 1,
    requestHandler: new NodeHttpHandler(),
  });
});

afterAll(async () => {
  client.destroy();
  await endpoint.stop();
  await service.stop?.();
  clock.stop();
});

beforeEach(async () => {
  faults.clear();
  // Each test has a stream of its own, a minute of its own, and full write limits.
  await clock.advance(10 * MINUTE);
  streams += 1;
  stream = `stream-${streams}`;
  await service.resources?.["AWS::Kinesis::Stream"]?.("Stream", { Name: stream, ShardCount: 1 });
});

const records = (count: number, data = "hello") =>
  Array.from({ length: count }, (_, i) => ({ PartitionKey: `key-${i}`, Data: Buffer.from(data) }));

function reshard(TargetShardCount: number, StreamName = stream) {
  return client.send(
    new UpdateShardCountCommand({ StreamName, TargetShardCount, ScalingType: "UNIFORM_SCALING" }),
  );
}

async function summary() {
  const { StreamDescriptionSummary } = await client.send(
    new DescribeStreamSummaryCommand({ StreamName: stream }),
  );
  return { status: StreamDescriptionSummary?.StreamStatus, open: StreamDescriptionSummary?.OpenShardCount };
}

function metric(name: string, statistic = "Sum", dimensions: Record<string, string> = {}) {
  const from = Math.floor(clock.now() / MINUTE) * MINUTE;
  const options = { from, to: from + MINUTE, periodMs: MINUTE };
  const read = metrics.read(
    { namespace: "AWS/Kinesis", name, dimensions: { StreamName: stream, ...dimensions } },
    options,
  );
  const bucket = read.get(from);
  return bucket && statisticOf(statistic, bucket);
}

describe("resharding", () => {
  it("keeps the stream UPDATING until the sandbox's clock has moved on", async () => {
    await reshard(2);
    const during = await summary();
    await clock.advance(UPDATING_MS);
    expect([during, await summary()]).toEqual([
      { status: "UPDATING", open: 2 },
      { status: "ACTIVE", open: 2 },
    ]);
  });

  it("is refused while UPDATING", async () => {
    await reshard(2);
    await expect(reshard(4)).rejects.toMatchObject({ name: "ResourceInUseException" });
  });

  it("of two at once is done once", async () => {
    const results = await Promise.allSettled([reshard(2), reshard(2)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(["fulfilled", "rejected"]);
  });

  it("that is refused leaves the stream ACTIVE", async () => {
    await expect(reshard(5)).rejects.toMatchObject({ name: /InvalidArgument|LimitExceeded/ });
    expect(await summary()).toEqual({ status: "ACTIVE", open: 1 });
  });

  it("holds UPDATING for longer when the test says so", async () => {
    faults.inject({
      kind: "updating",
      service: "kinesis",
      operation: "UpdateShardCount",
      forMs: 10 * MINUTE,
    });
    await reshard(2);
    await clock.advance(9 * MINUTE);
    const during = await summary();
    await clock.advance(2 * MINUTE);
    expect([during.status, (await summary()).status]).toEqual(["UPDATING", "ACTIVE"]);
  });

  it("is counted over 24 hours: ten calls, and the next when the first is a day old", async () => {
    for (let i = 0; i < 10; i += 1) {
      await reshard(i % 2 === 0 ? 2 : 1);
      await clock.advance(HOUR);
    }
    await expect(reshard(2)).rejects.toMatchObject({ name: "LimitExceededException" });
    await clock.advance(14 * HOUR + 1);
    await expect(reshard(2)).resolves.toMatchObject({ TargetShardCount: 2 });
  });

  it("is refused for an on-demand stream", async () => {
    const StreamName = `${stream}-on-demand`;
    await client.send(
      new CreateStreamCommand({ StreamName, StreamModeDetails: { StreamMode: "ON_DEMAND" } }),
    );
    await expect(reshard(8, StreamName)).rejects.toMatchObject({ name: "ValidationException" });
  });

  it("by SplitShard leaves the stream UPDATING as well", async () => {
    await client.send(
      new SplitShardCommand({
        StreamName: stream,
        ShardToSplit: "shardId-000000000000",
        NewStartingHashKey: (2n ** 127n).toString(),
      }),
    );
    expect(await summary()).toEqual({ status: "UPDATING", open: 2 });
  });

  it("distinguishes open shards from closed ones by the missing end of their sequence numbers", async () => {
    await reshard(2);
    const { Shards = [] } = await client.send(new ListShardsCommand({ StreamName: stream }));
    const open = Shards.filter(({ SequenceNumberRange: range }) => range?.EndingSequenceNumber === undefined);
    expect(open.map(({ ShardId }) => ShardId)).toEqual(["shardId-000000000001", "shardId-000000000002"]);
  });
});

describe("a stream", () => {
  it("is the same one for a client of another region or with an account id for its key", async () => {
    const elsewhere = new KinesisClient({
      endpoint: endpoint.url,
      region: "eu-west-1",
      credentials: { accessKeyId: "123456789012", secretAccessKey: "test" },
      maxAttempts: 1,
      requestHandler: new NodeHttpHandler(),
    });
    const describe = elsewhere.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
    await expect(describe).resolves.toMatchObject({ StreamDescriptionSummary: { OpenShardCount: 1 } });
    elsewhere.destroy();
  });
});

describe("a stream on demand", () => {
  const StreamARN = () => `arn:aws:kinesis:us-east-1:000000000000:stream/${stream}`;
  const setMode = (StreamMode: "ON_DEMAND" | "PROVISIONED") =>
    client.send(new UpdateStreamModeCommand({ StreamARN: StreamARN(), StreamModeDetails: { StreamMode } }));
  const warm = (WarmThroughputMiBps: number) =>
    client.send(new UpdateStreamWarmThroughputCommand({ StreamName: stream, WarmThroughputMiBps }));
  const commit = (Status: "ENABLED" | "DISABLED") =>
    client.send(new UpdateAccountSettingsCommand({ MinimumThroughputBillingCommitment: { Status } }));
  const onDemand = async () => {
    await setMode("ON_DEMAND");
    await clock.advance(UPDATING_MS);
  };
  const described = async () => {
    const { StreamDescriptionSummary } = await client.send(
      new DescribeStreamSummaryCommand({ StreamName: stream }),
    );
    return StreamDescriptionSummary;
  };

  it("is warmed up only in an account with the commitment, and is UPDATING then", async () => {
    await expect(warm(9)).rejects.toMatchObject({ name: "ValidationException" });
    await onDemand();
    await expect(warm(9)).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await commit("ENABLED");
    await expect(warm(10_241)).rejects.toMatchObject({ name: "LimitExceededException" });
    expect(await warm(9)).toMatchObject({ WarmThroughput: { TargetMiBps: 9, CurrentMiBps: 0 } });
    expect(await described()).toMatchObject({ StreamStatus: "UPDATING", WarmThroughput: { TargetMiBps: 9 } });
    await expect(warm(5)).rejects.toMatchObject({ name: "ResourceInUseException" });
    await clock.advance(UPDATING_MS);
    expect(await summary()).toEqual({ status: "ACTIVE", open: 9 });
    await warm(2);
    await clock.advance(UPDATING_MS);
    expect(await summary()).toEqual({ status: "ACTIVE", open: 4 });
    await commit("DISABLED");
    const { MinimumThroughputBillingCommitment: left } = await client.send(
      new DescribeAccountSettingsCommand({}),
    );
    expect(left?.Status).toBe("ENABLED_UNTIL_EARLIEST_ALLOWED_END");
    await clock.advance(24 * HOUR);
    await expect(warm(9)).rejects.toMatchObject({ name: "InvalidArgumentException" });
  });

  it("spreads records whatever their keys with AUTO, and by key again", async () => {
    const distribute = (RecordDistributionStrategy: "AUTO" | "USER_PARTITION_KEY") =>
      client.send(
        new UpdateStreamRecordDistributionStrategyCommand({
          StreamARN: StreamARN(),
          RecordDistributionStrategy,
        }),
      );
    await expect(distribute("AUTO")).rejects.toMatchObject({ name: "InvalidArgumentException" });
    await reshard(2);
    await clock.advance(UPDATING_MS);
    await onDemand();
    const shardsOfOneKey = async () => {
      const Records = Array.from({ length: 4 }, () => ({ PartitionKey: "one", Data: Buffer.from("x") }));
      const answer = await client.send(new PutRecordsCommand({ StreamName: stream, Records }));
      return new Set(answer.Records?.map(({ ShardId }) => ShardId)).size;
    };
    expect(await shardsOfOneKey()).toBe(1);
    await distribute("AUTO");
    expect(await described()).toMatchObject({
      StreamStatus: "ACTIVE",
      RecordDistributionStrategy: "AUTO",
    });
    await clock.advance(MINUTE);
    expect(await shardsOfOneKey()).toBe(2);
    await distribute("USER_PARTITION_KEY");
    await clock.advance(MINUTE);
    expect(await shardsOfOneKey()).toBe(1);
  });

  it("is switched twice in 24 hours at most", async () => {
    await onDemand();
    await setMode("PROVISIONED");
    await clock.advance(UPDATING_MS);
    await expect(setMode("ON_DEMAND")).rejects.toMatchObject({ name: "LimitExceededException" });
    await clock.advance(24 * HOUR);
    await expect(setMode("ON_DEMAND")).resolves.toBeDefined();
  });
});

describe("ListStreams", () => {
  it("has a summary with the status for each stream", async () => {
    await reshard(2);
    const { StreamSummaries = [] } = await client.send(new ListStreamsCommand({ Limit: 1000 }));
    expect(StreamSummaries.find(({ StreamName }) => StreamName === stream)).toMatchObject({
      StreamStatus: "UPDATING",
      StreamModeDetails: { StreamMode: "PROVISIONED" },
    });
  });

  it("goes on page by page with a token", async () => {
    await client.send(new CreateStreamCommand({ StreamName: `${stream}-b`, ShardCount: 1 }));
    const { StreamNames: all = [] } = await client.send(new ListStreamsCommand({ Limit: 100 }));
    const paged: string[] = [];
    for await (const page of paginateListStreams({ client }, { Limit: all.length - 1 })) {
      paged.push(...(page.StreamNames ?? []));
    }
    expect(paged).toEqual(all);
  });
});

describe("the metrics of a stream", () => {
  it("count the bytes (data and key) and records that were taken", async () => {
    await client.send(
      new PutRecordCommand({ StreamName: stream, PartitionKey: "k", Data: Buffer.from("12345") }),
    );
    await client.send(new PutRecordsCommand({ StreamName: stream, Records: records(2) }));
    expect([metric("IncomingRecords"), metric("IncomingBytes")]).toEqual([3, 6 + 2 * 10]);
    expect([metric("PutRecord.Success"), metric("PutRecords.SuccessfulRecords")]).toEqual([1, 2]);
  });

  it("have no datapoint in a minute without traffic", () => {
    expect(metric("IncomingBytes")).toBeUndefined();
  });

  it("leave throttled records out and count them", async () => {
    const { FailedRecordCount, Records = [] } = await client.send(
      new PutRecordsCommand({ StreamName: stream, Records: records(8) }),
    );
    expect(FailedRecordCount).toBe(3);
    expect(Records.map(({ ErrorCode }) => ErrorCode)).toEqual([
      ...Array(5).fill(undefined),
      ...Array(3).fill("ProvisionedThroughputExceededException"),
    ]);
    expect([metric("IncomingRecords"), metric("WriteProvisionedThroughputExceeded")]).toEqual([5, 3]);
  });

  it("count a throttled PutRecord, and a second later there is room again", async () => {
    const put = new PutRecordCommand({ StreamName: stream, PartitionKey: "k", Data: Buffer.alloc(9_999) });
    await client.send(put);
    await expect(client.send(put)).rejects.toMatchObject({ name: "ProvisionedThroughputExceededException" });
    expect(metric("WriteProvisionedThroughputExceeded")).toBe(1);
    await clock.advance(1000);
    await expect(client.send(put)).resolves.toMatchObject({ ShardId: "shardId-000000000000" });
  });

  it("say how far a reader is behind, in the sandbox's time", async () => {
    await client.send(new PutRecordsCommand({ StreamName: stream, Records: records(2) }));
    await clock.advance(MINUTE);
    await client.send(new PutRecordsCommand({ StreamName: stream, Records: records(1) }));
    await clock.advance(4 * MINUTE);
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({
        StreamName: stream,
        ShardId: "shardId-000000000000",
        ShardIteratorType: "TRIM_HORIZON",
      }),
    );
    await client.send(new GetRecordsCommand({ ShardIterator, Limit: 1 }));
    expect(metric("GetRecords.IteratorAgeMilliseconds", "Maximum")).toBe(5 * MINUTE);
    expect([metric("GetRecords.Records"), metric("GetRecords.Bytes")]).toEqual([1, 5]);
  });

  it("exist by shard only once enhanced monitoring is on", async () => {
    const ShardId = "shardId-000000000000";
    await client.send(new PutRecordsCommand({ StreamName: stream, Records: records(1) }));
    const before = metric("IncomingRecords", "Sum", { ShardId });
    await client.send(
      new EnableEnhancedMonitoringCommand({ StreamName: stream, ShardLevelMetrics: ["IncomingRecords"] }),
    );
    await client.send(new PutRecordsCommand({ StreamName: stream, Records: records(2) }));
    expect([before, metric("IncomingRecords", "Sum", { ShardId })]).toEqual([undefined, 2]);
    expect(metric("IncomingBytes", "Sum", { ShardId })).toBeUndefined();
  });

  it("count throttled records by shard", async () => {
    const ShardLevelMetrics = ["WriteProvisionedThroughputExceeded" as const];
    await client.send(new EnableEnhancedMonitoringCommand({ StreamName: stream, ShardLevelMetrics }));
    await client.send(new PutRecordsCommand({ StreamName: stream, Records: records(8) }));
    expect(metric("WriteProvisionedThroughputExceeded", "Sum", { ShardId: "shardId-000000000000" })).toBe(3);
  });

  it("are counted for a client that speaks CBOR as well", async () => {
    const response = await fetch(endpoint.url, {
      method: "POST",
      headers: {
        "content-type": "application/x-amz-cbor-1.1",
        "x-amz-target": "Kinesis_20131202.PutRecord",
        "x-amz-date": "20300101T000000Z",
        authorization:
          "AWS4-HMAC-SHA256 Credential=test/20300101/us-east-1/kinesis/aws4_request, SignedHeaders=host, Signature=0",
      },
      body: encodeCbor({ StreamName: stream, PartitionKey: "k", Data: Buffer.from("12345") }),
    });
    const answer = decodeCbor(Buffer.from(await response.arrayBuffer()));
    expect(answer).toMatchObject({ ShardId: "shardId-000000000000" });
    expect(metric("IncomingBytes")).toBe(6);
  });
});
