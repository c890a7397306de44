import {
  type CloudWatchClient,
  type MetricDataQuery,
  type MetricDataResult,
  paginateGetMetricData,
} from "@aws-sdk/client-cloudwatch";
import { MINUTE_MS } from "./history.ts";

/** A minute's metrics come up to so long after its beginning: newer ones may still be missing. */
const PUBLISHED_AFTER_MS = 4 * MINUTE_MS;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** Of one page, so that it comes within a client's time-out. CloudWatch gives 100,800 at most. */
const MaxDatapoints = 25_200;

/** Which past is read. */
export interface Window {
  readonly days: number;
  /** ms since the epoch. */
  readonly now: number;
}

/** Whole minutes, all of them published: begin of the first, and end of the last, ms since the epoch. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export function spanOf({ days, now }: Window): Span {
  const to = wholeMinute(now - PUBLISHED_AFTER_MS);
  return { from: wholeMinute(to - days * DAY_MS), to };
}

export const wholeMinute = (ms: number): number => Math.floor(ms / MINUTE_MS) * MINUTE_MS;

/** One metric of CloudWatch, by what it is called here. */
export interface MetricOf<Series extends string> {
  readonly series: Series;
  readonly namespace: string;
  readonly name: string;
  readonly stat: "Sum" | "Average" | "Maximum";
  readonly dimensions: Readonly<Record<string, string>>;
}

export interface MetricMinutes<Series extends string> {
  /** The values of each minute that has one, oldest first. */
  readonly minutes: readonly (readonly [at: number, values: Readonly<Partial<Record<Series, number>>>])[];
  /** What CloudWatch said of what it could not give. */
  readonly notes: readonly string[];
}

/** Reads some metrics by the minute, in pages. */
export async function readMetricMinutes<Series extends string>(
  cloudwatch: CloudWatchClient,
  metrics: readonly MetricOf<Series>[],
  { from, to }: Span,
): Promise<MetricMinutes<Series>> {
  const minutes = new Map<number, Partial<Record<Series, number>>>();
  const notes = new Set<string>();
  const query = { MetricDataQueries: metrics.map(queryOf), StartTime: new Date(from), EndTime: new Date(to) };
  for await (const page of paginateGetMetricData({ client: cloudwatch }, { ...query, MaxDatapoints })) {
    for (const { Code, Value } of page.Messages ?? []) notes.add(`CloudWatch: ${Code}: ${Value}`);
    for (const result of page.MetricDataResults ?? []) {
      const metric = metrics.find(({ series }) => series.toLowerCase() === result.Id);
      if (!metric) continue;
      for (const [at, value] of pointsOf(result))
        minutes.set(at, { ...minutes.get(at), [metric.series]: value });
      if (result.StatusCode === "InternalError" || result.StatusCode === "Forbidden") {
        notes.add(`CloudWatch did not answer for all of ${metric.name}: ${result.StatusCode}.`);
      }
    }
  }
  return { minutes: [...minutes].sort(([a], [b]) => a - b), notes: [...notes] };
}

function queryOf<Series extends string>({
  series,
  namespace,
  name,
  stat,
  dimensions,
}: MetricOf<Series>): MetricDataQuery {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return {
    Id: series.toLowerCase(),
    MetricStat: {
      Metric: { Namespace: namespace, MetricName: name, Dimensions },
      ...{ Period: 60, Stat: stat },
    },
  };
}

function* pointsOf({ Timestamps = [], Values = [] }: MetricDataResult) {
  for (const [index, timestamp] of Timestamps.entries())
    yield [timestamp.getTime(), Values[index] ?? 0] as const;
}
