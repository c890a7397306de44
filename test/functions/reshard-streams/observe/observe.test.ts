import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ListShardsCommand,
  ListStreamsCommand,
  ResourceNotFoundException,
  type Shard,
} from "@aws-sdk/client-kinesis";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { ConfiguredStream } from "../../../../functions/reshard-streams/observe/configured-stream.ts";
import { createObserver } from "../../../../functions/reshard-streams/observe/observe.ts";
import { createCallRates } from "../../../../shared/aws/call-rates.ts";
import type { Ledger } from "../../../../shared/ledger/ledger.ts";
import { HOUR, history, MINUTE, NOW, policy } from "../stream.ts";

const kinesis = mockClient(KinesisClient);
const cloudwatch = mockClient(CloudWatchClient);
const since: number[] = [];
let known: Parameters<typeof history>[0] = {};

const ledger: Pick<Ledger, "history"> = {
  history: async (resource, from) => {
    since.push(from);
    return history({ resource, version: 3, ...known });
  },
};

const MAX_KEY = 2n ** 128n - 1n;
const HALF = 2n ** 127n;

const shard = (id: string, from: bigint, to: bigint, rest: Partial<Shard> = {}): Shard => ({
  ShardId: id,
  HashKeyRange: { StartingHashKey: String(from), EndingHashKey: String(to) },
  SequenceNumberRange: { StartingSequenceNumber: "1" },
  ...rest,
});

const summary = (rest: object = {}) => ({
  StreamDescriptionSummary: {
    StreamName: "orders",
    StreamARN: "arn",
    StreamStatus: "ACTIVE" as const,
    StreamModeDetails: { StreamMode: "PROVISIONED" as const },
    StreamCreationTimestamp: new Date(NOW - 48 * HOUR),
    OpenShardCount: 1,
    RetentionPeriodHours: 24,
    EnhancedMonitoring: [],
    ...rest,
  },
});

beforeEach(() => {
  kinesis.reset();
  cloudwatch.reset();
  since.length = 0;
  known = {};
  kinesis.on(DescribeStreamSummaryCommand).resolves(summary());
  kinesis.on(ListShardsCommand).resolves({ Shards: [shard("shardId-0", 0n, MAX_KEY)] });
  cloudwatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries }) => ({
    MetricDataResults: MetricDataQueries.map(({ Id }: MetricDataQuery) => ({
      Id,
      StatusCode: "Complete",
      Timestamps: [],
      Values: [],
    })),
  }));
});

const watched = (stream: string, keys: object = {}): ConfiguredStream => ({
  stream,
  policy: policy({ ...keys }),
});

async function look(...streams: ConfiguredStream[]) {
  const clients = {
    kinesis: new KinesisClient({ region: "us-east-1" }),
    cloudwatch: new CloudWatchClient({ region: "us-east-1" }),
    ledger: ledger as Ledger,
  };
  const rates = createCallRates({}, { now: () => NOW }, async () => undefined);
  const observe = createObserver(streams, { clients, rates, now: NOW, signal: new AbortController().signal });
  return Promise.all(streams.map(observe));
}

/** The one look, which must have succeeded. */
async function seen(one = watched("orders")) {
  const [result] = await look(one);
  if (!result || "failure" in result) throw result?.failure ?? new Error("nothing was looked at");
  return result.observation;
}

/** The one look, which must have failed. */
async function failure(one = watched("orders")) {
  const [result] = await look(one);
  if (!result || !("failure" in result)) throw new Error("the look was taken");
  return result.failure;
}

describe("what is seen of a stream", () => {
  it("is its status, mode and age", async () => {
    kinesis
      .on(DescribeStreamSummaryCommand)
      .resolves(summary({ StreamStatus: "UPDATING", StreamModeDetails: { StreamMode: "ON_DEMAND" } }));
    expect(await seen()).toMatchObject({ status: "UPDATING", mode: "ON_DEMAND", createdAt: NOW - 48 * HOUR });
  });

  it("is provisioned where AWS does not say, as before there was a choice", async () => {
    kinesis.on(DescribeStreamSummaryCommand).resolves(summary({ StreamModeDetails: undefined }));
    expect((await seen()).mode).toBe("PROVISIONED");
  });

  it("are its open shards by their hash keys, over all pages, without those that are closed", async () => {
    kinesis
      .on(ListShardsCommand, { StreamName: "orders", ShardFilter: { Type: "AT_LATEST" } })
      .resolves({
        Shards: [shard("shardId-2", HALF, MAX_KEY, { ParentShardId: "shardId-0" })],
        NextToken: "page 2",
      })
      .on(ListShardsCommand, { NextToken: "page 2" }, true)
      .resolves({
        Shards: [
          shard("shardId-1", 0n, HALF - 1n, { ParentShardId: "shardId-0" }),
          shard("shardId-0", 0n, MAX_KEY, {
            SequenceNumberRange: { StartingSequenceNumber: "1", EndingSequenceNumber: "9" },
          }),
        ],
      });
    expect((await seen()).shards).toEqual([
      { id: "shardId-1", parentId: "shardId-0", from: 0n, to: HALF - 1n },
      { id: "shardId-2", parentId: "shardId-0", from: HALF, to: MAX_KEY },
    ]);
  });

  it("is when any process last saw it UPDATING, as the ledger has it", async () => {
    expect(await seen()).not.toHaveProperty("lastSeenUpdatingAt");
    known = { lastSeenChanging: NOW - MINUTE };
    expect((await seen()).lastSeenUpdatingAt).toBe(NOW - MINUTE);
  });

  it("comes with the ledger of the last 24 hours, and of a run more: AWS counts calls from when it took them", async () => {
    const [one] = await look(watched("orders"));
    expect(one).toMatchObject({ history: { resource: "stream/orders", version: 3 } });
    expect(since).toEqual([NOW - 24 * HOUR - 2 * MINUTE]);
  });

  it("of many streams is read by one ListStreams, and of one that is not listed by itself", async () => {
    const names = Array.from({ length: 30 }, (_, index) => `s${index}`);
    const listed = names.slice(1).map((StreamName) => ({
      ...{ StreamName, StreamARN: "arn", StreamStatus: "UPDATING" as const },
    }));
    kinesis
      .on(ListStreamsCommand)
      .resolves({ StreamNames: names, StreamSummaries: listed, HasMoreStreams: false });
    const observed = await look(...names.map((name) => watched(name)));
    expect(kinesis.commandCalls(ListStreamsCommand)).toHaveLength(1);
    expect(
      kinesis.commandCalls(DescribeStreamSummaryCommand).map(({ args }) => args[0].input.StreamName),
    ).toEqual(["s0"]);
    expect(observed[1]).toMatchObject({ observation: { stream: "s1", status: "UPDATING" } });
  });
});

describe("the metrics", () => {
  /** Answers each query with its own number, so that a mix-up shows. */
  function numbered() {
    const at = [new Date(NOW - 2 * MINUTE), new Date(NOW - 30 * MINUTE)];
    cloudwatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries }) => ({
      MetricDataResults: MetricDataQueries.map(({ Id, MetricStat }: MetricDataQuery) => {
        const stream = MetricStat?.Metric?.Dimensions?.[0]?.Value ?? "";
        return { Id, StatusCode: "Complete", Timestamps: at, Values: at.map(() => Number(stream.slice(1))) };
      }),
    }));
  }

  it("of many streams are 500 queries a call, and each stream gets its own", async () => {
    numbered();
    const looks = await look(...Array.from({ length: 130 }, (_, index) => watched(`s${index}`)));
    const sizes = cloudwatch
      .commandCalls(GetMetricDataCommand)
      .map(({ args }) => args[0].input.MetricDataQueries?.length);
    expect(sizes).toEqual([500, 280]);
    looks.forEach((one, index) => {
      if ("failure" in one) throw one.failure;
      expect(one.configured.stream).toBe(`s${index}`);
      expect(new Set(one.observation.minutes.map(({ bytes }) => bytes))).toEqual(new Set([index]));
    });
  });

  it("reach as far back as the longest look-back; a stream with a shorter one takes its part", async () => {
    numbered();
    const [long, short] = await look(
      watched("s1", { lookBackMinutes: 45 }),
      watched("s2", { lookBackMinutes: 10 }),
    );
    const { StartTime, EndTime } = cloudwatch.commandCalls(GetMetricDataCommand)[0]?.args[0].input ?? {};
    expect([StartTime, EndTime]).toEqual([new Date(NOW - 45 * MINUTE), new Date(NOW)]);
    if (!long || !short || "failure" in long || "failure" in short) throw new Error("a look failed");
    expect([long.observation.minutes.length, short.observation.minutes.length]).toEqual([2, 1]);
  });

  it("are not complete where CloudWatch leaves a metric out of its answer", async () => {
    const answered = (left: string) => async (input: { MetricDataQueries: MetricDataQuery[] }) => ({
      MetricDataResults: input.MetricDataQueries.filter(({ Id }) => Id !== left).map(({ Id }) => ({
        ...{ Id, StatusCode: "Complete" as const, Timestamps: [], Values: [] },
      })),
    });
    for (const [left, complete] of [
      ["s0_records", false],
      ["none", true],
    ] as const) {
      cloudwatch.on(GetMetricDataCommand).callsFake(answered(left));
      expect(await seen()).toMatchObject({ metricsComplete: complete });
    }
  });

  it("are put together from all pages", async () => {
    const page = (value: number, at: number, rest: object) => ({
      MetricDataResults: [
        { Id: "s0_bytes", Timestamps: [new Date(at)], Values: [value], StatusCode: "Complete" as const },
      ],
      ...rest,
    });
    cloudwatch
      .on(GetMetricDataCommand)
      .resolvesOnce(page(1, NOW - 2 * MINUTE, { NextToken: "more" }))
      .resolvesOnce(page(2, NOW - 3 * MINUTE, {}));
    expect((await seen()).minutes.map(({ bytes }) => bytes)).toEqual([2, 1]);
  });
});

describe("a look that fails", () => {
  it("leaves the others alone, and names the resource and the call", async () => {
    kinesis
      .on(DescribeStreamSummaryCommand, { StreamName: "ghost" })
      .rejects(new ResourceNotFoundException({ message: "not found", $metadata: { httpStatusCode: 400 } }));
    const [ghost, orders] = await look(watched("ghost"), watched("orders"));
    expect(ghost).toMatchObject({
      failure: { name: "Misconfigured", call: "kinesis:DescribeStreamSummary", resource: "stream/ghost" },
    });
    expect(orders).toHaveProperty("observation");
  });

  it("is every stream's when the metrics cannot be read", async () => {
    cloudwatch
      .on(GetMetricDataCommand)
      .rejects(Object.assign(new Error("slow"), { name: "ThrottlingException" }));
    for (const one of await look(watched("orders"), watched("clicks"))) {
      expect(one).toMatchObject({ failure: { name: "RetryLater", call: "cloudwatch:GetMetricData" } });
    }
  });

  it.each([
    [
      "no summary",
      () => kinesis.on(DescribeStreamSummaryCommand).resolves({}),
      /without a summary for orders/,
    ],
    [
      "no open shard",
      () => kinesis.on(ListShardsCommand).resolves({ Shards: [] }),
      /without an open shard for orders/,
    ],
    [
      "a shard without hash keys",
      () =>
        kinesis
          .on(ListShardsCommand)
          .resolves({ Shards: [{ ...shard("shardId-0", 0n, 1n), HashKeyRange: undefined }] }),
      /a shard without id or hash keys/,
    ],
  ])("because AWS answers with %s decides nothing and comes later", async (_, answer, said) => {
    answer();
    expect(await failure()).toMatchObject({ name: "RetryLater", message: expect.stringMatching(said) });
  });
});
