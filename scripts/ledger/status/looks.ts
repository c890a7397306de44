import {
  type CloudWatchClient,
  type MetricDataQuery,
  paginateGetMetricData,
  paginateListMetrics,
} from "@aws-sdk/client-cloudwatch";
import { inCalls } from "../../../shared/aws/in-calls.ts";

const MINUTE_MS = 60_000;
/** What is younger is of interest here; a sweep runs every minute. */
const LOOKED_BACK_MS = 3 * 60 * MINUTE_MS;
/** Of one GetMetricData. */
const MOST_QUERIES = 500;

/** How an automation and what it manages are looked at, from the metrics of the last three hours. */
export interface Looks {
  /** By automation: the minute of the last run that did not fail, ms since the epoch. */
  readonly lastRun: ReadonlyMap<string, number>;
  /** By resource: for how many minutes it has had no good look, or not what it needed. */
  readonly minutesStale: ReadonlyMap<string, number>;
  /** By landed stream: the minute of its last batch, and how old its last record was, ms; of those seen in two weeks. */
  readonly landed: ReadonlyMap<string, Landed>;
}

export interface Landed {
  readonly lastBatch?: number;
  readonly ageMs?: number;
}

/** Needs cloudwatch:GetMetricData and ListMetrics. */
export async function readLooks(
  client: CloudWatchClient,
  {
    stage,
    automations,
    now,
  }: { readonly stage: string; readonly automations: readonly string[]; readonly now: number },
): Promise<Looks> {
  const [resources, streams] = await Promise.all([
    valuesOf(client, "MinutesStale", "Resource"),
    valuesOf(client, "Received", "Stream"),
  ]);
  const ofFunction = (metric: string) => (name: string) =>
    query("AWS/Lambda", metric, "Sum", { FunctionName: `reflex-${stage}-${name}` });
  const ofStream = (metric: string, statistic: string) => (Stream: string) =>
    query("Reflex", metric, statistic, { service: "ingest-events", Stream });
  const read = (queries: readonly Query[]) => latestOf(client, queries, now);
  const [runs, errors, stale, received, age] = await Promise.all([
    read(automations.map(ofFunction("Invocations"))),
    read(automations.map(ofFunction("Errors"))),
    read(
      resources.map(({ service, value }) =>
        query("Reflex", "MinutesStale", "Maximum", { service, Resource: value }),
      ),
    ),
    read(streams.map(({ value }) => value).map(ofStream("Received", "Sum"))),
    read(streams.map(({ value }) => value).map(ofStream("IteratorAge", "Maximum"))),
  ]);
  return {
    lastRun: new Map(
      automations.flatMap((name, at) => {
        const good = lastGoodRun(runs[at], errors[at]);
        return good === undefined ? [] : [[name, good]];
      }),
    ),
    // One that is served again publishes nothing more.
    minutesStale: new Map(
      resources.flatMap(({ value }, at) => {
        const [last] = stale[at] ?? [];
        return last && now - last.at <= 5 * MINUTE_MS ? [[value, last.value]] : [];
      }),
    ),
    landed: new Map(streams.map(({ value }, at) => [value, landedOf(received[at], age[at])])),
  };
}

/** The minute of the last run that did not fail. */
function lastGoodRun(runs: readonly Point[] = [], errors: readonly Point[] = []): number | undefined {
  const failed = new Map(errors.map(({ at, value }) => [at, value]));
  return runs.find(({ at, value }) => value > (failed.get(at) ?? 0))?.at;
}

function landedOf(received: readonly Point[] = [], ages: readonly Point[] = []): Landed {
  const last = received.find(({ value }) => value > 0);
  const [oldest] = ages;
  return { ...(last && { lastBatch: last.at }), ...(oldest && { ageMs: oldest.value }) };
}

/** The values a dimension of one of Reflex's metrics has had, with the automation that published them. */
async function valuesOf(client: CloudWatchClient, MetricName: string, dimension: string) {
  const found = new Map<string, { readonly service: string; readonly value: string }>();
  const wanted = { Namespace: "Reflex", MetricName, Dimensions: [{ Name: dimension }] };
  for await (const { Metrics = [] } of paginateListMetrics({ client }, wanted)) {
    for (const { Dimensions = [] } of Metrics) {
      const of = (name: string) => Dimensions.find(({ Name }) => Name === name)?.Value ?? "";
      const one = { service: of("service"), value: of(dimension) };
      found.set(JSON.stringify(one), one);
    }
  }
  return [...found.values()].toSorted((a, b) => (a.value < b.value ? -1 : 1));
}

type Query = Omit<MetricDataQuery, "Id">;

function query(
  Namespace: string,
  MetricName: string,
  Stat: string,
  dimensions: Readonly<Record<string, string>>,
): Query {
  const Dimensions = Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));
  return { MetricStat: { Metric: { Namespace, MetricName, Dimensions }, Period: 60, Stat } };
}

interface Point {
  /** ms since the epoch. */
  readonly at: number;
  readonly value: number;
}

/** The points of each query, newest first, in the order of the queries. */
async function latestOf(
  client: CloudWatchClient,
  queries: readonly Query[],
  now: number,
): Promise<readonly (readonly Point[])[]> {
  const points = queries.map((): Point[] => []);
  const named = queries.map((one, at) => ({ ...one, Id: `q${at}` }));
  const window = { StartTime: new Date(now - LOOKED_BACK_MS), EndTime: new Date(now + MINUTE_MS) };
  for (const MetricDataQueries of inCalls(named, MOST_QUERIES)) {
    const input = { ...window, MetricDataQueries, ScanBy: "TimestampDescending" as const };
    for await (const { MetricDataResults = [] } of paginateGetMetricData({ client }, input)) {
      for (const { Id = "", Timestamps = [], Values = [] } of MetricDataResults) {
        const own = points[Number(Id.slice(1))];
        own?.push(...Timestamps.map((at, index) => ({ at: at.getTime(), value: Values[index] ?? 0 })));
      }
    }
  }
  return points;
}
