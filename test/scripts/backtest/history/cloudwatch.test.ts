import { CloudWatchClient, GetMetricDataCommand, type MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import {
  DescribeStreamSummaryCommand,
  KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { mockClient } from "aws-sdk-client-mock";
import { describe, expect, it } from "vitest";
import { readCloudWatch } from "../../../../scripts/backtest/history/cloudwatch.ts";

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const NOW = Date.parse("2026-11-28T12:00:30Z");
/** The newest minute that is read ends here. */
const TO = Date.parse("2026-11-28T11:56:00Z");

interface Stored {
  readonly [metric: string]: readonly (readonly [minutesBefore: number, value: number])[];
}

/** A CloudWatch whose pages hold one metric each, of a stream with 3 shards. */
function account(
  stored: Stored,
  { createdAt = 0, status = "Complete" as "Complete" | "InternalError" } = {},
) {
  const clients = { cloudwatch: new CloudWatchClient({}), kinesis: new KinesisClient({}) };
  const spans: { from: number; to: number }[] = [];
  mockClient(clients.kinesis)
    .on(DescribeStreamSummaryCommand)
    .resolves({
      StreamDescriptionSummary: {
        ...{ StreamName: "orders", StreamARN: "arn", StreamStatus: "ACTIVE", RetentionPeriodHours: 24 },
        ...{ OpenShardCount: 3, EnhancedMonitoring: [], StreamCreationTimestamp: new Date(createdAt) },
        StreamModeDetails: { StreamMode: "PROVISIONED" },
      },
    });
  mockClient(clients.cloudwatch)
    .on(GetMetricDataCommand)
    .callsFake(({ MetricDataQueries, StartTime, EndTime, NextToken = "0" }) => {
      spans.push({ from: StartTime.getTime(), to: EndTime.getTime() });
      const page = Number(NextToken);
      const query: MetricDataQuery = MetricDataQueries[page];
      const points = stored[query.MetricStat?.Metric?.MetricName ?? ""] ?? [];
      return {
        MetricDataResults: [
          {
            ...{ Id: query.Id, StatusCode: status, Values: points.map(([, value]) => value) },
            Timestamps: points.map(([before]) => new Date(TO - before * MINUTE)),
          },
        ],
        Messages: page === 0 ? [{ Code: "MaxQueryTimeRangeExceeded", Value: "cut" }] : [],
        ...(page + 1 < MetricDataQueries.length && { NextToken: String(page + 1) }),
      };
    });
  return { clients, spans };
}

describe("a history in CloudWatch", () => {
  it("is read in pages, without the minutes that may still come, with the shards there are now and were", async () => {
    const { clients, spans } = account({
      IncomingBytes: [
        [2, 100],
        [1, 200],
      ],
      IncomingRecords: [[2, 1]],
      WriteProvisionedThroughputExceeded: [[1, 7]],
      OpenShardCount: [[2, 5]],
    });
    const history = await readCloudWatch("orders", clients, { days: 14, now: NOW });
    expect(history).toMatchObject({ stream: "orders", from: TO - 14 * DAY, to: TO });
    expect(history.now).toEqual({ openShards: 3, mode: "PROVISIONED" });
    expect(history.recorded).toEqual([
      { at: TO - 2 * MINUTE, bytes: 100, records: 1, refused: 0, readBytes: 0, openShards: 5 },
      { at: TO - MINUTE, bytes: 200, records: 0, refused: 7, readBytes: 0 },
    ]);
    expect(history.notes).toEqual(["CloudWatch: MaxQueryTimeRangeExceeded: cut"]);
    expect(spans).toHaveLength(5);
    expect(new Set(spans.map(({ from }) => from))).toEqual(new Set([TO - 14 * DAY]));
  });

  it("begins when the stream was created, and says which metrics CloudWatch did not give", async () => {
    const createdAt = TO - 30 * MINUTE;
    const { clients } = account({ IncomingBytes: [[1, 5]] }, { createdAt, status: "InternalError" });
    const history = await readCloudWatch("orders", clients, { days: 1, now: NOW });
    expect(history.from).toBe(createdAt);
    expect(history.notes).toContain("CloudWatch did not answer for all of IncomingBytes: InternalError.");
  });

  it("that has no traffic is an error: nothing can be said about it", async () => {
    const { clients } = account({ OpenShardCount: [[2, 5]] });
    await expect(readCloudWatch("orders", clients, { days: 1, now: NOW })).rejects.toThrow(
      "orders: CloudWatch, us-east-1 has no traffic of it from 2026-11-27T11:56Z to 2026-11-28T11:56Z",
    );
  });

  it("of a stream that does not exist is an error that says where it was looked for", async () => {
    const { clients } = account({});
    mockClient(clients.kinesis)
      .on(DescribeStreamSummaryCommand)
      .rejects(new ResourceNotFoundException({ message: "not found", $metadata: {} }));
    await expect(readCloudWatch("nope", clients, { days: 1, now: NOW })).rejects.toMatchObject({
      ...{ name: "Misconfigured", message: "nope: found no such stream in us-east-1 of this account" },
    });
  });
});
