import type { Bucket } from "../../cloudwatch/metrics/bucket.ts";
import type { Metric } from "../../cloudwatch/metrics/metric.ts";
import { MINUTE_MS } from "../../cloudwatch/metrics/minute.ts";
import type { MetricStore } from "../../cloudwatch/metrics/store.ts";
import type { Minutes } from "./state.ts";

const SHOWN = 60;

/** The last hour, the minute that runs included. */
export function lastMinutes(now: number): Minutes {
  const to = Math.floor(now / MINUTE_MS) * MINUTE_MS + MINUTE_MS;
  return { from: to - SHOWN * MINUTE_MS, to };
}

/** One value a minute; null for a minute `values` has none of. */
export function byMinute<T>({ from, to }: Minutes, values: ReadonlyMap<number, T>): (T | null)[] {
  const count = (to - from) / MINUTE_MS;
  return Array.from({ length: count }, (_, index) => values.get(from + index * MINUTE_MS) ?? null);
}

/** A metric, one value a minute; null for a minute without a datapoint. */
export function metricByMinute(
  metrics: Pick<MetricStore, "read">,
  metric: Metric,
  minutes: Minutes,
  statistic: (bucket: Bucket) => number,
): (number | null)[] {
  const buckets = metrics.read(metric, { ...minutes, periodMs: MINUTE_MS });
  return byMinute(minutes, new Map([...buckets].map(([at, bucket]) => [at, statistic(bucket)])));
}
