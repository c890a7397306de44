import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { ConfiguredStream } from "./configured-stream.ts";
import { MAX_QUERIES_PER_CALL, queriesFor } from "./metric-queries.ts";
import { readMetrics, type StreamMetrics } from "./metric-results.ts";

const MINUTE_MS = 60_000;

export interface MetricsContext {
  readonly cloudwatch: CloudWatchClient;
  readonly rates: CallRates;
  /** ms since the epoch; the metrics are those before it. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/** Which of all queries are a stream's. */
interface Place {
  /** Its queries' ids begin with it. */
  readonly prefix: string;
  readonly first: number;
  readonly last: number;
}

/**
 * Reads the metrics of some streams, 500 queries a call. A call is made when the first of its streams is asked for, and the
 * one after it then too, so that the first streams do not wait for the last. One that fails is the failure of its streams.
 */
export function createMetricsReader(
  streams: readonly ConfiguredStream[],
  context: MetricsContext,
): (configured: ConfiguredStream) => Promise<StreamMetrics> {
  const { now } = context;
  const lookBack = Math.max(1, ...streams.map(({ policy }) => policy.lookBackMinutes));
  const { queries, placeOf } = queriesOfAll(streams);
  const answerTo = createCalls(queries, now - lookBack * MINUTE_MS, context);

  return async ({ stream, policy }) => {
    const place = placeOf.get(stream);
    if (!place) throw new Error(`${stream} is not among the streams of this run`);
    const [from, to] = [place.first, place.last].map((at) => Math.floor(at / MAX_QUERIES_PER_CALL));
    const parts = await Promise.all(range(from ?? 0, to ?? 0).map(answerTo));
    const since = now - policy.lookBackMinutes * MINUTE_MS;
    const results = parts
      .flatMap((part) => part.get(place.prefix) ?? [])
      .map((result) => onlySince(result, since));
    return readMetrics(results, policy, place.prefix, now);
  };
}

function queriesOfAll(streams: readonly ConfiguredStream[]) {
  const queries: MetricDataQuery[] = [];
  const places = streams.map(({ stream, policy }, index): [string, Place] => {
    const own = queriesFor(stream, policy, prefix(index));
    const first = queries.length;
    queries.push(...own);
    return [stream, { prefix: prefix(index), first, last: queries.length - 1 }];
  });
  return { queries, placeOf: new Map(places) };
}

/** The answer to the call with this number, by the prefixes of its queries' ids; each call is made once. */
function createCalls(
  queries: readonly MetricDataQuery[],
  from: number,
  context: MetricsContext,
): (index: number) => Promise<Map<string, MetricDataResult[]>> {
  const calls = new Map<number, Promise<Map<string, MetricDataResult[]>>>();
  const begin = (index: number) => {
    const begun = calls.get(index);
    if (begun) return begun;
    const first = index * MAX_QUERIES_PER_CALL;
    const asked = queries.slice(first, first + MAX_QUERIES_PER_CALL);
    const answer = pagesOf(asked, from, context).then((results) =>
      Map.groupBy([...results, ...missing(asked, results)], ({ Id = "" }) => Id.slice(0, Id.indexOf("_"))),
    );
    calls.set(index, answer);
    return answer;
  };
  return (index) => {
    const answer = begin(index);
    if ((index + 1) * MAX_QUERIES_PER_CALL < queries.length) begin(index + 1).catch(() => {});
    return answer;
  };
}

/** A metric that CloudWatch leaves out of its answer is not known. A SEARCH that finds nothing has no result. */
function missing(
  asked: readonly MetricDataQuery[],
  results: readonly MetricDataResult[],
): MetricDataResult[] {
  const answered = new Set(results.map(({ Id }) => Id));
  return asked
    .filter(({ Id, MetricStat }) => MetricStat !== undefined && !answered.has(Id))
    .map(({ Id }) => ({ Id, StatusCode: "InternalError" }));
}

async function pagesOf(
  MetricDataQueries: MetricDataQuery[],
  from: number,
  { cloudwatch, rates, now, signal }: MetricsContext,
): Promise<MetricDataResult[]> {
  const results: MetricDataResult[] = [];
  try {
    let NextToken: string | undefined;
    do {
      await rates.take("GetMetricData");
      const page = await cloudwatch.send(
        new GetMetricDataCommand({
          MetricDataQueries,
          StartTime: new Date(from),
          EndTime: new Date(now),
          NextToken,
        }),
        { abortSignal: signal },
      );
      // What the answer as a whole says is so of each of its results.
      for (const result of page.MetricDataResults ?? [])
        results.push({ ...result, Messages: [...(result.Messages ?? []), ...(page.Messages ?? [])] });
      NextToken = page.NextToken;
    } while (NextToken);
  } catch (error) {
    throw asFailure(error, "cloudwatch:GetMetricData", "the metrics of the streams");
  }
  return results;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

/** The call covers the longest look-back of its streams: each stream keeps its own part. */
function onlySince(result: MetricDataResult, since: number): MetricDataResult {
  const { Timestamps = [], Values = [] } = result;
  const kept = Timestamps.flatMap((timestamp, index) => (timestamp.getTime() >= since ? [index] : []));
  return {
    ...result,
    Timestamps: kept.flatMap((index) => Timestamps[index] ?? []),
    Values: kept.flatMap((index) => Values[index] ?? []),
  };
}

/** Ids of queries begin with a lower-case letter and hold letters, digits and underscores. */
function prefix(index: number): string {
  return `s${index}`;
}
