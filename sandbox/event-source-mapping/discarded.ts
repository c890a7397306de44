import { randomUUID } from "node:crypto";
import type { Deliveries } from "../deliveries.ts";
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
 * What the on-failure queue or topic gets: where the records stand in the stream, not the records. A bucket gets the
 * invocation's event as well (service.ts).
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

/** `aws/lambda/<mapping>/<shard>/<year>/<month>/<day>/<time>-<random>`, as Lambda names what it puts into a bucket. */
export function discardedKey(shardId: string, now: number): string {
  const time = new Date(now).toISOString().slice(0, 19);
  const [day = ""] = time.split("T");
  return `aws/lambda/${randomUUID()}/${shardId}/${day.replaceAll("-", "/")}/${time.replaceAll(":", ".")}-${randomUUID()}`;
}

export interface Destinations {
  readonly toQueue: (queueArn: string, body: string) => void;
  readonly toBucket: (bucket: string, key: string, body: Buffer) => void;
  readonly deliveries: Pick<Deliveries, "toTopic">;
  readonly log: (line: string) => void;
}

/** A batch that was given up, for its on-failure destination. */
export interface Discarded {
  readonly info: object;
  /** What the function was, or would have been, invoked with. Only a bucket gets it. */
  readonly event: object;
  /** The object's name in a bucket. */
  readonly key: string;
}

/** Sends it to the mapping's on-failure destination: a queue, a topic, or a bucket. */
export async function sendDiscarded(
  { info, event, key }: Discarded,
  { onFailureArn = "", functionName }: Pick<MappingSettings, "onFailureArn" | "functionName">,
  { toQueue, toBucket, deliveries, log }: Destinations,
): Promise<void> {
  const [, , service, , , name = ""] = onFailureArn.split(":");
  const message = JSON.stringify(info);
  if (service === "sqs") toQueue(onFailureArn, message);
  else if (service === "sns") await deliveries.toTopic(onFailureArn, { message });
  else if (service === "s3") {
    toBucket(name, key, Buffer.from(JSON.stringify({ ...info, payload: JSON.stringify(event) })));
  } else log(`${functionName}: a batch is discarded: the mapping has no on-failure destination.`);
}
