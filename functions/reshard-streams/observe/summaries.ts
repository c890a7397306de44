import {
  DescribeStreamSummaryCommand,
  type KinesisClient,
  type StreamDescriptionSummary,
  type StreamSummary,
} from "@aws-sdk/client-kinesis";
import type { CallRates } from "../../../shared/aws/call-rates.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { type ConfiguredStream, resourceOf } from "./configured-stream.ts";
import { type ListedStreams, listStreams } from "./list-streams.ts";

/** From so many streams on, one ListStreams is cheaper than a DescribeStreamSummary for each. */
const LIST_FROM = 20;

export interface SummaryContext {
  readonly kinesis: KinesisClient;
  readonly rates: CallRates;
  readonly signal: AbortSignal;
  /** The account's streams, when this run has listed them already. */
  readonly listed?: ListedStreams | undefined;
}

/** What both ListStreams and DescribeStreamSummary say of a stream, and what only the latter does. */
export type StreamState = Pick<
  StreamSummary,
  "StreamStatus" | "StreamModeDetails" | "StreamCreationTimestamp" | "StreamARN"
> &
  Partial<
    Pick<
      StreamDescriptionSummary,
      "RetentionPeriodHours" | "ConsumerCount" | "WarmThroughput" | "RecordDistributionStrategy"
    >
  >;

/** Of many streams by one ListStreams; of few, and of one that is not listed, by DescribeStreamSummary. */
export function createSummaryReader(
  streams: readonly ConfiguredStream[],
  { kinesis, rates, signal, listed }: SummaryContext,
): (configured: ConfiguredStream) => Promise<StreamState> {
  const listing =
    streams.length < LIST_FROM
      ? undefined
      : // Throttled, it is made up for by the calls for each.
        (listed ?? listStreams(kinesis, rates, signal).catch(() => undefined));
  return async ({ stream, policy }) => {
    const summary = (await listing)?.summaries.get(stream);
    return summary && isEnough(summary, policy) ? summary : describeStream(stream, kinesis, rates, signal);
  };
}

/** A listed stream has neither warm throughput nor what its price depends on. */
function isEnough({ StreamModeDetails }: StreamSummary, { streamMode }: StreamPolicy): boolean {
  return StreamModeDetails?.StreamMode !== "ON_DEMAND" && streamMode !== "switch";
}

/** A stream's status and mode. */
export async function describeStream(
  stream: string,
  kinesis: KinesisClient,
  rates: CallRates,
  abortSignal: AbortSignal,
): Promise<StreamState> {
  const call = "kinesis:DescribeStreamSummary";
  try {
    await rates.take("DescribeStreamSummary");
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
