import { addBucket, addSample, type Bucket, emptyBucket, type Sample } from "./bucket.ts";
import { type Dimensions, type Metric, metricKey } from "./metric.ts";
import { MINUTE_MS } from "./minute.ts";
import { type IsPublished, type MetricDelay, NO_METRIC_DELAY, publicationOf } from "./publication.ts";

/** CloudWatch keeps one-minute datapoints for 15 days. */
const RETENTION_MS = 15 * 24 * 60 * MINUTE_MS;

/** Metrics put in the last three hours are "recently active" (ListMetrics, RecentlyActive PT3H). */
const RECENTLY_MS = 3 * 60 * MINUTE_MS;

export interface ReadOptions {
  /** Inclusive, a multiple of a minute; periods are counted from here. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  /** A multiple of a minute. */
  readonly periodMs: number;
  /** Only samples put in this unit; all units when left out. */
  readonly unit?: string | undefined;
}

/** Metrics in one-minute buckets, in memory. What is not published yet is put, and neither read nor listed. */
export interface MetricStore {
  /**
   * Adds samples to a metric, as PutMetricData does.
   *
   * @param at ms since the epoch; the sample counts to the minute this lies in
   */
  put(
    namespace: string,
    name: string,
    dimensions: Dimensions,
    sample: Sample,
    unit: string,
    at: number,
  ): void;
  /** The non-empty periods by their start, oldest first. */
  read(metric: Metric, options: ReadOptions): Map<number, Bucket>;
  /** Whether nothing was put into the metric since then, ms since the epoch. */
  isSilentSince(metric: Metric, from: number): boolean;
  /** What was put, published or not: for those who look at the account from outside of AWS. */
  readonly unpublished: Pick<MetricStore, "read">;
  /** The unit the metric was first put in; undefined for a metric that does not exist. */
  unitOf(metric: Metric): string | undefined;
  /** All metrics, in the order they first came. */
  list(recentlyActiveAt?: number): Metric[];
}

export interface MetricStoreOptions {
  /** Ms since the epoch: what is published by then can be read. */
  readonly now: () => number;
  /** How late AWS's own metrics come. */
  readonly delay: MetricDelay;
}

interface Series {
  readonly metric: Metric;
  readonly isPublished: IsPublished;
  /** By unit, then by the minute's start. */
  readonly units: Map<string, Map<number, Bucket>>;
  newest: number;
  prunedAt: number;
}

/** @param options where absent, everything can be read as soon as it is put */
export function createMetricStore(
  { now, delay }: MetricStoreOptions = { now: () => Number.POSITIVE_INFINITY, delay: NO_METRIC_DELAY },
): MetricStore {
  const all = new Map<string, Series>();

  return {
    put(namespace, name, dimensions, sample, unit, at) {
      const series = seriesOf({ namespace, name, dimensions }, at);
      const minutes = series.units.get(unit) ?? new Map<number, Bucket>();
      series.units.set(unit, minutes);
      const minute = Math.floor(at / MINUTE_MS) * MINUTE_MS;
      const bucket = minutes.get(minute) ?? emptyBucket();
      minutes.set(minute, bucket);
      addSample(bucket, sample);
      series.newest = Math.max(series.newest, at);
      prune(series);
    },

    read: (metric, options) => read(metric, options, now()),

    isSilentSince: (metric, from) => (all.get(metricKey(metric))?.newest ?? Number.NEGATIVE_INFINITY) < from,

    unpublished: { read: (metric, options) => read(metric, options, Number.POSITIVE_INFINITY) },

    unitOf: (metric) => all.get(metricKey(metric))?.units.keys().next().value,

    list(recentlyActiveAt) {
      const recent = [...all.values()].filter(
        (series) =>
          (recentlyActiveAt === undefined || series.newest > recentlyActiveAt - RECENTLY_MS) &&
          hasPublished(series),
      );
      return recent.map((series) => series.metric);
    },
  };

  function read(metric: Metric, { from, to, periodMs, unit }: ReadOptions, at: number): Map<number, Bucket> {
    const series = all.get(metricKey(metric));
    const periods = new Map<number, Bucket>();
    if (!series) return periods;
    const minutesOf = unit === undefined ? [...series.units.values()] : [series.units.get(unit) ?? new Map()];
    for (let period = from; period < to; period += periodMs) {
      const bucket = emptyBucket();
      for (let minute = period; minute < period + periodMs; minute += MINUTE_MS) {
        if (!series.isPublished(minute, at)) continue;
        for (const minutes of minutesOf) {
          const part = minutes.get(minute);
          if (part) addBucket(bucket, part);
        }
      }
      if (bucket.count > 0) periods.set(period, bucket);
    }
    return periods;
  }

  function seriesOf(metric: Metric, at: number): Series {
    const key = metricKey(metric);
    const series = all.get(key) ?? {
      metric,
      isPublished: publicationOf(metric, delay),
      units: new Map(),
      newest: at,
      prunedAt: at,
    };
    all.set(key, series);
    return series;
  }

  function hasPublished({ units, isPublished }: Series): boolean {
    const at = now();
    return [...units.values()].some((minutes) =>
      [...minutes.keys()].some((minute) => isPublished(minute, at)),
    );
  }

  /** Forgets what is too old, once an hour of the metric's own time. */
  function prune(series: Series): void {
    if (series.newest - series.prunedAt < 60 * MINUTE_MS) return;
    series.prunedAt = series.newest;
    for (const minutes of series.units.values()) {
      for (const minute of minutes.keys()) if (minute < series.newest - RETENTION_MS) minutes.delete(minute);
    }
  }
}
