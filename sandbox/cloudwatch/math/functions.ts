import { mapPoints, type Points, type Scalar, type Series, type SeriesList, type Value } from "./value.ts";

/** Where an expression is evaluated. */
export interface Grid {
  /** Inclusive, ms since the epoch. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
}

/** Why a function cannot take its arguments; the caller adds the expression. */
export class BadArgument extends Error {}

type MathFunction = (args: readonly Value[], grid: Grid) => Value;

/**
 * The metric-math functions of the sandbox, by name. What they do is CloudWatch's:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
 */
export const FUNCTIONS: Readonly<Record<string, MathFunction>> = {
  ABS: each(Math.abs),
  CEIL: each(Math.ceil),
  FLOOR: each(Math.floor),
  LOG: each(Math.log),
  LOG10: each(Math.log10),
  AVG: aggregate((values) => sum(values) / values.length),
  MAX: aggregate((values) => values.reduce((a, b) => Math.max(a, b))),
  MIN: aggregate((values) => values.reduce((a, b) => Math.min(a, b))),
  SUM: aggregate(sum),
  STDDEV: aggregate(standardDeviation),
  METRIC_COUNT: ([list]) => ({ kind: "scalar", value: list?.kind === "list" ? list.items.length : 1 }),
  DIFF: eachSeries((series) => changes(series, (rise) => rise)),
  RATE: eachSeries((series) => changes(series, (rise, ms) => rise / (ms / 1000))),
  RUNNING_SUM: eachSeries(runningSum),
  EPOCH: eachSeries((points) => mapPoints(points, (_value, at) => at / 1000)),
  PERIOD: ([series]) => ({ kind: "scalar", value: needSeries(series).periodMs / 1000 }),
  TIME_SERIES: ([value], grid) => constantSeries(needScalar(value), grid),
  FILL: ([series, filler], grid) => fill(needSeriesOrList(series), filler, grid),
  IF: ([condition, yes, no]) => choose(condition, yes, no),
};

/** A function of single numbers, applied to a number, each datapoint, or each series of a list. */
function each(compute: (value: number) => number): MathFunction {
  return ([value]) => {
    if (value?.kind === "scalar") return { kind: "scalar", value: compute(value.value) };
    return overSeries(needSeriesOrList(value), (series) => mapPoints(series.points, compute));
  };
}

function eachSeries(compute: (points: Points) => Points): MathFunction {
  return ([value]) => overSeries(needSeriesOrList(value), (series) => compute(series.points));
}

/** One series becomes a number; a list becomes one series, of those that have a datapoint at each time. */
function aggregate(compute: (values: readonly number[]) => number): MathFunction {
  return (args) => {
    if (args.length !== 1) throw new BadArgument("takes one argument: a metric, or a list such as [m1, m2]");
    const value = needSeriesOrList(args[0]);
    if (value.kind === "list") return acrossList(value, compute);
    if (value.points.size === 0) return { ...value, points: new Map() };
    return { kind: "scalar", value: compute([...value.points.values()]) };
  };
}

function acrossList(list: SeriesList, compute: (values: readonly number[]) => number): Value {
  const series = list.items.filter((item) => item.kind === "series");
  const scalars = list.items.filter((item) => item.kind === "scalar").map((item) => item.value);
  const first = series[0];
  if (!first) return { kind: "scalar", value: compute(scalars) };
  const times = [...new Set(series.flatMap((item) => [...item.points.keys()]))].sort((a, b) => a - b);
  const points = new Map<number, number>();
  for (const at of times) {
    const present = series.map((item) => item.points.get(at)).filter((value) => value !== undefined);
    points.set(at, compute([...present, ...scalars]));
  }
  return { ...first, periodMs: longestPeriod(series), points };
}

function sum(values: readonly number[]): number {
  return values.reduce((a, b) => a + b, 0);
}

function standardDeviation(values: readonly number[]): number {
  const mean = sum(values) / values.length;
  return Math.sqrt(sum(values.map((value) => (value - mean) ** 2)) / values.length);
}

function changes(points: Points, compute: (rise: number, ms: number) => number): Points {
  let before: { at: number; value: number } | undefined;
  return mapPoints(points, (value, at) => {
    const change = before && compute(value - before.value, at - before.at);
    before = { at, value };
    return change;
  });
}

function runningSum(points: Points): Points {
  let total = 0;
  return mapPoints(points, (value) => {
    total += value;
    return total;
  });
}

function constantSeries(value: number, { from, to }: Grid): Series {
  const periodMs = 60_000;
  const points = new Map(timesOf({ from, to }, periodMs).map((at) => [at, value]));
  return { kind: "series", label: String(value), periodMs, points };
}

/** FILL(m, 0), FILL(m, REPEAT), FILL(m, LINEAR): the last two leave what has no datapoint before it. */
function fill(value: Series | SeriesList, filler: Value | undefined, grid: Grid): Value {
  return overSeries(value, ({ points, periodMs }) => {
    const times = timesOf(grid, periodMs);
    const filled = new Map<number, number>();
    for (const at of times) {
      const found = points.get(at) ?? fillerAt(filler, points, at);
      if (found !== undefined) filled.set(at, found);
    }
    return filled;
  });
}

function fillerAt(filler: Value | undefined, points: Points, at: number): number | undefined {
  if (filler?.kind === "scalar") return filler.value;
  if (filler?.kind === "series") return filler.points.get(at);
  const word = filler?.kind === "text" ? filler.value.toUpperCase() : "";
  if (word !== "REPEAT" && word !== "LINEAR") throw new BadArgument("fills with a number, REPEAT or LINEAR");
  const before = [...points].findLast(([time]) => time < at);
  if (!before) return undefined;
  if (word === "REPEAT") return before[1];
  const after = [...points].find(([time]) => time > at);
  if (!after) return undefined;
  return before[1] + ((after[1] - before[1]) * (at - before[0])) / (after[0] - before[0]);
}

/** IF(condition, yes, no): where the condition has a datapoint; without `no`, only where it holds. */
function choose(condition: Value | undefined, yes: Value | undefined, no: Value | undefined): Value {
  if (condition?.kind === "scalar") {
    const chosen = condition.value !== 0 ? yes : no;
    if (!chosen) throw new BadArgument("has no value for a condition that never holds");
    return chosen;
  }
  const series = needSeries(condition);
  const points = mapPoints(series.points, (holds, at) => valueAt(holds !== 0 ? yes : no, at));
  return { ...series, points };
}

function valueAt(value: Value | undefined, at: number): number | undefined {
  if (value?.kind === "scalar") return value.value;
  return value && needSeries(value).points.get(at);
}

/** The starts of the periods in a grid; metrics are read with their periods counted from its start. */
function timesOf({ from, to }: Grid, periodMs: number): number[] {
  return Array.from({ length: Math.ceil((to - from) / periodMs) }, (_, i) => from + i * periodMs);
}

function overSeries<Input extends Series | SeriesList>(
  value: Input,
  compute: (series: Series) => Points,
): Series | SeriesList {
  if (value.kind === "series") return { ...value, points: compute(value) };
  const items = value.items.map((item) =>
    item.kind === "series" ? { ...item, points: compute(item) } : item,
  );
  return { kind: "list", items };
}

/** Applies a binary operator to numbers and series; two series only where both have a datapoint. */
export function combine(left: Value, right: Value, compute: (a: number, b: number) => number): Value {
  if (left.kind === "list" || right.kind === "list") return combineLists(left, right, compute);
  if (left.kind === "text" || right.kind === "text") throw new BadArgument("text has no place in arithmetic");
  if (left.kind === "scalar" && right.kind === "scalar") {
    return { kind: "scalar", value: compute(left.value, right.value) };
  }
  if (left.kind === "scalar") return combine(right, left, (a, b) => compute(b, a));
  const points = mapPoints(left.points, (value, at) => {
    const other = right.kind === "scalar" ? right.value : right.points.get(at);
    return other === undefined ? undefined : compute(value, other);
  });
  const periodMs = right.kind === "series" ? longestPeriod([left, right]) : left.periodMs;
  return { ...left, periodMs, points };
}

function combineLists(left: Value, right: Value, compute: (a: number, b: number) => number): Value {
  if (left.kind === "list" && right.kind === "list") {
    throw new BadArgument("arithmetic between two lists is not simulated");
  }
  const list = left.kind === "list" ? left : right;
  if (list.kind !== "list") throw new BadArgument("arithmetic needs a list here");
  const items = list.items.map((item) =>
    left.kind === "list" ? combine(item, right, compute) : combine(left, item, compute),
  );
  return { kind: "list", items: items.filter((item) => item.kind === "series" || item.kind === "scalar") };
}

function longestPeriod(series: readonly Series[]): number {
  return Math.max(...series.map((item) => item.periodMs));
}

function needSeries(value: Value | undefined): Series {
  if (value?.kind !== "series") throw new BadArgument("needs a time series here");
  return value;
}

function needSeriesOrList(value: Value | undefined): Series | SeriesList {
  if (value?.kind !== "series" && value?.kind !== "list") {
    throw new BadArgument("needs a time series or a list of them here");
  }
  return value;
}

function needScalar(value: Value | undefined): number {
  const found: Scalar | undefined = value?.kind === "scalar" ? value : undefined;
  if (!found) throw new BadArgument("needs a number here");
  return found.value;
}
