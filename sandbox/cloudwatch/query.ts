import * as z from "zod/mini";
import { AwsError } from "../wire/error.ts";
import { boolean, integer, list } from "../wire/scalars.ts";
import { evaluate, referencesOf } from "./math/evaluate.ts";
import type { Grid } from "./math/functions.ts";
import type { Points, Series, Value } from "./math/value.ts";
import { dimensionsOf } from "./metric.ts";
import { checkStatistic, statisticOf } from "./statistic.ts";
import type { MetricStore } from "./store.ts";

export const dimensionSchema = z.object({ Name: z.string(), Value: z.string() });

/** A period in seconds: the sandbox keeps one-minute datapoints. */
export const periodSchema = z.pipe(
  integer,
  z.number().check(
    z.refine((seconds) => seconds >= 60 && seconds % 60 === 0, {
      error: "expected a multiple of 60: the sandbox keeps one-minute datapoints",
    }),
  ),
);

/** MetricDataQuery, as GetMetricData and PutMetricAlarm take it. */
export const metricDataQuerySchema = z.object({
  Id: z.string().check(
    z.regex(/^[a-z]\w{0,254}$/, {
      error: "expected an id: a lower-case letter, then letters, digits and _",
    }),
  ),
  MetricStat: z.optional(
    z.object({
      Metric: z.object({
        Namespace: z.string(),
        MetricName: z.string(),
        Dimensions: z.optional(list(dimensionSchema)),
      }),
      Period: periodSchema,
      Stat: z.string(),
      Unit: z.optional(z.string()),
    }),
  ),
  Expression: z.optional(z.string()),
  Label: z.optional(z.string()),
  ReturnData: z.optional(boolean),
  Period: z.optional(integer),
});

export type MetricDataQuery = z.infer<typeof metricDataQuerySchema>;

/**
 * Checks what one query alone cannot show.
 *
 * @throws {AwsError} ValidationError for ids that are not unique or do not exist, a query that is not exactly
 *   one of a metric and an expression, an unknown statistic or function
 */
export function checkQueries(queries: readonly MetricDataQuery[]): void {
  const ids = new Set<string>();
  for (const { Id } of queries) {
    if (ids.has(Id)) throw wrong(Id, "the id is used twice");
    ids.add(Id);
  }
  for (const { Id, MetricStat, Expression } of queries) {
    if ((MetricStat === undefined) === (Expression === undefined)) {
      throw wrong(Id, "expected either MetricStat or Expression");
    }
    if (MetricStat) checkStatistic(MetricStat.Stat);
    if (Expression === undefined) continue;
    for (const id of referencesOf(Expression)) {
      if (!ids.has(id)) throw wrong(Id, `"${Expression}" refers to ${id}, and no query has that id`);
    }
  }
}

/** Evaluates queries that `checkQueries` passed, each at most once, whatever refers to it. */
export function evaluateQueries(store: MetricStore, queries: readonly MetricDataQuery[], grid: Grid) {
  const byId = new Map(queries.map((query) => [query.Id, query]));
  const values = new Map<string, Value>();
  const underWay = new Set<string>();

  /** The time series of a query: one, or several where its expression gives a list. */
  return function seriesOf(id: string): Series[] {
    const value = valueById(id);
    if (value.kind === "series") return [value];
    if (value.kind !== "list") throw wrong(id, "it gives a number and must give a time series");
    return value.items.filter((item) => item.kind === "series");
  };

  function valueById(id: string): Value {
    const known = values.get(id);
    if (known) return known;
    const query = byId.get(id);
    if (!query) throw wrong(id, "no query has that id");
    if (underWay.has(id)) throw wrong(id, "the expression refers to itself");
    underWay.add(id);
    const value = withLabel(compute(query), query.Label ?? labelOf(query));
    values.set(id, value);
    return value;
  }

  function compute({ MetricStat, Expression }: MetricDataQuery): Value {
    if (MetricStat) return { kind: "series", label: "", ...readMetric(MetricStat) };
    return evaluate(Expression ?? "", { grid, valueOf: valueById, metricIds });
  }

  function metricIds(): string[] {
    return queries.filter((query) => query.MetricStat).map((query) => query.Id);
  }

  function readMetric(stat: NonNullable<MetricDataQuery["MetricStat"]>) {
    const { Namespace, MetricName, Dimensions = [] } = stat.Metric;
    const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
    const periodMs = stat.Period * 1000;
    const points = new Map<number, number>();
    for (const [at, bucket] of store.read(metric, { ...grid, periodMs, unit: stat.Unit })) {
      const value = statisticOf(stat.Stat, bucket);
      if (value !== undefined) points.set(at, value);
    }
    return { periodMs, points };
  }
}

function labelOf(query: MetricDataQuery): string {
  return query.MetricStat?.Metric.MetricName ?? query.Id;
}

/** A list keeps its members' own labels. */
function withLabel(value: Value, label: string): Value {
  return value.kind === "series" ? { ...value, label } : value;
}

/** Datapoints newest first or oldest first. */
export function inOrder(points: Points, newestFirst: boolean): [at: number, value: number][] {
  return [...points].sort(([a], [b]) => (newestFirst ? b - a : a - b));
}

function wrong(id: string, why: string): AwsError {
  return new AwsError("ValidationError", `The metric data query ${id}: ${why}.`);
}
