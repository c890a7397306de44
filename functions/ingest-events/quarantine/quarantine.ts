import { inParallel } from "../../../shared/aws/in-parallel.ts";
import type { Poison } from "../decode/event.ts";
import type { Item } from "../plan/encoded-item.ts";
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
  readonly subSequenceNumber: number;
  /** The event's place in its user record, where that held several. */
  readonly eventNumber?: number | undefined;
  readonly partitionKey: string;
  /** ISO 8601, UTC. */
  readonly arrivedAt: string;
  readonly traceId: string | undefined;
  readonly requestId: string;
  /** base64 of the user record's bytes, as its producer sent them. Absent where `document` is. */
  readonly payload?: string;
  /** For a conflict: the item that stands in the table, as DynamoDB writes it in JSON. */
  readonly stored?: Item;
  /** Where the whole record is, if it is too large for a message. */
  readonly document?: DocumentLocation;
}

/** A record that can never succeed; in a conflict, with what stands in the table in its place. */
export interface Rejected extends Poison {
  readonly stored?: Item;
}

export interface Source {
  readonly stream: string;
  readonly shard: string;
  readonly traceId: string | undefined;
  readonly requestId: string;
}

/** A message, and all the messages of one call together. */
const MAX_BYTES = 1024 * 1024;
const MAX_MESSAGES = 10;
const CALLS_IN_FLIGHT = 4;
const MAX_ATTEMPTS = 4;

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
  const inTime = () => budget.left() > 0;

  const messages: Message[] = [];
  await inParallel(
    rejected,
    CALLS_IN_FLIGHT,
    async (one) => {
      const body = await messageBody(one, source, quarantine, budget);
      if (body !== undefined) messages.push({ one, body, bytes: Buffer.byteLength(body) });
    },
    inTime,
  );
  await inParallel(
    callsOf(messages),
    CALLS_IN_FLIGHT,
    async (call) => {
      for (const one of await sendCall(call, quarantine, budget)) there.add(one);
    },
    inTime,
  );
  return rejected.filter((one) => !there.has(one));
}

interface Message {
  readonly one: Rejected;
  readonly body: string;
  readonly bytes: number;
}

/** The message for a record; what is too large for one is stored whole, and the message says where. */
async function messageBody(
  one: Rejected,
  source: Source,
  quarantine: Quarantine,
  budget: Budget,
): Promise<string | undefined> {
  const { payload, stored, ...rest } = describe(one, source);
  const whole = toJson({ ...rest, payload, stored });
  if (Buffer.byteLength(whole) <= MAX_BYTES) return whole;
  const { stream, shard, sequenceNumber, subSequenceNumber, eventNumber } = rest;
  const part = eventNumber === undefined ? "" : `-${eventNumber}`;
  const document = await quarantine.store(
    `${stream}/${shard}/${sequenceNumber}-${subSequenceNumber}${part}.json`,
    whole,
    budget.signal,
  );
  return document && toJson({ ...rest, document });
}

function describe(one: Rejected, { stream, shard, traceId, requestId }: Source): QuarantinedRecord {
  const { origin, reason, detail, stored } = one;
  return {
    reason,
    detail: detail.slice(0, 1000),
    stream,
    shard,
    sequenceNumber: origin.sequenceNumber,
    subSequenceNumber: origin.subSequenceNumber,
    eventNumber: origin.eventNumber,
    partitionKey: origin.partitionKey,
    arrivedAt: new Date(origin.arrivalMs).toISOString(),
    traceId,
    requestId,
    payload: origin.payload.toString("base64"),
    ...(stored && { stored }),
  };
}

/** JSON in ASCII: a message may not hold every character that a partition key or a stored item may. */
function toJson(record: QuarantinedRecord): string {
  const text = JSON.stringify(record, (_name, value) =>
    value instanceof Uint8Array ? Buffer.from(value).toString("base64") : value,
  );
  return text.replace(
    /[\u007f-\uffff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

/** The messages by call: at most ten, and 1 MiB together. */
function callsOf(messages: readonly Message[]): Message[][] {
  const calls: Message[][] = [];
  let call: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    if (call.length === MAX_MESSAGES || (call.length > 0 && bytes + message.bytes > MAX_BYTES)) {
      calls.push(call);
      call = [];
      bytes = 0;
    }
    call.push(message);
    bytes += message.bytes;
  }
  if (call.length > 0) calls.push(call);
  return calls;
}

/** @returns those that the queue took. */
async function sendCall(
  call: readonly Message[],
  quarantine: Quarantine,
  budget: Budget,
): Promise<readonly Rejected[]> {
  const taken: Rejected[] = [];
  let left = call;
  for (let attempt = 1; attempt <= MAX_ATTEMPTS && left.length > 0; attempt += 1) {
    if (attempt > 1 && !(await pauseBeforeRetry(budget, attempt - 1))) break;
    const refused = new Set(
      await quarantine.send(
        left.map(({ body }) => body),
        budget.signal,
      ),
    );
    for (const [index, { one }] of left.entries()) if (!refused.has(index)) taken.push(one);
    left = left.filter((_message, index) => refused.has(index));
  }
  return taken;
}
