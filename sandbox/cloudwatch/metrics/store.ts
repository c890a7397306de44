import { addBucket, addSample, type Bucket, emptyBucket, type Sample } from "./bucket.ts";
import { type Dimensions, type Metric, metricKey } from "./metric.ts";

export const MINUTE_MS = 60_000;

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

/** Metrics in one-minute buckets, in memory. */
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
  /** The unit the metric was first put in; undefined for a metric that does not exist. */
  unitOf(metric: Metric): string | undefined;
  /** All metrics, in the order they first came. */
  list(recentlyActiveAt?: number): Metric[];
}

interface Series {
  readonly metric: Metric;
  /** By unit, then by the minute's start. */
  readonly units: Map<string, Map<number, Bucket>>;
  newest: number;
  prunedAt: number;
}

export function createMetricStore(): MetricStore {
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

    read(metric, { from, to, periodMs, unit }) {
      const series = all.get(metricKey(metric));
      const periods = new Map<number, Bucket>();
      if (!series) return periods;
      const minutesOf =
        unit === undefined ? [...series.units.values()] : [series.units.get(unit) ?? new Map()];
      for (let period = from; period < to; period += periodMs) {
        const bucket = emptyBucket();
        for (let minute = period; minute < period + periodMs; minute += MINUTE_MS) {
          for (const minutes of minutesOf) {
            const part = minutes.get(minute);
            if (part) addBucket(bucket, part);
          }
        }
        if (bucket.count > 0) periods.set(period, bucket);
      }
      return periods;
    },

    unitOf: (metric) => all.get(metricKey(metric))?.units.keys().next().value,

    list(recentlyActiveAt) {
      const recent = [...all.values()].filter(
        (series) => recentlyActiveAt === undefined || series.newest > recentlyActiveAt - RECENTLY_MS,
      );
      return recent.map((series) => series.metric);
    },
  };

  function seriesOf(metric: Metric, at: number): Series {
    const key = metricKey(metric);
    const series = all.get(key) ?? { metric, units: new Map(), newest: at, prunedAt: at };
    all.set(key, series);
    return series;
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
