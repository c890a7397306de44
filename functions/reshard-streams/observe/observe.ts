import {
  type CloudWatchClient,
  GetMetricDataCommand,
  type MetricDataQuery,
  type MetricDataResult,
} from "@aws-sdk/client-cloudwatch";
import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  ListShardsCommand,
  type StreamDescriptionSummary,
} from "@aws-sdk/client-kinesis";
import { asFailure } from "../../../shared/aws/failure.ts";
import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { StreamPolicy } from "../config/policy.ts";
import type { Observation, OpenShard } from "../model/observation.ts";
import { MAX_QUERIES_PER_CALL, queriesFor, readMetrics, type StreamMetrics } from "./metric-queries.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** DescribeStreamSummary: 20 calls a second for the whole account; this many at once stay well below it. */
const STREAMS_AT_ONCE = 10;

export interface Clients {
  readonly kinesis: KinesisClient;
  readonly cloudwatch: CloudWatchClient;
  readonly ledger: Ledger;
}

export interface ConfiguredStream {
  readonly stream: string;
  readonly policy: StreamPolicy;
  readonly lastSeenUpdatingAt?: number;
}

/** What is known of one stream: its observation, and what the ledger has of it. */
export interface StreamFacts {
  readonly configured: ConfiguredStream;
  /** When the run began to observe, ms since the epoch. */
  readonly observedAt: number;
  readonly observation: Observation;
  readonly history: History;
}

/** One stream, observed or not. A stream that fails leaves the others alone. */
export type ObservedStream =
  | StreamFacts
  | (Pick<StreamFacts, "configured" | "observedAt"> & { readonly failure: ReflexError });

/** The resource's name in the ledger, in logs and in notifications. */
export function resourceOf(stream: string): string {
  return `stream/${stream}`;
}

/**
 * Observes many streams in one round of calls: one GetMetricData for all (500 queries a call), and for each stream
 * its summary, its open shards and its ledger, all in parallel.
 *
 * @param now ms since the epoch; the metrics are those before it
 */
export async function observe(
  streams: readonly ConfiguredStream[],
  clients: Clients,
  now: number,
  signal: AbortSignal,
): Promise<ObservedStream[]> {
  const metrics = metricsOf(streams, clients.cloudwatch, now, signal);
  return inParallel(streams, STREAMS_AT_ONCE, async (configured): Promise<ObservedStream> => {
    const resource = resourceOf(configured.stream);
    try {
      const [summary, shards, history, measured] = await Promise.all([
        summaryOf(configured.stream, clients.kinesis, signal),
        openShardsOf(configured.stream, clients.kinesis, signal),
        clients.ledger.history(resource, now - DAY_MS, signal),
        metrics,
      ]);
      return {
        configured,
        observedAt: now,
        history,
        observation: observationOf(configured, summary, shards, measured(configured)),
      };
    } catch (error) {
      return { configured, observedAt: now, failure: asFailure(error, "observe", resource) };
    }
  });
}

function observationOf(
  { stream, lastSeenUpdatingAt }: ConfiguredStream,
  summary: StreamDescriptionSummary,
  shards: OpenShard[],
  { minutes, complete, heartbeat, iteratorAgeMs, shardLoads }: StreamMetrics,
): Observation {
  return {
    stream,
    status: summary.StreamStatus ?? "UNKNOWN",
    mode: summary.StreamModeDetails?.StreamMode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED",
    createdAt: summary.StreamCreationTimestamp?.getTime() ?? 0,
    shards,
    minutes,
    metricsComplete: complete,
    heartbeat,
    ...(lastSeenUpdatingAt !== undefined && { lastSeenUpdatingAt }),
    ...(iteratorAgeMs !== undefined && { iteratorAgeMs }),
    ...(shardLoads && { shardLoads }),
  };
}

async function summaryOf(
  stream: string,
  kinesis: KinesisClient,
  abortSignal: AbortSignal,
): Promise<StreamDescriptionSummary> {
  const call = "kinesis:DescribeStreamSummary";
  try {
    const answer = await kinesis.send(new DescribeStreamSummaryCommand({ StreamName: stream }), {
      abortSignal,
    });
    if (answer.StreamDescriptionSummary) return answer.StreamDescriptionSummary;
  } catch (error) {
    throw asFailure(error, call, resourceOf(stream));
  }
  throw new RetryLater(`${call} answered without a summary for ${stream}: nothing was decided`, {
    call,
    resource: resourceOf(stream),
  });
}

async function openShardsOf(
  stream: string,
  kinesis: KinesisClient,
  abortSignal: AbortSignal,
): Promise<OpenShard[]> {
  const call = "kinesis:ListShards";
  const open: OpenShard[] = [];
  try {
    let NextToken: string | undefined;
    do {
      // AWS takes either the stream with a filter, or the token of the last page, never both.
      const page = await kinesis.send(
        new ListShardsCommand(
          NextToken ? { NextToken } : { StreamName: stream, ShardFilter: { Type: "AT_LATEST" } },
        ),
        { abortSignal },
      );
      for (const { ShardId, ParentShardId, HashKeyRange, SequenceNumberRange } of page.Shards ?? []) {
        if (!ShardId || !HashKeyRange?.StartingHashKey || !HashKeyRange.EndingHashKey) {
          throw new RetryLater(`${call} answered with a shard without id or hash keys: nothing was decided`);
        }
        if (SequenceNumberRange?.EndingSequenceNumber !== undefined) continue;
        open.push({
          id: ShardId,
          from: BigInt(HashKeyRange.StartingHashKey),
          to: BigInt(HashKeyRange.EndingHashKey),
          ...(ParentShardId && { parentId: ParentShardId }),
        });
      }
      NextToken = page.NextToken;
    } while (NextToken);
  } catch (error) {
    throw asFailure(error, call, resourceOf(stream));
  }
  if (open.length === 0) {
    throw new RetryLater(`${call} answered without an open shard for ${stream}: nothing was decided`, {
      call,
      resource: resourceOf(stream),
    });
  }
  return open.sort((a, b) => (a.from < b.from ? -1 : 1));
}

/** One GetMetricData for every 500 queries, all in parallel; each stream then picks its own results. */
async function metricsOf(
  streams: readonly ConfiguredStream[],
  cloudwatch: CloudWatchClient,
  now: number,
  abortSignal: AbortSignal,
): Promise<(configured: ConfiguredStream) => StreamMetrics> {
  const queries = streams.flatMap(({ stream, policy }, index) => queriesFor(stream, policy, prefix(index)));
  const lookBack = Math.max(1, ...streams.map(({ policy }) => policy.lookBackMinutes));
  const calls: MetricDataQuery[][] = [];
  for (let at = 0; at < queries.length; at += MAX_QUERIES_PER_CALL)
    calls.push(queries.slice(at, at + MAX_QUERIES_PER_CALL));

  const answers = await Promise.all(calls.map((call) => pagesOf(call, now - lookBack * MINUTE_MS, now)));
  const byPrefix = Map.groupBy(answers.flat(), ({ Id = "" }) => Id.slice(0, Id.indexOf("_")));
  return (configured) => {
    const index = streams.indexOf(configured);
    const since = now - configured.policy.lookBackMinutes * MINUTE_MS;
    const results = (byPrefix.get(prefix(index)) ?? []).map((result) => onlySince(result, since));
    return readMetrics(results, configured.policy, prefix(index), now);
  };

  async function pagesOf(MetricDataQueries: MetricDataQuery[], from: number, to: number) {
    const results: MetricDataResult[] = [];
    try {
      let NextToken: string | undefined;
      do {
        const page = await cloudwatch.send(
          new GetMetricDataCommand({
            MetricDataQueries,
            StartTime: new Date(from),
            EndTime: new Date(to),
            NextToken,
          }),
          { abortSignal },
        );
        results.push(...(page.MetricDataResults ?? []));
        NextToken = page.NextToken;
      } while (NextToken);
    } catch (error) {
      throw asFailure(
        error,
        "cloudwatch:GetMetricData",
        streams.map(({ stream }) => resourceOf(stream)).join(", "),
      );
    }
    return results;
  }
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
