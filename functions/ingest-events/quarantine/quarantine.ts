import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { Origin, Poison } from "../decode/event.ts";
import type { KinesisBatch } from "../decode/kinesis-event.ts";
import type { Item } from "../plan/encoded-item.ts";
import type { StoredItem } from "../plan/stored-item.ts";
import { type Budget, pauseBeforeRetry } from "../write/time-budget.ts";

/** Where records go that can never succeed. */
export interface Quarantine {
  /**
   * Sends up to ten messages of together at most 1 MiB. Never throws.
   * @returns the places of those that were not taken; all of them if there was no answer.
   */
  send(bodies: readonly string[], signal: AbortSignal): Promise<readonly number[]>;
  /** Stores a document that is too large for a message. Never throws; `undefined` if it is not stored. */
  store(key: string, document: string, signal: AbortSignal): Promise<DocumentLocation | undefined>;
}

export interface DocumentLocation {
  readonly bucket: string;
  readonly key: string;
}

/** A quarantined record, as it is written to the queue: all that is needed to judge it and to put it back. */
export interface QuarantinedRecord {
  readonly reason: string;
  readonly detail: string;
  readonly stream: string;
  readonly shard: string;
  readonly sequenceNumber: string;
  /** Absent where the message stands for a whole Kinesis record. */
  readonly subSequenceNumber?: number;
  /** Where the message stands for a whole record: so many of its events are rejected. */
  readonly rejectedEvents?: number;
  /** The event's place in its user record, where that held several. */
  readonly eventNumber?: number | undefined;
  readonly partitionKey: string;
  /** ISO 8601, UTC. */
  readonly arrivedAt: string;
  readonly traceId: string | undefined;
  readonly requestId: string;
  /** Of the trace in which its producer made the event. `traceId` is that of the invocation. */
  readonly producerTraceId?: string;
  /** base64 of the user record's bytes, as its producer sent them. Absent where `document` is. */
  readonly payload?: string;
  /** For a conflict: the item that stands in the table, as DynamoDB writes it in JSON. */
  readonly stored?: Item;
  /** Where the whole record is, if it is too large for a message. */
  readonly document?: DocumentLocation;
}

/** A record that can never succeed; in a conflict, with what stands in the table in its place. */
export interface Rejected extends Poison {
  readonly stored?: StoredItem | undefined;
}

export interface Source extends Pick<KinesisBatch, "stream" | "shard" | "records"> {
  readonly traceId: string | undefined;
  readonly requestId: string;
}

/** A message, and all the messages of one call together. */
const MAX_BYTES = 1024 * 1024;
const MAX_MESSAGES = 10;
const CALLS_IN_FLIGHT = 4;
const MAX_ATTEMPTS = 4;

/**
 * So many rejected events of one record have messages of their own; a record with more of them goes as a whole, in one
 * message: an aggregate may hold 100,000, and their messages would not be sent in any invocation's time. What is stored
 * of it already is a duplicate when it is redriven.
 */
const MAX_APART = 10;

/** The places in the batch of the records that go as a whole. */
export function sentWhole(rejected: readonly Rejected[]): ReadonlySet<number> {
  const counts = new Map<number, number>();
  for (const { origin } of rejected) counts.set(origin.position, (counts.get(origin.position) ?? 0) + 1);
  return new Set([...counts].flatMap(([position, count]) => (count > MAX_APART ? [position] : [])));
}

/**
 * Sends every record to quarantine, before it is acknowledged.
 * @returns those that are not there: they must be reported as failed.
 */
export async function quarantineAll(
  rejected: readonly Rejected[],
  source: Source,
  quarantine: Quarantine,
  budget: Budget,
): Promise<readonly Rejected[]> {
  const there = new Set<Rejected>();
  await inParallel(
    callsOf(messagesOf(rejected, source)),
    CALLS_IN_FLIGHT,
    async (call) => {
      for (const { of } of await sendCall(call, quarantine, budget)) for (const one of of) there.add(one);
    },
    () => budget.left() > 0,
  );
  return rejected.filter((one) => !there.has(one));
}

interface Message {
  /** What it stands for. */
  readonly of: readonly Rejected[];
  readonly record: QuarantinedRecord;
  readonly body: string;
  readonly bytes: number;
}

/** The messages, one made after the other: together they may be much larger than what they are made of. */
function* messagesOf(rejected: readonly Rejected[], source: Source): Generator<Message> {
  const whole = sentWhole(rejected);
  const messageOf = (of: readonly Rejected[], record: QuarantinedRecord): Message => {
    const body = toJson(record, of.length === 1 ? of[0]?.stored : undefined);
    return { of, record, body, bytes: Buffer.byteLength(body) };
  };
  for (const one of rejected) {
    if (!whole.has(one.origin.position)) yield messageOf([one], describe(one, source));
  }
  const together = Map.groupBy(rejected, ({ origin }) => origin.position);
  for (const position of whole) {
    const of = together.get(position) ?? [];
    const record = describeWhole(of, source);
    if (record !== undefined) yield messageOf(of, record);
  }
}

/** What is too large for a message is stored whole, and the message says where. */
async function storeWhole(
  { record, body }: Message,
  quarantine: Quarantine,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { stream, shard, sequenceNumber, subSequenceNumber, eventNumber } = record;
  const parts = [sequenceNumber, subSequenceNumber, eventNumber].filter((part) => part !== undefined);
  const document = await quarantine.store(`${stream}/${shard}/${parts.join("-")}.json`, body, signal);
  const { payload: _payload, ...rest } = record;
  return document && toJson({ ...rest, document });
}

/** A record of which so much is rejected that it goes as it came. */
function describeWhole(rejected: readonly Rejected[], source: Source): QuarantinedRecord | undefined {
  const [first] = rejected;
  const record = source.records[first?.origin.position ?? 0];
  if (first === undefined || record === undefined) return undefined;
  const { origin, detail } = first;
  const { partitionKey, data, subSequenceNumber, eventNumber } = record.kinesis;
  const place = `sub-record ${origin.subSequenceNumber}${origin.eventNumber === undefined ? "" : `, event ${origin.eventNumber}`}`;
  return {
    ...placed(first, source),
    detail: `${rejected.length} of its events are rejected; the first, ${place}: ${detail}`.slice(0, 1000),
    rejectedEvents: rejected.length,
    // A part of a record that was redriven by itself stays that part.
    ...(subSequenceNumber !== undefined && { subSequenceNumber, eventNumber }),
    partitionKey,
    payload: data,
  };
}

function describe(one: Rejected, source: Source): QuarantinedRecord {
  const { origin, detail } = one;
  return {
    ...placed(one, source),
    detail: detail.slice(0, 1000),
    subSequenceNumber: origin.subSequenceNumber,
    eventNumber: origin.eventNumber,
    partitionKey: origin.partitionKey,
    ...(origin.producerTraceId !== undefined && { producerTraceId: origin.producerTraceId }),
    payload: origin.payload.toString("base64"),
  };
}

/** What a message says of its record in every case. */
function placed(
  { origin, reason }: { readonly origin: Origin; readonly reason: string },
  { stream, shard, traceId, requestId }: Source,
) {
  const { sequenceNumber, arrivalMs } = origin;
  const arrivedAt = new Date(arrivalMs).toISOString();
  return { reason, stream, shard, sequenceNumber, arrivedAt, traceId, requestId };
}

/** JSON in ASCII: a message may not hold every character that a partition key or a stored item may. */
function toJson(record: QuarantinedRecord, stored?: StoredItem): string {
  const text = JSON.stringify(record);
  const whole = stored === undefined ? text : `${text.slice(0, -1)},"stored":${stored.json}}`;
  return whole.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The messages by call: at most ten, and 1 MiB together. */
function* callsOf(messages: Iterable<Message>): Generator<readonly Message[]> {
  let call: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (call.length === MAX_MESSAGES || (call.length > 0 && bytes + message.bytes > MAX_BYTES)) {
      yield call;
      call = [];
      bytes = 0;
    }
    call.push(message);
    bytes += message.bytes;
  }
  if (call.length > 0) yield call;
}

/** @returns those that the queue took. */
async function sendCall(
  call: readonly Message[],
  quarantine: Quarantine,
  budget: Budget,
): Promise<readonly Message[]> {
  const taken: Message[] = [];
  let left: { readonly message: Message; readonly body: string }[] = [];
  for (const message of call) {
    const isLarge = message.bytes > MAX_BYTES;
    const body = isLarge ? await storeWhole(message, quarantine, budget.signal) : message.body;
    if (body !== undefined) left.push({ message, body });
  }
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && left.length > 0; attempt += 1) {
    if (attempt > 1 && !(await pauseBeforeRetry(budget, attempt - 1))) break;
    const bodies = left.map(({ body }) => body);
    const refused = new Set(await quarantine.send(bodies, budget.signal));
    for (const [index, { message }] of left.entries()) if (!refused.has(index)) taken.push(message);
    left = left.filter((_message, index) => refused.has(index));
  }
  return taken;
}
