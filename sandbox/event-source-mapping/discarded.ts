import type { EventSource, StreamRecord } from "./record.ts";
import type { MappingSettings } from "./settings.ts";

/** Why a batch was given up. */
export type Condition = "RetryAttemptsExhausted" | "RecordAgeExceeded";

export interface LastAttempt {
  readonly requestId: string;
  readonly functionError: string | undefined;
  /** Invocations of this batch. */
  readonly count: number;
}

/**
 * What the on-failure queue or topic is told: where the records stand in the stream, not the records.
 * https://docs.aws.amazon.com/lambda/latest/dg/kinesis-on-failure-destination.html
 */
export function discardedBatch(
  batch: readonly StreamRecord[],
  condition: Condition,
  last: LastAttempt,
  { functionName }: MappingSettings,
  { shardId, streamArn }: EventSource,
  now: number,
): object {
  const first = batch[0];
  const end = batch.at(-1);
  return {
    requestContext: {
      requestId: last.requestId,
      functionArn: functionName,
      condition,
      approximateInvokeCount: last.count,
    },
    responseContext: {
      statusCode: 200,
      executedVersion: "$LATEST",
      functionError: last.functionError ?? null,
    },
    version: "1.0",
    timestamp: new Date(now).toISOString(),
    KinesisBatchInfo: {
      shardId,
      startSequenceNumber: first?.sequenceNumber,
      endSequenceNumber: end?.sequenceNumber,
      approximateArrivalOfFirstRecord: first && new Date(first.arrivedAt).toISOString(),
      approximateArrivalOfLastRecord: end && new Date(end.arrivedAt).toISOString(),
      batchSize: batch.length,
      streamArn,
    },
  };
}
