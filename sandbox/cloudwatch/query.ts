import * as z from "zod/mini";
import { AwsError } from "../wire/error.ts";
import { boolean, integer, list } from "../wire/scalars.ts";
import { filledIn, isDynamic, labelProblem } from "./dynamic-label.ts";
import { evaluate, referencesOf } from "./math/evaluate.ts";
import type { Grid } from "./math/functions.ts";
import type { Search } from "./math/search.ts";
import type { Points, Series, SeriesList, Value } from "./math/value.ts";
import { findMetrics, MOST_FOUND, ownLabels } from "./metrics/find-metrics.ts";
import { dimensionsOf, type Metric } from "./metrics/metric.ts";
import { checkStatistic, statisticOf } from "./metrics/statistic.ts";
import type { MetricStore } from "./metrics/store.ts";
import { isInsightsQuery, parseInsightsQuery, runInsightsQuery } from "./metrics-insights.ts";

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
 *   one of a metric and an expression, an unknown statistic, function or placeholder
 */
export function checkQueries(queries: readonly MetricDataQuery[]): void {
  const ids = new Set<string>();
  for (const { Id } of queries) {
    if (ids.has(Id)) throw wrong(Id, "the id is used twice");
    ids.add(Id);
  }
  for (const { Id, MetricStat, Expression, Label = "" } of queries) {
    if ((MetricStat === undefined) === (Expression === undefined)) {
      throw wrong(Id, "expected either MetricStat or Expression");
    }
    const problem = labelProblem(Label);
    if (problem !== undefined) throw wrong(Id, problem);
    if (MetricStat) checkStatistic(MetricStat.Stat);
    if (Expression === undefined) continue;
    if (isInsightsQuery(Expression)) {
      parseInsightsQuery(Expression);
      continue;
    }
    for (const id of referencesOf(Expression).ids) {
      if (!ids.has(id)) throw wrong(Id, `"${Expression}" refers to ${id}, and no query has that id`);
    }
  }
}

/** Whether one of the queries searches for its metrics. */
export function searches(queries: readonly MetricDataQuery[]): boolean {
  return queries.some(
    ({ Expression }) =>
      Expression !== undefined && !isInsightsQuery(Expression) && referencesOf(Expression).searches,
  );
}

export interface Evaluation {
  /** The time series of a query: one, or several where its expression gives a list. */
  seriesOf(id: string): Series[];
  /** Whether a SEARCH found more than CloudWatch gives. */
  foundTooMany(): boolean;
}

/** Evaluates queries that `checkQueries` passed, each at most once, whatever refers to it. */
export function evaluateQueries(
  store: MetricStore,
  queries: readonly MetricDataQuery[],
  grid: Grid,
): Evaluation {
  const byId = new Map(queries.map((query) => [query.Id, query]));
  const values = new Map<string, Value>();
  const underWay = new Set<string>();
  let tooMany = false;

  return { seriesOf, foundTooMany: () => tooMany };

  function seriesOf(id: string): Series[] {
    const value = valueById(id);
    if (value.kind === "series") return [value];
    if (value.kind !== "list") throw wrong(id, "it gives a number and must give a time series");
    return value.items.filter((item) => item.kind === "series");
  }

  function valueById(id: string): Value {
    const known = values.get(id);
    if (known) return known;
    const query = byId.get(id);
    if (!query) throw wrong(id, "no query has that id");
    if (underWay.has(id)) throw wrong(id, "the expression refers to itself");
    underWay.add(id);
    const value = withLabel(compute(query), query);
    values.set(id, value);
    return value;
  }

  function compute({ MetricStat, Expression = "", Period = 60 }: MetricDataQuery): Value {
    if (!MetricStat && isInsightsQuery(Expression)) return runInsightsQuery(Expression, Period, store, grid);
    if (!MetricStat) return evaluate(Expression, { grid, valueOf: valueById, metricIds, search });
    const { Namespace, MetricName, Dimensions = [] } = MetricStat.Metric;
    const metric = { namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) };
    return readMetric(metric, MetricStat);
  }

  function metricIds(): string[] {
    return queries.filter((query) => query.MetricStat).map((query) => query.Id);
  }

  function search(wanted: Search): SeriesList {
    const all = findMetrics(store.list(), wanted);
    if (all.length > MOST_FOUND) tooMany = true;
    const found = all.slice(0, MOST_FOUND);
    const labels = ownLabels(found);
    const { statistic: Stat, period: Period } = wanted;
    const items = found.map((metric, i) => ({
      ...readMetric(metric, { Stat, Period }),
      label: labels[i] ?? "",
    }));
    return { kind: "list", items };
  }

  function readMetric(
    metric: Metric,
    stat: { Stat: string; Period: number; Unit?: string | undefined },
  ): Series {
    const periodMs = stat.Period * 1000;
    const points = new Map<number, number>();
    for (const [at, bucket] of store.read(metric, { ...grid, periodMs, unit: stat.Unit })) {
      const value = statisticOf(stat.Stat, bucket);
      if (value !== undefined) points.set(at, value);
    }
    return { kind: "series", label: metric.name, periodMs, points, source: { metric, statistic: stat.Stat } };
  }
}

/** The query's label; its members of a list keep their own unless it is filled in for each. */
function withLabel(value: Value, { Id, Label, MetricStat }: MetricDataQuery): Value {
  if (value.kind === "series") {
    const label = MetricStat?.Metric.MetricName ?? Id;
    return { ...value, label: Label === undefined ? label : filledIn(Label, { ...value, label }) };
  }
  if (value.kind !== "list" || Label === undefined || !isDynamic(Label)) return value;
  const items = value.items.map((item) =>
    item.kind === "series" ? { ...item, label: filledIn(Label, item) } : item,
  );
  return { kind: "list", items };
}

/** Datapoints newest first or oldest first. */
export function inOrder(points: Points, newestFirst: boolean): [at: number, value: number][] {
  return [...points].sort(([a], [b]) => (newestFirst ? b - a : a - b));
}

function wrong(id: string, why: string): AwsError {
  return new AwsError("ValidationError", `The metric data query ${id}: ${why}.`);
}
