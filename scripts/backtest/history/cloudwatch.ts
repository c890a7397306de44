import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { RecordedMinute, StreamHistory } from "./history.ts";
import { type MetricOf, readMetricMinutes, spanOf, type Window, wholeMinute } from "./metric-minutes.ts";

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

/**
 * Reads a stream's minutes of the last days from CloudWatch, in pages, and how it is now. Reads only:
 * cloudwatch:GetMetricData, kinesis:DescribeStreamSummary.
 *
 * @throws {Misconfigured} when there is no such stream, or CloudWatch has nothing of it
 */
export async function readCloudWatch(
  stream: string,
  { cloudwatch, kinesis }: Clients,
  window: Window,
): Promise<StreamHistory> {
  const summary = await summaryOf(stream, kinesis);
  const createdAt = wholeMinute(summary?.StreamCreationTimestamp?.getTime() ?? 0);
  const { from: first, to } = spanOf(window);
  const from = Math.max(first, createdAt);
  const source = `CloudWatch, ${await cloudwatch.config.region()}`;
  if (to <= from) {
    throw new Misconfigured(
      `${stream}: was created at ${iso(createdAt)}: CloudWatch has no minute of it yet`,
    );
  }
  const { minutes, notes } = await readMetricMinutes(cloudwatch, metricsOf(stream), { from, to });
  const recorded = minutes.map(([at, values]) => ({ ...NOTHING, at, ...values }));
  // Where only our own metric has datapoints, Kinesis has published nothing.
  if (!recorded.some(({ bytes, records, refused }) => bytes + records + refused > 0)) {
    throw new Misconfigured(
      `${stream}: ${source} has no traffic of it from ${iso(from)} to ${iso(to)}: there is nothing to run a policy on`,
    );
  }
  const { OpenShardCount: openShards, StreamModeDetails } = summary ?? {};
  const mode = StreamModeDetails?.StreamMode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED";
  return {
    ...{ stream, source, from, to, recorded, notes },
    ...(openShards !== undefined && { now: { openShards, mode } }),
  };
}

async function summaryOf(stream: string, kinesis: KinesisClient) {
  try {
    const described = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }));
    return described.StreamDescriptionSummary;
  } catch (cause) {
    if (!(cause instanceof ResourceNotFoundException)) throw cause;
    const where = await kinesis.config.region();
    throw new Misconfigured(`${stream}: found no such stream in ${where} of this account`, { cause });
  }
}

const NOTHING = { bytes: 0, records: 0, refused: 0, readBytes: 0 };

const metricsOf = (stream: string): MetricOf<Series>[] =>
  SERIES.map((series) => {
    const isOurs = series === "openShards";
    return {
      ...{ series, name: METRICS[series], namespace: isOurs ? "Reflex" : "AWS/Kinesis" },
      stat: isOurs ? "Maximum" : "Sum",
      dimensions: { ...(isOurs && { service: "reshard-streams" }), StreamName: stream },
    };
  });

function iso(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}
