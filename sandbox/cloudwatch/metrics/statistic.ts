import { AwsError } from "../../wire/error.ts";
import type { Bucket } from "./bucket.ts";

const BASIC: Readonly<Record<string, (bucket: Bucket) => number>> = {
  Sum: (bucket) => bucket.sum,
  Average: (bucket) => bucket.sum / bucket.count,
  Minimum: (bucket) => bucket.min,
  Maximum: (bucket) => bucket.max,
  SampleCount: (bucket) => bucket.count,
};

const PERCENTILE = /^p(\d{1,2}(?:\.\d{1,10})?|100)$/;

/**
 * The value of a statistic (`Sum`, `Average`, `Minimum`, `Maximum`, `SampleCount`, `p99`, `p99.9`) over a
 * bucket. Undefined for a percentile where only statistic sets were put: CloudWatch has none either.
 */
export function statisticOf(statistic: string, bucket: Bucket): number | undefined {
  const basic = BASIC[statistic];
  if (basic) return basic(bucket);
  const percent = Number(statistic.match(PERCENTILE)?.[1]);
  return bucket.values && percentile(bucket.values, bucket.count, percent);
}

/** @throws {AwsError} for a statistic the sandbox does not have (TM, WM, PR, TC, TS, IQM) or that is none */
export function checkStatistic(statistic: string): void {
  if (Object.hasOwn(BASIC, statistic) || PERCENTILE.test(statistic)) return;
  throw new AwsError(
    "ValidationError",
    `The sandbox has no statistic "${statistic}": it has ${Object.keys(BASIC).join(", ")} and p0 to p100.`,
  );
}

/** By nearest rank. */
function percentile(values: ReadonlyMap<number, number>, count: number, percent: number): number | undefined {
  const rank = Math.max(1, Math.ceil((percent / 100) * count));
  let seen = 0;
  for (const [value, times] of [...values].sort(([a], [b]) => a - b)) {
    seen += times;
    if (seen >= rank) return value;
  }
  return undefined;
}
