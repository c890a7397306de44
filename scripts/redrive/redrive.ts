import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  type Message as QueueMessage,
  ReceiveMessageCommand,
  type SQSClient,
} from "@aws-sdk/client-sqs";
import type { Clock } from "../../shared/time/clock.ts";
import { readDiscarded } from "./discarded-batch.ts";
import { type EventRecord, eventRecord, inOrder } from "./kinesis-event.ts";
import { land } from "./land.ts";
import { type Message, readDocument, readMessage } from "./message.ts";

export interface RedriveOptions {
  readonly queueUrl: string;
  readonly functionName: string;
  /** Only messages of these reasons; all when empty. */
  readonly reasons: readonly string[];
  /** At most so many messages. */
  readonly max: number;
  /** Look and say, and leave everything as it is. */
  readonly dryRun: boolean;
}

export interface RedriveClients {
  readonly sqs: SQSClient;
  readonly s3: S3Client;
  readonly kinesis: KinesisClient;
  readonly lambda: LambdaClient;
  readonly clock: Clock;
}

export interface Redriven {
  /** Messages that were put back and are gone from the queue. */
  readonly putBack: number;
  /** Messages that could not be put back, and are still in the queue. */
  readonly failed: number;
  /** Messages that were left: of other reasons, or looked at only. By reason. */
  readonly left: ReadonlyMap<string, number>;
}

/** A message is in hand at most so long; then another redrive may take it. */
const VISIBILITY_SECONDS = 300;

/**
 * Puts quarantined records, and batches that Lambda gave up, back through the function. A message is deleted only
 * when the function has dealt with its records, so that one that is killed in the middle loses nothing; one that
 * comes twice changes nothing, as with every record.
 *
 * Only messages from before its start are taken: what is quarantined again by this very redrive stays.
 */
export async function redrive(
  options: RedriveOptions,
  clients: RedriveClients,
  say: (line: string) => void,
): Promise<Redriven> {
  const { sqs, clock } = clients;
  const startedAt = clock.now();
  const release: string[] = [];
  const left = new Map<string, number>();
  let putBack = 0;
  let failed = 0;

  for (let taken = 0; taken < options.max; ) {
    const { Messages = [] } = await sqs.send(
      new ReceiveMessageCommand({
        QueueUrl: options.queueUrl,
        MaxNumberOfMessages: Math.min(10, options.max - taken),
        VisibilityTimeout: VISIBILITY_SECONDS,
        WaitTimeSeconds: 1,
        MessageSystemAttributeNames: ["SentTimestamp"],
      }),
    );
    if (Messages.length === 0) break;
    const jobs: Job[] = [];
    for (const message of Messages) {
      const read = readMessage(message.Body ?? "");
      const isNew = Number(message.Attributes?.SentTimestamp) >= startedAt;
      const isWanted = options.reasons.length === 0 || options.reasons.includes(read.reason);
      if (isNew || !isWanted || options.dryRun) {
        release.push(message.ReceiptHandle ?? "");
        if (!isNew) left.set(read.reason, (left.get(read.reason) ?? 0) + 1);
        continue;
      }
      taken += 1;
      jobs.push({ message, read });
    }
    const done = new Set(await putBackAll(jobs, options, clients, say));
    for (const job of jobs) {
      const { ReceiptHandle = "" } = job.message;
      if (!done.has(job)) release.push(ReceiptHandle);
      else await sqs.send(new DeleteMessageCommand({ QueueUrl: options.queueUrl, ReceiptHandle }));
    }
    putBack += done.size;
    failed += jobs.length - done.size;
  }

  // Only now, or this redrive would be given them again; and at once, so that the next one finds them.
  for (const ReceiptHandle of release) {
    await sqs.send(
      new ChangeMessageVisibilityCommand({ QueueUrl: options.queueUrl, ReceiptHandle, VisibilityTimeout: 0 }),
    );
  }
  return { putBack, failed, left };
}

interface Job {
  readonly message: QueueMessage;
  readonly read: Message;
}

/** @returns those whose records the function has all dealt with. */
async function putBackAll(
  jobs: readonly Job[],
  { functionName }: RedriveOptions,
  clients: RedriveClients,
  say: (line: string) => void,
): Promise<Job[]> {
  const done: Job[] = [];
  const single: { readonly job: Job; readonly record: EventRecord }[] = [];
  for (const job of jobs) {
    try {
      const records = await recordsOf(job.read, clients);
      const [only] = records;
      if (job.read.kind !== "batch" && only !== undefined) single.push({ job, record: only });
      else if ((await land(clients.lambda, functionName, records)) === records.length) done.push(job);
      else say(`${describe(job)}: not dealt with in full; it stays in the queue`);
    } catch (error) {
      say(`${describe(job)}: ${messageOf(error)}; it stays in the queue`);
    }
  }
  const byShard = Map.groupBy(
    single,
    ({ record }) => `${record.eventSourceARN} ${record.eventID.split(":")[0]}`,
  );
  for (const group of byShard.values()) {
    group.sort((a, b) => inOrder(a.record, b.record));
    try {
      const records = group.map(({ record }) => record);
      const count = await land(clients.lambda, functionName, records);
      done.push(...group.slice(0, count).map(({ job }) => job));
      if (count < group.length)
        say(`${group.length - count} records were not dealt with; they stay in the queue`);
    } catch (error) {
      say(`${messageOf(error)}; ${group.length} records stay in the queue`);
    }
  }
  return done;
}

async function recordsOf(read: Message, { s3, kinesis }: RedriveClients): Promise<EventRecord[]> {
  if (read.kind === "record") return [eventRecord(read.record)];
  if (read.kind === "batch") return readDiscarded(kinesis, read.batch);
  if (read.kind === "unknown")
    throw new Error("neither a quarantined record nor a batch that Lambda gave up");
  const { bucket, key } = read.record.document;
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  return [eventRecord(readDocument((await Body?.transformToString()) ?? ""))];
}

function describe({ message, read }: Job): string {
  if (read.kind === "unknown") return `message ${message.MessageId}`;
  if (read.kind === "batch") return `batch from ${read.batch.startSequenceNumber} of ${read.batch.shardId}`;
  return `record ${read.record.sequenceNumber} of ${read.record.shard}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
