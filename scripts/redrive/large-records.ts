import { PutObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { SQSClient } from "@aws-sdk/client-sqs";
import { readKinesisEvent } from "../../functions/ingest-events/decode/kinesis-event.ts";
import {
  type Quarantine,
  quarantineAll,
  type Rejected,
} from "../../functions/ingest-events/quarantine/quarantine.ts";
import { quarantineQueue } from "../../functions/ingest-events/quarantine/queue.ts";
import type { Budget } from "../../functions/ingest-events/write/time-budget.ts";
import type { EventRecord } from "./kinesis-event.ts";

/**
 * The quarantine of the queue's stage, written with the operator's own permissions: what is larger than an invocation
 * (Kinesis takes records of 10 MiB, Lambda events of 6 MB) never reaches the function, which would quarantine it.
 */
export function stageQuarantine(
  { sqs, s3 }: { readonly sqs: SQSClient; readonly s3: S3Client },
  { stage, queueUrl, region }: { readonly stage: string; readonly queueUrl: string; readonly region: string },
  say: (line: string) => void,
): Quarantine {
  const account = queueUrl.split("/").at(-2) ?? "";
  const bucket = `reflex-${stage}-quarantine-${account}-${region}`;
  const location = { queueUrl: queueUrl.replace(/-failed-batches$/, "-quarantine"), bucket };
  return {
    ...quarantineQueue(sqs, location, (failure) => say(failure.message)),
    store: async (Key, document) => {
      const ContentType = "application/json";
      await s3.send(new PutObjectCommand({ Bucket: bucket, Key, Body: document, ContentType }));
      return { bucket, key: Key };
    },
  };
}

/**
 * Sends records that are larger than an invocation to the quarantine, each as `too-large`: no event is read that large.
 * @param records of one shard
 * @returns those that are not there
 */
export async function quarantineLarge(
  records: readonly EventRecord[],
  quarantine: Quarantine,
): Promise<readonly Pick<Rejected["origin"], "sequenceNumber">[]> {
  const batch = readKinesisEvent({ Records: records });
  if (batch === undefined) return [];
  const rejected = batch.records.map(({ kinesis }, position): Rejected => {
    const { data, approximateArrivalTimestamp, partitionKey, sequenceNumber } = kinesis;
    const payload = Buffer.from(data, "base64");
    const { subSequenceNumber = 0, eventNumber } = kinesis;
    const arrivalMs = Math.round(approximateArrivalTimestamp * 1000);
    const origin = {
      position,
      sequenceNumber,
      subSequenceNumber,
      eventNumber,
      partitionKey,
      arrivalMs,
      payload,
    };
    return {
      origin,
      reason: "too-large",
      detail: `${payload.length} bytes do not fit into an invocation of the function`,
    };
  });
  const source = { ...batch, traceId: undefined, requestId: "redrive" };
  return (await quarantineAll(rejected, source, quarantine, PATIENCE)).map(({ origin }) => origin);
}

/** A command has no time-out. */
const PATIENCE: Budget = {
  left: () => Number.POSITIVE_INFINITY,
  signal: new AbortController().signal,
  pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
  random: Math.random,
};
