import type { MetricDataQuery, MetricDataResult } from "@aws-sdk/client-cloudwatch";
import type { StreamPolicy } from "../config/policy.ts";
import type { Minute, ShardLoad } from "../model/observation.ts";

/** GetMetricData takes 500 queries a call. */
export const MAX_QUERIES_PER_CALL = 500;

const PERIOD_SECONDS = 60;
const MINUTE_MS = 60_000;

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
/** How far consumers are behind, of either kind. */
const AGES: readonly string[] = ["iteratorAgeMs", "subscriberAgeMs"] satisfies Series[];
const READS: readonly Series[] = ["readBytes", "throttledReads"];

const SHARD_METRICS = ["bytes", "records", "throttled"] as const;

/** Our own metric of each stream: where CloudWatch has it, no datapoint of Kinesis means no traffic. */
const HEARTBEAT = "heartbeat";

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

/** What GetMetricData answered for one stream, over all pages. */
export interface StreamMetrics {
  readonly minutes: readonly Minute[];
  readonly complete: boolean;
  /** CloudWatch has a datapoint of our own metric, or of a consumer. */
  readonly heartbeat: boolean;
  readonly iteratorAgeMs?: number;
  readonly shardLoads?: readonly ShardLoad[];
}

/** One SEARCH finds at most so many time series, and leaves the others out. */
const MAX_SERIES_OF_SEARCH = 500;

/** Whether CloudWatch left something out of a result. One that is continued on the next page is Complete on the last one. */
function isIncomplete({ StatusCode, Messages = [] }: MetricDataResult): boolean {
  return StatusCode === "InternalError" || StatusCode === "Forbidden" || Messages.length > 0;
}

/** @param now ms since the epoch; iterator age and shard loads are taken from the minutes of scale-out */
export function readMetrics(
  results: readonly MetricDataResult[],
  policy: StreamPolicy,
  prefix: string,
  now: number,
): StreamMetrics {
  const recentFrom = now - (policy.scaleOutMinutes + 1) * MINUTE_MS;
  const minutes = new Map<number, { -readonly [K in keyof Minute]: Minute[K] }>();
  let complete = results.length > 0;
  let heartbeat = false;
  let iteratorAgeMs: number | undefined;
  const loads = new Map<string, { bytes: number; records: number; throttled: number }>();

  for (const result of results) {
    if (isIncomplete(result)) complete = false;
    const series = (result.Id ?? "").slice(prefix.length + 1);
    for (const { at, value } of datapointsOf(result)) {
      if (series === HEARTBEAT || AGES.includes(series)) heartbeat = true;
      if (AGES.includes(series)) {
        if (at >= recentFrom) iteratorAgeMs = Math.max(iteratorAgeMs ?? 0, value);
      } else if (isShardSeries(series)) {
        if (at < recentFrom) continue;
        const load = loads.get(result.Label ?? "") ?? { bytes: 0, records: 0, throttled: 0 };
        if (series === "shard_throttled") load.throttled += value;
        else if (series === "shard_bytes") load.bytes = Math.max(load.bytes, value);
        else load.records = Math.max(load.records, value);
        loads.set(result.Label ?? "", load);
      } else if (isMinuteSeries(series)) {
        const minute = minutes.get(at) ?? emptyMinute(at);
        minute[series] = value;
        minutes.set(at, minute);
      }
    }
  }
  return {
    minutes: [...minutes.values()].sort((a, b) => a.at - b.at),
    complete,
    heartbeat,
    ...(iteratorAgeMs !== undefined && { iteratorAgeMs }),
    // With some of the shards left out, which one is hot cannot be told.
    ...(policy.shardMetrics &&
      !searchesFull(results) && {
        shardLoads: [...loads].map(([shardId, load]) => ({ shardId, ...load })),
      }),
  };
}

function searchesFull(results: readonly MetricDataResult[]): boolean {
  const byQuery = Map.groupBy(results, ({ Id = "" }) => Id);
  return [...byQuery.values()].some(
    (series) => new Set(series.map(({ Label }) => Label)).size >= MAX_SERIES_OF_SEARCH,
  );
}

function* datapointsOf({ Timestamps = [], Values = [] }: MetricDataResult) {
  for (const [index, timestamp] of Timestamps.entries()) {
    const value = Values[index];
    if (value !== undefined) yield { at: timestamp.getTime(), value };
  }
}

function emptyMinute(at: number) {
  return { at, bytes: 0, records: 0, throttled: 0, readBytes: 0, throttledReads: 0 };
}

type MinuteSeries = Exclude<Series, "iteratorAgeMs" | "subscriberAgeMs">;

function isMinuteSeries(series: string): series is MinuteSeries {
  return !AGES.includes(series) && Object.hasOwn(METRICS, series);
}

type ShardSeries = `shard_${(typeof SHARD_METRICS)[number]}`;

function isShardSeries(series: string): series is ShardSeries {
  return series.startsWith("shard_");
}
