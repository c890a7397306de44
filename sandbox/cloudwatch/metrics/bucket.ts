/** What is known of a metric's samples in one span of time. */
export interface Bucket {
  count: number;
  sum: number;
  min: number;
  max: number;
  /** How often each value came, for percentiles. Undefined once a sample was a statistic set of several values. */
  values: Map<number, number> | undefined;
}

/** One or more samples as PutMetricData takes them. */
export type Sample =
  | { readonly value: number }
  | { readonly values: readonly number[]; readonly counts?: readonly number[] | undefined }
  | { readonly statisticSet: { count: number; sum: number; min: number; max: number } };

/** A minute's different values that are kept for percentiles; CloudWatch's own are approximate as well. */
const MOST_VALUES = 1000;

export function emptyBucket(): Bucket {
  return {
    count: 0,
    sum: 0,
    min: Number.POSITIVE_INFINITY,
    max: Number.NEGATIVE_INFINITY,
    values: new Map(),
  };
}

export function addSample(bucket: Bucket, sample: Sample): void {
  if ("value" in sample) addValue(bucket, sample.value, 1);
  else if ("statisticSet" in sample) addStatistics(bucket, sample.statisticSet);
  else for (const [i, value] of sample.values.entries()) addValue(bucket, value, sample.counts?.[i] ?? 1);
}

/** Adds all of `other` to `bucket`. */
export function addBucket(bucket: Bucket, other: Bucket): void {
  if (other.values) for (const [value, count] of other.values) addValue(bucket, value, count);
  else addStatistics(bucket, other);
}

function addValue(bucket: Bucket, value: number, count: number): void {
  bucket.count += count;
  bucket.sum += value * count;
  bucket.min = Math.min(bucket.min, value);
  bucket.max = Math.max(bucket.max, value);
  bucket.values?.set(value, (bucket.values.get(value) ?? 0) + count);
  if (bucket.values && bucket.values.size > MOST_VALUES) bucket.values = undefined;
}

function addStatistics(bucket: Bucket, set: { count: number; sum: number; min: number; max: number }): void {
  // One value, or one value several times: as good as the values themselves.
  if (set.count > 0 && set.min === set.max) {
    addValue(bucket, set.min, set.count);
    return;
  }
  bucket.count += set.count;
  bucket.sum += set.sum;
  bucket.min = Math.min(bucket.min, set.min);
  bucket.max = Math.max(bucket.max, set.max);
  bucket.values = undefined;
}
