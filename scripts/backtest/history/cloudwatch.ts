import {
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import { DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { MINUTE_MS, type RecordedMinute, type StreamHistory } from "./history.ts";

/** Kinesis publishes a minute's metrics up to so long after its beginning: newer ones may still be missing. */
const PUBLISHED_AFTER_MS = 4 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Of one page, so that it comes within a client's time-out. CloudWatch gives 100,800 at most. */
const MaxDatapoints = 25_200;

type Series = Exclude<keyof RecordedMinute, "at">;

/** What each number of a minute is called in `AWS/Kinesis`; the open shards are our own metric. */
const METRICS: Readonly<Record<Series, string>> = {
  bytes: "IncomingBytes",
  records: "IncomingRecords",
  refused: "WriteProvisionedThroughputExceeded",
  readBytes: "GetRecords.Bytes",
  openShards: "OpenShardCount",
};
const SERIES = Object.keys(METRICS) as Series[];

export interface Clients {
  readonly cloudwatch: CloudWatchClient;
  readonly kinesis: KinesisClient;
}

/** Which past is read. */
export interface Window {
  readonly days: number;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Reads a stream's minutes of the last days from CloudWatch, in pages, and how it is now. Reads only:
 * cloudwatch:GetMetricData, kinesis:DescribeStreamSummary.
 *
 * @throws {Misconfigured} when CloudWatch has nothing of the stream
 */
export async function readCloudWatch(
  stream: string,
  { cloudwatch, kinesis }: Clients,
  { days, now }: Window,
): Promise<StreamHistory> {
  const { StreamDescriptionSummary: summary } = await kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName: stream }),
  );
  const to = wholeMinute(now - PUBLISHED_AFTER_MS);
  const createdAt = wholeMinute(summary?.StreamCreationTimestamp?.getTime() ?? 0);
  const from = Math.max(wholeMinute(to - days * DAY_MS), createdAt);
  const source = `CloudWatch, ${await cloudwatch.config.region()}`;
  if (to <= from) {
    throw new Misconfigured(
      `${stream}: was created at ${iso(createdAt)}: CloudWatch has no minute of it yet`,
    );
  }
  const minutes = new Map<number, RecordedMinute>();
  const notes = new Set<string>();
  for await (const page of paginateGetMetricData(
    { client: cloudwatch },
    {
      MetricDataQueries: queriesFor(stream),
      StartTime: new Date(from),
      EndTime: new Date(to),
      MaxDatapoints,
    },
  )) {
    for (const { Code, Value } of page.Messages ?? []) notes.add(`CloudWatch: ${Code}: ${Value}`);
    for (const result of page.MetricDataResults ?? []) {
      add(result, minutes);
      if (result.StatusCode === "InternalError" || result.StatusCode === "Forbidden") {
        notes.add(`CloudWatch did not answer for all of ${nameOf(result)}: ${result.StatusCode}.`);
      }
    }
  }
  // Where only our own metric has datapoints, Kinesis has published nothing.
  const recorded = [...minutes.values()].sort((a, b) => a.at - b.at);
  if (!recorded.some(({ bytes, records, refused }) => bytes + records + refused > 0)) {
    throw new Misconfigured(
      `${stream}: ${source} has no traffic of it from ${iso(from)} to ${iso(to)}: there is nothing to run a policy on`,
    );
  }
  const { OpenShardCount: openShards, StreamModeDetails } = summary ?? {};
  const mode = StreamModeDetails?.StreamMode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED";
  return {
    ...{ stream, source, from, to, recorded, notes: [...notes] },
    ...(openShards !== undefined && { now: { openShards, mode } }),
  };
}

function queriesFor(stream: string): MetricDataQuery[] {
  return SERIES.map((series) => ({
    Id: series.toLowerCase(),
    MetricStat: {
      Metric: {
        Namespace: series === "openShards" ? "Reflex" : "AWS/Kinesis",
        MetricName: METRICS[series],
        Dimensions: [
          ...(series === "openShards" ? [{ Name: "service", Value: "reshard-streams" }] : []),
          { Name: "StreamName", Value: stream },
        ],
      },
      Period: 60,
      Stat: series === "openShards" ? "Maximum" : "Sum",
    },
  }));
}

function add(result: MetricDataResult, minutes: Map<number, RecordedMinute>): void {
  const series = SERIES.find((each) => each.toLowerCase() === result.Id);
  if (!series) return;
  for (const [index, timestamp] of (result.Timestamps ?? []).entries()) {
    const at = timestamp.getTime();
    const empty: RecordedMinute = { at, bytes: 0, records: 0, refused: 0, readBytes: 0 };
    minutes.set(at, { ...(minutes.get(at) ?? empty), [series]: result.Values?.[index] ?? 0 });
  }
}

function nameOf({ Id }: MetricDataResult): string {
  const series = SERIES.find((each) => each.toLowerCase() === Id);
  return series ? METRICS[series] : (Id ?? "a metric");
}

function wholeMinute(ms: number): number {
  return Math.floor(ms / MINUTE_MS) * MINUTE_MS;
}

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
