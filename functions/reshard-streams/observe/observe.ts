import type { CloudWatchClient } from "@aws-sdk/client-cloudwatch";
import { type KinesisClient, ListShardsCommand, type Shard } from "@aws-sdk/client-kinesis";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import { type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import type { Ledger } from "../../../shared/ledger/ledger.ts";
import type { Observation, OpenShard } from "../model/observation.ts";
import { createAdvantageReader } from "./account-settings.ts";
import { type ConfiguredStream, resourceOf } from "./configured-stream.ts";
import type { ListedStreams } from "./list-streams.ts";
import type { StreamMetrics } from "./metric-results.ts";
import { createMetricsReader } from "./metrics.ts";
import { parseProfile } from "./profile.ts";
import { createSummaryReader, describeStream, type StreamState } from "./summaries.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/** The ledger's entries of a day by when AWS took them, which is up to a run later than when they were begun. */
const RUN_MS = 2 * MINUTE_MS;

export interface Clients {
  readonly kinesis: KinesisClient;
  readonly cloudwatch: CloudWatchClient;
  readonly ledger: Ledger;
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

/** What one run observes with. */
export interface ObserveContext {
  readonly clients: Clients;
  readonly rates: CallRates;
  /** ms since the epoch; the metrics are those before it. */
  readonly now: number;
  readonly signal: AbortSignal;
  /** The account's streams, when this run has listed them already. */
  readonly listed?: ListedStreams | undefined;
}

/**
 * Observes each of some streams when it is asked for: its summary, its open shards and its ledger in parallel with the
 * metrics, which are read for many at once (500 queries a call) as the first of them is asked for.
 */
export function createObserver(
  streams: readonly ConfiguredStream[],
  context: ObserveContext,
): (configured: ConfiguredStream) => Promise<ObservedStream> {
  const { clients, now, signal } = context;
  const metricsOf = createMetricsReader(streams, { ...context, cloudwatch: clients.cloudwatch });
  const summaryOf = createSummaryReader(streams, { ...context, kinesis: clients.kinesis });
  const hasAdvantage = createAdvantageReader({ ...context, kinesis: clients.kinesis });
  const stateAndAccount = async (configured: ConfiguredStream) => {
    const summary = await summaryOf(configured);
    const asks = modeOf(summary) === "ON_DEMAND" || configured.policy.streamMode === "switch";
    return { summary, advantage: asks ? await hasAdvantage() : undefined };
  };
  return async (configured) => {
    const resource = resourceOf(configured.stream);
    try {
      const reads = [
        stateAndAccount(configured),
        openShardsOf(configured.stream, clients.kinesis, signal),
        clients.ledger.history(resource, now - DAY_MS - RUN_MS, signal),
        metricsOf(configured),
      ] as const;
      // Of several that fail, the first in this order is reported: a stream that does not exist has no shards either.
      await Promise.allSettled(reads);
      const [{ summary, advantage }, shards, history, metrics] = await Promise.all(reads);
      return {
        configured,
        observedAt: now,
        history,
        observation: {
          ...observationOf(configured, summary, shards, metrics, history),
          ...(advantage !== undefined && { advantage }),
        },
      };
    } catch (error) {
      return { configured, observedAt: now, failure: asFailure(error, "observe", resource) };
    }
  };
}

function observationOf(
  { stream }: ConfiguredStream,
  summary: StreamState,
  shards: OpenShard[],
  { minutes, knownUntil, complete, heartbeat, iteratorAgeMs, reads, shardLoads }: StreamMetrics,
  { lastSeenChanging, profile }: History,
): Observation {
  const known = parseProfile(profile);
  return {
    stream,
    ...stateOf(summary),
    createdAt: summary.StreamCreationTimestamp?.getTime() ?? 0,
    shards,
    minutes,
    metricsComplete: complete,
    heartbeat,
    reads,
    ...(knownUntil !== undefined && { knownUntil }),
    ...(known && { profile: known }),
    ...(lastSeenChanging !== undefined && { lastSeenUpdatingAt: lastSeenChanging }),
    ...(iteratorAgeMs !== undefined && { iteratorAgeMs }),
    ...(shardLoads && { shardLoads }),
  };
}

/** What a stream is by itself, whatever its traffic. */
export type StreamNow = Pick<
  Observation,
  "status" | "mode" | "shards" | "arn" | "retentionHours" | "fanOutConsumers" | "warmMiBps" | "distribution"
>;

/** What a stream is now, without its metrics: by itself it decides nothing. */
export async function observeShards(
  stream: string,
  kinesis: KinesisClient,
  rates: CallRates,
  signal: AbortSignal,
): Promise<StreamNow> {
  const [summary, shards] = await Promise.all([
    describeStream(stream, kinesis, rates, signal),
    openShardsOf(stream, kinesis, signal),
  ]);
  return { ...stateOf(summary), shards };
}

const modeOf = ({ StreamModeDetails }: StreamState): Observation["mode"] =>
  StreamModeDetails?.StreamMode === "ON_DEMAND" ? "ON_DEMAND" : "PROVISIONED";

function stateOf(summary: StreamState): Omit<StreamNow, "shards"> {
  const { StreamStatus, StreamARN, RetentionPeriodHours, ConsumerCount } = summary;
  const { WarmThroughput, RecordDistributionStrategy } = summary;
  const warmMiBps = WarmThroughput?.TargetMiBps ?? WarmThroughput?.CurrentMiBps;
  return {
    status: StreamStatus ?? "UNKNOWN",
    mode: modeOf(summary),
    ...(StreamARN !== undefined && { arn: StreamARN }),
    ...(RetentionPeriodHours !== undefined && { retentionHours: RetentionPeriodHours }),
    ...(ConsumerCount !== undefined && { fanOutConsumers: ConsumerCount }),
    ...(warmMiBps !== undefined && { warmMiBps }),
    ...(RecordDistributionStrategy && { distribution: RecordDistributionStrategy }),
  };
}

/** A shard that is open; nothing of one that is closed. */
function openShard({ ShardId, ParentShardId, HashKeyRange, SequenceNumberRange }: Shard): OpenShard[] {
  if (!ShardId || !HashKeyRange?.StartingHashKey || !HashKeyRange.EndingHashKey) {
    throw new RetryLater(
      "kinesis:ListShards answered with a shard without id or hash keys: nothing was decided",
    );
  }
  if (SequenceNumberRange?.EndingSequenceNumber !== undefined) return [];
  return [
    {
      id: ShardId,
      from: BigInt(HashKeyRange.StartingHashKey),
      to: BigInt(HashKeyRange.EndingHashKey),
      ...(ParentShardId && { parentId: ParentShardId }),
    },
  ];
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
      open.push(...(page.Shards ?? []).flatMap(openShard));
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
