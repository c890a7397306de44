import { type Metric, metricKey } from "./metric.ts";
import { MINUTE_MS } from "./minute.ts";

/**
 * How long after the end of its minute a datapoint of AWS's own metrics (`AWS/…`) can be read, in milliseconds. Each
 * metric and minute has its own delay between the two, the same in each run with the same seed.
 */
export interface MetricDelay {
  readonly minMs: number;
  readonly maxMs: number;
  /** Another number gives other delays. */
  readonly seed?: number;
}

/**
 * "Metric data is sent to CloudWatch at 1-minute intervals"; it is there one to two minutes after.
 * https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html
 */
export const AWS_METRIC_DELAY: MetricDelay = { minMs: 60_000, maxMs: 120_000 };

export const NO_METRIC_DELAY: MetricDelay = { minMs: 0, maxMs: 0 };

/** Says for one metric whether the datapoint of a minute can be read at a time. */
export type IsPublished = (minute: number, now: number) => boolean;

/** What a service puts itself, through PutMetricData or embedded in its log, is there at once. */
export function publicationOf(metric: Metric, { minMs, maxMs, seed = 0 }: MetricDelay): IsPublished {
  if (!metric.namespace.startsWith("AWS/") || maxMs === 0) return () => true;
  const key = hash(`${seed} ${metricKey(metric)}`);
  return (minute, now) => {
    const share = scrambled(key ^ (minute / MINUTE_MS)) / 2 ** 32;
    return now >= minute + MINUTE_MS + minMs + share * (maxMs - minMs);
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
}

/** Spreads numbers that are close together over all 32 bits (the finaliser of MurmurHash3). */
function scrambled(value: number): number {
  let mixed = value >>> 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
