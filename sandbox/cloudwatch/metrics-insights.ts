import { AwsError } from "../wire/error.ts";
import type { Grid } from "./math/functions.ts";
import type { Series, SeriesList } from "./math/value.ts";
import { addBucket, type Bucket, emptyBucket } from "./metrics/bucket.ts";
import type { Dimensions, Metric } from "./metrics/metric.ts";
import { statisticOf } from "./metrics/statistic.ts";
import type { MetricStore } from "./metrics/store.ts";

/**
 * A Metrics Insights query. Of CloudWatch's syntax the sandbox takes
 * `SELECT MAX(metric) FROM SCHEMA("namespace", dimension, …) WHERE dimension = 'value' AND … GROUP BY dimension, …`;
 * ORDER BY, LIMIT, OR, tags and anything else are refused.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-metrics-insights-querylanguage.html
 */
export interface InsightsQuery {
  readonly statistic: string;
  readonly metric: string;
  readonly namespace: string;
  /** Undefined: `FROM "namespace"`, whatever dimensions a metric has. */
  readonly schema: readonly string[] | undefined;
  readonly where: readonly { readonly name: string; readonly equals: string }[];
  readonly groupBy: readonly string[];
}

const STATISTICS: Readonly<Record<string, string>> = {
  AVG: "Average",
  COUNT: "SampleCount",
  MAX: "Maximum",
  MIN: "Minimum",
  SUM: "Sum",
};

const NAME = String.raw`(?:"[^"]+"|[A-Za-z_]\w*)`;
const QUERY = new RegExp(
  String.raw`^\s*SELECT\s+(?<statistic>AVG|COUNT|MAX|MIN|SUM)\(\s*(?<metric>${NAME})\s*\)\s+FROM\s+` +
    String.raw`(?:SCHEMA\(\s*(?<schema>${NAME}(?:\s*,\s*${NAME})*)\s*\)|(?<namespace>"[^"]+"))` +
    String.raw`(?:\s+WHERE\s+(?<where>.+?))?(?:\s+GROUP\s+BY\s+(?<groupBy>${NAME}(?:\s*,\s*${NAME})*))?\s*$`,
  "is",
);
const CONDITION = new RegExp(String.raw`^\s*(?<name>${NAME})\s*=\s*'(?<equals>[^']*)'\s*$`);

export const isInsightsQuery = (expression: string): boolean => /^\s*SELECT\b/i.test(expression);

/** @throws {AwsError} ValidationError for what CloudWatch does not take, or the sandbox does not simulate */
export function parseInsightsQuery(expression: string): InsightsQuery {
  const parts = QUERY.exec(expression)?.groups;
  if (!parts) throw refused(expression, "expected SELECT … FROM … [WHERE … AND …] [GROUP BY …]");
  const [namespace = "", ...schema] = names(parts.schema ?? parts.namespace ?? "");
  const where = (parts.where ?? "")
    .split(/\s+AND\s+/i)
    .filter((condition) => condition !== "")
    .map((condition) => {
      const found = CONDITION.exec(condition)?.groups;
      if (!found)
        throw refused(expression, `its condition "${condition}" is not simulated, only name = 'value'`);
      return { name: unquoted(found.name ?? ""), equals: found.equals ?? "" };
    });
  return {
    statistic: STATISTICS[parts.statistic?.toUpperCase() ?? ""] ?? "",
    metric: unquoted(parts.metric ?? ""),
    namespace,
    schema: parts.schema === undefined ? undefined : schema,
    where,
    groupBy: names(parts.groupBy ?? ""),
  };
}

/** One series a group, with the group's values as its source's dimensions. */
export function runInsightsQuery(
  expression: string,
  periodSeconds: number,
  store: MetricStore,
  grid: Grid,
): SeriesList {
  const query = parseInsightsQuery(expression);
  const groups = Map.groupBy(
    store.list().filter((metric) => matches(metric, query)),
    ({ dimensions }) => JSON.stringify(query.groupBy.map((name) => dimensions[name])),
  );
  const periodMs = periodSeconds * 1000;
  const items = [...groups].flatMap(([key, metrics]): Series[] => {
    const points = pointsOf(metrics, query.statistic, store, { ...grid, periodMs });
    if (points.size === 0) return [];
    const values: unknown = JSON.parse(key);
    const dimensions = Object.fromEntries(
      query.groupBy.map((name, at) => [name, String(Object(values)[at])]),
    );
    const source = {
      metric: { namespace: query.namespace, name: query.metric, dimensions },
      statistic: query.statistic,
    };
    const label = Object.values(dimensions).join(" ") || query.metric;
    return [{ kind: "series", label, periodMs, points, source }];
  });
  return { kind: "list", items };
}

function pointsOf(
  metrics: readonly Metric[],
  statistic: string,
  store: MetricStore,
  range: Parameters<MetricStore["read"]>[1],
): Map<number, number> {
  const merged = new Map<number, Bucket>();
  for (const metric of metrics) {
    for (const [at, bucket] of store.read(metric, range)) {
      const known = merged.get(at) ?? emptyBucket();
      addBucket(known, bucket);
      merged.set(at, known);
    }
  }
  return new Map(
    [...merged].flatMap(([at, bucket]) => {
      const value = statisticOf(statistic, bucket);
      return value === undefined ? [] : [[at, value] as const];
    }),
  );
}

function matches({ namespace, name, dimensions }: Metric, query: InsightsQuery): boolean {
  return (
    namespace === query.namespace &&
    name === query.metric &&
    (query.schema === undefined || hasExactly(dimensions, query.schema)) &&
    query.where.every((condition) => dimensions[condition.name] === condition.equals) &&
    query.groupBy.every((each) => Object.hasOwn(dimensions, each))
  );
}

const hasExactly = (dimensions: Dimensions, schema: readonly string[]): boolean =>
  Object.keys(dimensions).length === schema.length && schema.every((name) => Object.hasOwn(dimensions, name));

const names = (list: string): string[] =>
  list
    .split(",")
    .map((name) => unquoted(name.trim()))
    .filter((name) => name !== "");

const unquoted = (name: string): string => name.replace(/^"(.*)"$/, "$1");

function refused(expression: string, why: string): AwsError {
  return new AwsError("ValidationError", `The Metrics Insights query "${expression}": ${why}.`);
}
