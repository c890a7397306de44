import type { Metric } from "../metrics/metric.ts";

/** Values of metric math: numbers, time series, and lists of time series. */
export type Value = Scalar | Series | SeriesList | Text;

export interface Scalar {
  readonly kind: "scalar";
  readonly value: number;
}

/** Datapoints by the start of their period, ms since the epoch, oldest first. */
export type Points = ReadonlyMap<number, number>;

export interface Series {
  readonly kind: "series";
  readonly label: string;
  readonly periodMs: number;
  readonly points: Points;
  /** The metric it was read from, for labels; of arithmetic on several, the first one. */
  readonly source?: { readonly metric: Metric; readonly statistic: string };
}

export interface SeriesList {
  readonly kind: "list";
  readonly items: readonly (Series | Scalar)[];
}

/** A string argument, for example of METRICS("errors"). */
export interface Text {
  readonly kind: "text";
  readonly value: string;
}

/** Applies `compute` to each datapoint; a result that is no finite number (x / 0) is no datapoint. */
export function mapPoints(
  points: Points,
  compute: (value: number, at: number) => number | undefined,
): Points {
  const mapped = new Map<number, number>();
  for (const [at, value] of points) {
    const result = compute(value, at);
    if (result !== undefined && Number.isFinite(result)) mapped.set(at, result);
  }
  return mapped;
}
