import * as z from "zod/mini";
import { AwsError } from "../wire/error.ts";
import { decodePageToken, encodePageToken } from "../wire/page.ts";
import { parse } from "../wire/parse.ts";
import { integer, list, timestamp } from "../wire/scalars.ts";
import { dimensionsOf, metricKey } from "./metrics/metric.ts";
import { MINUTE_MS } from "./metrics/minute.ts";
import type { MetricStore } from "./metrics/store.ts";
import { checkQueries, evaluateQueries, inOrder, metricDataQuerySchema } from "./query.ts";

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html */
const MOST_QUERIES = 500;
const MOST_DATAPOINTS = 100_800;

const inputSchema = z.object({
  MetricDataQueries: list(metricDataQuerySchema).check(z.minLength(1), z.maxLength(MOST_QUERIES)),
  StartTime: timestamp,
  EndTime: timestamp,
  ScanBy: z._default(z.enum(["TimestampDescending", "TimestampAscending"]), "TimestampDescending"),
  MaxDatapoints: z._default(
    z.pipe(integer, z.number().check(z.gte(1), z.lte(MOST_DATAPOINTS))),
    MOST_DATAPOINTS,
  ),
  NextToken: z.optional(z.string()),
});

/** The different metrics that a request names; a query that searches finds its own. */
export function metricsIn(input: unknown): number {
  const { MetricDataQueries } = parse(inputSchema, input);
  const named = MetricDataQueries.flatMap(({ MetricStat }) => MetricStat?.Metric ?? []);
  return new Set(
    named.map(({ Namespace, MetricName, Dimensions = [] }) =>
      metricKey({ namespace: Namespace, name: MetricName, dimensions: dimensionsOf(Dimensions) }),
    ),
  ).size;
}

/** With it the answer has as much as is allowed. */
const TOO_MANY = { Code: "MaxMetricsExceeded", Value: "Maximum number of allowed metrics exceeded" };

interface Result {
  readonly Id: string;
  readonly Label: string;
  readonly points: readonly [at: number, value: number][];
}

export function getMetricData(store: MetricStore, input: unknown) {
  const request = parse(inputSchema, input);
  const { MetricDataQueries: queries, EndTime, ScanBy, MaxDatapoints, NextToken } = request;
  checkQueries(queries);
  const grid = gridOf(request.StartTime, EndTime);
  const { seriesOf, foundTooMany } = evaluateQueries(store, queries, grid);
  const results = queries
    .filter((query) => query.ReturnData !== false)
    .flatMap(({ Id }) =>
      seriesOf(Id).map(({ label, points }): Result => {
        return { Id, Label: label, points: inOrder(points, ScanBy === "TimestampDescending") };
      }),
    );
  const page = pageOf(results, decodePageToken(NextToken), MaxDatapoints);
  const Messages = foundTooMany() ? [TOO_MANY] : [];
  return { MetricDataResults: page.results, NextToken: page.nextToken, Messages };
}

/**
 * The span both metric reads use: from the minute the start lies in, to before the end.
 *
 * @throws {AwsError} ValidationError where the start is not before the end
 */
export function gridOf(start: number, end: number): { from: number; to: number } {
  if (start < end) return { from: Math.floor(start / MINUTE_MS) * MINUTE_MS, to: end };
  const [from, to] = [start, end].map((time) => new Date(time).toISOString());
  throw new AwsError("ValidationError", `StartTime ${from} must be before EndTime ${to}.`);
}

/** Datapoints `start` to `start + limit`, counted through all results. Results without any are on the first page. */
function pageOf(results: readonly Result[], start: number, limit: number) {
  const end = start + limit;
  const total = results.reduce((sum, { points }) => sum + points.length, 0);
  let passed = 0;
  const shown = results.flatMap(({ Id, Label, points }) => {
    const part = points.slice(Math.max(0, start - passed), Math.max(0, end - passed));
    const complete = passed + points.length <= end;
    passed += points.length;
    if (part.length === 0 && (points.length > 0 || start > 0)) return [];
    const Timestamps = part.map(([at]) => new Date(at));
    const Values = part.map(([, value]) => value);
    return [{ Id, Label, Timestamps, Values, StatusCode: complete ? "Complete" : "PartialData" }];
  });
  return { results: shown, nextToken: end < total ? encodePageToken(end) : undefined };
}
