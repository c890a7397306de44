import type { KinesisClient } from "@aws-sdk/client-kinesis";
import type { LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, type S3Client } from "@aws-sdk/client-s3";
import type { Message as QueueMessage, SQSClient } from "@aws-sdk/client-sqs";
import type { Quarantine } from "../../functions/ingest-events/quarantine/quarantine.ts";
import { messageOf } from "../../shared/errors/message-of.ts";
import type { Clock } from "../../shared/time/clock.ts";
import { type FoundRecords, readDiscarded } from "./discarded-batch.ts";
import { type EventRecord, eventRecord, inOrder } from "./kinesis-event.ts";
import { type LandOptions, land } from "./land.ts";
import { quarantineLarge } from "./large-records.ts";
import { type Message, readDocument, readKeptBatch, readMessage } from "./message.ts";
import { QueuePass } from "./queue.ts";

export interface RedriveOptions extends LandOptions {
  readonly queueUrl: string;
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
  /** For what is larger than an invocation. */
  readonly quarantine: Quarantine;
  /** The queue's own time, by which it dates its messages. */
  readonly clock: Clock;
}

export interface Redriven {
  /** Messages that were put back and are gone from the queue. */
  readonly putBack: number;
  /**
   * Of those put back, the records that are in the quarantine again. By reason, as far as this redrive has seen them there: a
   * batch's records end in another queue than the batch's, and the function says only how many.
   */
  readonly again: ReadonlyMap<string, number>;
  /** Messages that could not be put back, and are still in the queue. */
  readonly failed: number;
  /** Messages that were left: of other reasons, or looked at only. By reason. */
  readonly left: ReadonlyMap<string, number>;
  /** Records of batches that the stream has forgotten: nobody has them any more. */
  readonly gone: number;
}

/** What the function has quarantined again and this redrive has not seen in its queue. */
const NOT_SEEN = "reason in the quarantine";

/** Messages that one redrive looks at, at most: those of other reasons are held back meanwhile, and SQS holds 120,000. */
const MOST_LOOKED_AT = 100_000;

/**
 * Puts quarantined records, and batches that Lambda gave up, back through the function. A message is deleted only
 * when the function has dealt with its records, so that one that is killed in the middle loses nothing; one that
 * comes twice changes nothing, as with every record.
 *
 * What is quarantined again by this very redrive stays in the queue: it is known by its place in the stream, and by its
 * time.
 */
export async function redrive(
  options: RedriveOptions,
  clients: RedriveClients,
  say: (line: string) => void,
): Promise<Redriven> {
  const startedAt = clients.clock.now();
  const pass = new QueuePass(clients.sqs, options.queueUrl);
  const run = new RedriveRun(options, clients, say);
  try {
    while (run.taken < options.max) {
      if (pass.looked >= MOST_LOOKED_AT) {
        say(`${MOST_LOOKED_AT} messages looked at; the rest is for the next redrive`);
        break;
      }
      const messages = await pass.next(options.max - run.taken);
      if (messages.length === 0) break;
      for (const message of await run.putBack(messages, startedAt)) await pass.delete(message);
    }
  } finally {
    await pass.release();
  }
  return run.result();
}

interface Job {
  readonly message: QueueMessage;
  readonly read: Message;
}

class RedriveRun {
  /** Messages that were taken up. */
  taken = 0;
  #putBack = 0;
  #gone = 0;
  #quarantined = 0;
  readonly #left = new Map<string, number>();
  readonly #again = new Map<string, number>();
  readonly #places = new Set<string>();
  readonly #options: RedriveOptions;
  readonly #clients: RedriveClients;
  readonly #say: (line: string) => void;

  constructor(options: RedriveOptions, clients: RedriveClients, say: (line: string) => void) {
    this.#options = options;
    this.#clients = clients;
    this.#say = say;
  }

  result(): Redriven {
    const failed = this.taken - this.#putBack;
    const unseen = this.#quarantined - [...this.#again.values()].reduce((sum, count) => sum + count, 0);
    const again = unseen > 0 ? new Map([...this.#again, [NOT_SEEN, unseen] as const]) : this.#again;
    return { putBack: this.#putBack, again, failed, left: this.#left, gone: this.#gone };
  }

  /** @returns the messages whose records the function has dealt with. */
  async putBack(messages: readonly QueueMessage[], startedAt: number): Promise<readonly QueueMessage[]> {
    const jobs = messages
      .map((message) => ({ message, read: readMessage(message.Body ?? "") }))
      .filter((job) => this.#takes(job, startedAt));
    this.taken += jobs.length;
    const isSingle = ({ read: { kind } }: Job) => kind === "record" || kind === "stored elsewhere";
    const done = await this.#putBackRecords(jobs.filter(isSingle));
    for (const job of jobs) if (!isSingle(job) && (await this.#putBackBatch(job))) done.push(job);
    this.#putBack += done.length;
    return done.map(({ message }) => message);
  }

  #takes({ message, read }: Job, startedAt: number): boolean {
    const { reasons, dryRun } = this.#options;
    const place = placeOf(read);
    if (this.#places.has(place)) {
      countIn(this.#again, read.reason);
      return false;
    }
    if (Number(message.Attributes?.SentTimestamp) >= startedAt) return false;
    if (dryRun || (reasons.length > 0 && !reasons.includes(read.reason))) {
      countIn(this.#left, read.reason);
      return false;
    }
    if (place !== "") this.#places.add(place);
    return true;
  }

  /** Single records: those of a shard together, in the stream's order. */
  async #putBackRecords(jobs: readonly Job[]): Promise<Job[]> {
    const records: { readonly job: Job; readonly record: EventRecord }[] = [];
    for (const job of jobs) {
      const [record] = (await this.#recordsOf(job))?.records ?? [];
      if (record !== undefined) records.push({ job, record });
    }
    const done: Job[] = [];
    const shardOf = ({ record }: { record: EventRecord }) =>
      `${record.eventSourceARN} ${record.eventID.slice(0, record.eventID.lastIndexOf(":"))}`;
    for (const group of Map.groupBy(records, shardOf).values()) {
      group.sort((a, b) => inOrder(a.record, b.record));
      const isDone = await this.#land(
        group.map(({ record }) => record),
        // It is there already.
        async (large) => large.map(({ kinesis }) => kinesis),
      );
      done.push(...group.filter(({ record }) => isDone(record)).map(({ job }) => job));
    }
    return done;
  }

  async #putBackBatch(job: Job): Promise<boolean> {
    const found = await this.#recordsOf(job);
    if (found === undefined) return false;
    const { records, gone } = found;
    const isDone = await this.#land(records, (large) => quarantineLarge(large, this.#clients.quarantine));
    if (!records.every(isDone)) return false;
    if (gone > 0) {
      this.#gone += gone;
      this.#say(
        `${describe(job)}: ${gone} of its ${records.length + gone} records are gone: the stream has forgotten them. The rest was put back`,
      );
    }
    return true;
  }

  /**
   * @param keep what is to become of records that are larger than an invocation; tells which are not kept
   * @returns which of the records are dealt with; says why where some are left
   */
  async #land(
    records: readonly EventRecord[],
    keep: (large: readonly EventRecord[]) => Promise<readonly { readonly sequenceNumber: string }[]>,
  ): Promise<(record: EventRecord) => boolean> {
    try {
      const landed = await land(this.#clients.lambda, this.#options, records);
      const { reason = "not dealt with", tooLarge } = landed;
      this.#quarantined += landed.quarantined;
      const notKept = new Set((await keep(tooLarge)).map(({ sequenceNumber }) => sequenceNumber));
      this.#sayLarge(tooLarge.length, notKept.size);
      const isDone = (record: EventRecord) =>
        landed.isDone(record) && !notKept.has(record.kinesis.sequenceNumber);
      const left = records.filter((record) => !landed.isDone(record)).length;
      if (left > 0) this.#say(`${left} records stay in the queue: ${reason}`);
      return isDone;
    } catch (error) {
      this.#say(`${messageOf(error)}; ${records.length} records stay in the queue`);
      return () => false;
    }
  }

  #sayLarge(large: number, notKept: number): void {
    const what = "larger than an invocation of the function, which never sees them";
    if (notKept > 0) this.#say(`${notKept} records are ${what}: they stay in the queue`);
    else if (large > 0) this.#say(`${large} records are ${what}: they are in the quarantine as too-large`);
  }

  /** `undefined` where they cannot be had now; it says why. */
  async #recordsOf(job: Job): Promise<FoundRecords | undefined> {
    try {
      return await recordsOf(job.read, this.#clients);
    } catch (error) {
      this.#say(`${describe(job)}: ${messageOf(error)}; it stays in the queue`);
      return undefined;
    }
  }
}

const countIn = (counts: Map<string, number>, reason: string): void =>
  void counts.set(reason, (counts.get(reason) ?? 0) + 1);

async function recordsOf(read: Message, { s3, kinesis }: RedriveClients): Promise<FoundRecords> {
  switch (read.kind) {
    case "record":
      return { records: [eventRecord(read.record)], gone: 0 };
    case "stored elsewhere": {
      const { bucket, key } = read.record.document;
      return { records: [eventRecord(readDocument(await readObject(s3, bucket, key)))], gone: 0 };
    }
    case "batch":
      return readDiscarded(kinesis, read.batch);
    case "kept batch":
      return { records: readKeptBatch(await readObject(s3, read.bucket, read.key)), gone: 0 };
    case "test":
      return { records: [], gone: 0 };
    case "unknown":
      throw new Error("neither a quarantined record nor a batch that Lambda gave up");
  }
}

async function readObject(s3: S3Client, Bucket: string, Key: string): Promise<string> {
  const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key }));
  return (await Body?.transformToString()) ?? "";
}

/** One text for one quarantined record, wherever its message comes from; empty for a batch. */
function placeOf(read: Message): string {
  if (read.kind !== "record" && read.kind !== "stored elsewhere") return "";
  const { stream, shard, sequenceNumber, subSequenceNumber, eventNumber = 0 } = read.record;
  return `${stream}/${shard}/${sequenceNumber}/${subSequenceNumber}/${eventNumber}`;
}

function describe({ message, read }: Job): string {
  switch (read.kind) {
    case "batch":
      return `batch from ${read.batch.startSequenceNumber} of ${read.batch.shardId}`;
    case "kept batch":
      return `batch ${read.bucket}/${read.key}`;
    case "record":
    case "stored elsewhere":
      return `record ${read.record.sequenceNumber} of ${read.record.shard}`;
    default:
      return `message ${message.MessageId}`;
  }
}
