import type { MetricDataQuery } from "@aws-sdk/client-cloudwatch";
import type { StreamPolicy } from "../config/policy.ts";

/** GetMetricData takes 500 queries a call. */
export const MAX_QUERIES_PER_CALL = 500;

const PERIOD_SECONDS = 60;

type Series =
  | "bytes"
  | "records"
  | "throttled"
  | "iteratorAgeMs"
  | "subscriberAgeMs"
  | "readBytes"
  | "throttledReads";

/** The metrics of `AWS/Kinesis` by what we call them. https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html */
const METRICS: Readonly<Record<Series, { name: string; stat: "Sum" | "Maximum" }>> = {
  bytes: { name: "IncomingBytes", stat: "Sum" },
  records: { name: "IncomingRecords", stat: "Sum" },
  throttled: { name: "WriteProvisionedThroughputExceeded", stat: "Sum" },
  iteratorAgeMs: { name: "GetRecords.IteratorAgeMilliseconds", stat: "Maximum" },
  /** Of consumers with enhanced fan-out, which have no iterator age. */
  subscriberAgeMs: { name: "SubscribeToShardEvent.MillisBehindLatest", stat: "Maximum" },
  readBytes: { name: "GetRecords.Bytes", stat: "Sum" },
  throttledReads: { name: "ReadProvisionedThroughputExceeded", stat: "Sum" },
};
/** How far consumers are behind, of either kind: there is a datapoint of each minute in which one reads. */
export const CONSUMER_SERIES: readonly string[] = ["iteratorAgeMs", "subscriberAgeMs"] satisfies Series[];
export const WRITE_SERIES: readonly string[] = ["bytes", "records", "throttled"] satisfies Series[];
const READS: readonly Series[] = ["readBytes", "throttledReads"];

const SHARD_METRICS = ["bytes", "records", "throttled"] as const;

/** Our own metric of each stream: where CloudWatch has it, no datapoint of Kinesis means no traffic. */
export const HEARTBEAT = "heartbeat";

/** The queries for one stream. Their ids begin with `prefix`, so that one call can serve many streams. */
export function queriesFor(stream: string, policy: StreamPolicy, prefix: string): MetricDataQuery[] {
  const streamWide = (Object.keys(METRICS) as Series[])
    .filter((series) => policy.reads || !READS.includes(series))
    .map((series) => ({
      Id: `${prefix}_${series}`,
      MetricStat: {
        Metric: {
          Namespace: "AWS/Kinesis",
          MetricName: METRICS[series].name,
          Dimensions: [{ Name: "StreamName", Value: stream }],
        },
        Period: PERIOD_SECONDS,
        Stat: METRICS[series].stat,
      },
    }));
  const heartbeat = {
    Id: `${prefix}_${HEARTBEAT}`,
    MetricStat: {
      Metric: {
        Namespace: "Reflex",
        MetricName: "OpenShardCount",
        Dimensions: [
          { Name: "service", Value: "reshard-streams" },
          { Name: "StreamName", Value: stream },
        ],
      },
      Period: PERIOD_SECONDS,
      Stat: "Maximum",
    },
  };
  if (!policy.shardMetrics) return [...streamWide, heartbeat];
  // The shards need not be known first: SEARCH finds their metrics, so no round is spent on listing them.
  const byShard = SHARD_METRICS.map((series) => ({
    Id: `${prefix}_shard_${series}`,
    Expression: `SEARCH('{AWS/Kinesis,ShardId,StreamName} MetricName="${METRICS[series].name}" StreamName="${stream}"', 'Sum', ${PERIOD_SECONDS})`,
    Label: "${PROP('Dim.ShardId')}",
  }));
  return [...streamWide, heartbeat, ...byShard];
}

type MinuteSeries = Exclude<Series, "iteratorAgeMs" | "subscriberAgeMs">;

/** Those that a minute of an observation has. */
export function isMinuteSeries(series: string): series is MinuteSeries {
  return !CONSUMER_SERIES.includes(series) && Object.hasOwn(METRICS, series);
}
