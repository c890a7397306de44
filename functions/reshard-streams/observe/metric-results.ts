import type { MetricDataResult } from "@aws-sdk/client-cloudwatch";
import type { StreamPolicy } from "../config/policy.ts";
import { newestInAll, recentSince } from "../decide/measure/recent.ts";
import type { ConsumerReads, Minute, ShardLoad } from "../model/observation.ts";
import { CONSUMER_SERIES, HEARTBEAT, isMinuteSeries, WRITE_SERIES } from "./metric-queries.ts";

const MINUTE_MS = 60_000;

/** What GetMetricData answered for one stream, over all pages. */
export interface StreamMetrics {
  readonly minutes: readonly Minute[];
  /** The newest minute that all of the write metrics have; undefined without any. */
  readonly knownUntil?: number;
  readonly complete: boolean;
  /** CloudWatch has a new datapoint of our own metric, or of a consumer. */
  readonly heartbeat: boolean;
  readonly iteratorAgeMs?: number;
  readonly reads: ConsumerReads;
  readonly shardLoads?: readonly ShardLoad[];
}

/** One SEARCH finds at most so many time series, and leaves the others out. */
const MAX_SERIES_OF_SEARCH = 500;

/** Our own metric comes every minute: where CloudWatch has none for so long, it may lack the others' as well. */
const HEARTBEAT_MS = 10 * MINUTE_MS;

/** One time series over all pages. */
interface Series {
  readonly name: string;
  /** The shard, of one that a SEARCH found. */
  readonly label: string;
  readonly complete: boolean;
  readonly points: readonly Datapoint[];
}

interface Datapoint {
  readonly at: number;
  readonly value: number;
}

/** @param now ms since the epoch; iterator age and shard loads are taken from the minutes of scale-out */
export function readMetrics(
  results: readonly MetricDataResult[],
  policy: StreamPolicy,
  prefix: string,
  now: number,
): StreamMetrics {
  const all = seriesIn(results, prefix);
  /** Each metric comes late by itself: its own newest minutes count. */
  const recentOf = ({ points }: Series) => {
    const from = recentSince(newestOf(points) ?? now, policy.scaleOutMinutes, now);
    return points.filter(({ at }) => at >= from);
  };
  const consumers = all.filter(({ name }) => CONSUMER_SERIES.includes(name));
  const ages = consumers.flatMap(recentOf).map(({ value }) => value);
  const signs = all.filter((one) => one.name === HEARTBEAT || consumers.includes(one));
  const newestWrites = all.flatMap(({ name, points }) =>
    WRITE_SERIES.includes(name) ? (newestOf(points) ?? []) : [],
  );
  const knownUntil = newestInAll(newestWrites);
  return {
    minutes: minutesOf(all),
    ...(knownUntil !== undefined && { knownUntil }),
    complete: results.length > 0 && all.every(({ complete }) => complete),
    heartbeat: signs.some(({ points }) => (newestOf(points) ?? 0) >= now - HEARTBEAT_MS),
    ...(ages.length > 0 && { iteratorAgeMs: Math.max(...ages) }),
    reads: { polling: readsOf("iteratorAgeMs", all), fanOut: readsOf("subscriberAgeMs", all) },
    // With some of the shards left out, which one is hot is not known.
    ...(policy.shardMetrics && !searchesFull(all) && { shardLoads: shardLoadsOf(all, recentOf) }),
  };
}

function seriesIn(results: readonly MetricDataResult[], prefix: string): Series[] {
  const pages = Map.groupBy(results, ({ Id = "", Label = "" }) => JSON.stringify([Id, Label]));
  return [...pages.values()].map((parts) => ({
    name: (parts[0]?.Id ?? "").slice(prefix.length + 1),
    label: parts[0]?.Label ?? "",
    complete: isComplete(parts),
    points: parts.flatMap(datapointsOf),
  }));
}

/** Whether CloudWatch left something out. What is continued on the next page is Complete on the last one. */
function isComplete(parts: readonly MetricDataResult[]): boolean {
  return (
    parts.at(-1)?.StatusCode !== "PartialData" &&
    parts.every(
      ({ StatusCode, Messages = [] }) =>
        StatusCode !== "InternalError" && StatusCode !== "Forbidden" && Messages.length === 0,
    )
  );
}

function datapointsOf({ Timestamps = [], Values = [] }: MetricDataResult): Datapoint[] {
  return Timestamps.flatMap((timestamp, index) => {
    const value = Values[index];
    return value === undefined ? [] : [{ at: timestamp.getTime(), value }];
  });
}

function minutesOf(all: readonly Series[]): Minute[] {
  const minutes = new Map<number, Minute>();
  for (const { name, points } of all) {
    if (!isMinuteSeries(name)) continue;
    for (const { at, value } of points)
      minutes.set(at, { ...(minutes.get(at) ?? emptyMinute(at)), [name]: value });
  }
  return [...minutes.values()].sort((a, b) => a.at - b.at);
}

function emptyMinute(at: number): Minute {
  return { at, bytes: 0, records: 0, throttled: 0, readBytes: 0, throttledReads: 0 };
}

/** The minutes in which a consumer of this kind read, oldest first. */
function readsOf(name: string, all: readonly Series[]): number[] {
  const points = all.flatMap((one) => (one.name === name ? one.points : []));
  return points.map(({ at }) => at).sort((a, b) => a - b);
}

function shardLoadsOf(
  all: readonly Series[],
  recentOf: (series: Series) => readonly Datapoint[],
): ShardLoad[] {
  const byShard = Map.groupBy(
    all.filter((one) => one.name.startsWith("shard_") && recentOf(one).length > 0),
    ({ label }) => label,
  );
  return [...byShard].map(([shardId, series]) => {
    const valuesOf = (name: string) =>
      series.filter((one) => one.name === name).flatMap((one) => recentOf(one).map(({ value }) => value));
    return {
      shardId,
      bytes: Math.max(0, ...valuesOf("shard_bytes")),
      records: Math.max(0, ...valuesOf("shard_records")),
      throttled: valuesOf("shard_throttled").reduce((sum, value) => sum + value, 0),
    };
  });
}

function searchesFull(all: readonly Series[]): boolean {
  const byQuery = Map.groupBy(all, ({ name }) => name);
  return [...byQuery.values()].some((series) => series.length >= MAX_SERIES_OF_SEARCH);
}

function newestOf(points: readonly Datapoint[]): number | undefined {
  return points.length === 0 ? undefined : Math.max(...points.map(({ at }) => at));
}
