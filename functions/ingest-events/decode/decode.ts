import { isUtf8 } from "node:buffer";
import { gunzipSync } from "node:zlib";
import { ExactNumber } from "./decimal.ts";
import { type JsonObject, type JsonValue, NotJson, parseJson } from "./json.ts";
import type { KinesisRecord } from "./kinesis-event.ts";
import { readAggregate } from "./kpl.ts";

/** Where an event came from: one user record, alone in its Kinesis record or one of an aggregate. */
export interface Origin {
  /** The Kinesis record's place in the batch, from 0. */
  readonly position: number;
  /** The Kinesis record's; the sub-records of an aggregate share it. */
  readonly sequenceNumber: string;
  /** The sub-record's place in its aggregate, from 0; 0 for a record that is no aggregate. */
  readonly subSequenceNumber: number;
  /** The user record's own, which for a sub-record is not the Kinesis record's. */
  readonly partitionKey: string;
  /** ms since the epoch. */
  readonly arrivalMs: number;
  /** The user record's bytes as its producer sent them. */
  readonly payload: Buffer;
}

export interface DecodedEvent {
  readonly origin: Origin;
  readonly event: JsonObject;
}

/** A record that no retry will make right. */
export interface Poison {
  readonly origin: Origin;
  /** A word for filters and metrics. */
  readonly reason: PoisonReason;
  /** A sentence for a person. */
  readonly detail: string;
}

export type PoisonReason =
  | "not-json"
  | "bad-gzip"
  | "no-id"
  | "no-key"
  | "no-version"
  | "refused"
  | "conflict";

export interface Decoded {
  readonly events: readonly DecodedEvent[];
  readonly poison: readonly Poison[];
}

/** A Kinesis record is 10 MiB at most; what expands beyond this is no event for a 400 KB item. */
const MAX_UNZIPPED_BYTES = 16 * 1024 * 1024;

/** base64, KPL aggregate, gzip, JSON; in that order, each only where the bytes say so. */
export function decode(records: readonly KinesisRecord[]): Decoded {
  const events: DecodedEvent[] = [];
  const poison: Poison[] = [];
  records.forEach((record, position) => {
    for (const origin of userRecords(record, position)) {
      const event = readEvent(origin);
      if ("reason" in event) poison.push(event);
      else events.push(event);
    }
  });
  return { events, poison };
}

function userRecords({ kinesis }: KinesisRecord, position: number): readonly Origin[] {
  const data = Buffer.from(kinesis.data, "base64");
  const { sequenceNumber, partitionKey } = kinesis;
  const arrivalMs = Math.round(kinesis.approximateArrivalTimestamp * 1000);
  const whole = { position, sequenceNumber, subSequenceNumber: 0, partitionKey, arrivalMs, payload: data };
  if (kinesis.subSequenceNumber !== undefined) {
    return [{ ...whole, subSequenceNumber: kinesis.subSequenceNumber }];
  }
  const aggregate = readAggregate(data);
  // An aggregate of nothing is no event either: as one record it is quarantined, and not passed over uncounted.
  if (aggregate === undefined || aggregate.length === 0) return [whole];
  return aggregate.map((sub, index) => ({
    position,
    sequenceNumber,
    subSequenceNumber: index,
    partitionKey: sub.partitionKey,
    arrivalMs,
    payload: sub.data,
  }));
}

function readEvent(origin: Origin): DecodedEvent | Poison {
  let bytes = origin.payload;
  if (isGzip(bytes)) {
    try {
      bytes = gunzipSync(bytes, { maxOutputLength: MAX_UNZIPPED_BYTES });
    } catch (error) {
      return { origin, reason: "bad-gzip", detail: `gzip does not open: ${messageOf(error)}` };
    }
  }
  if (!isUtf8(bytes)) return { origin, reason: "not-json", detail: "not UTF-8 text" };
  try {
    const event = parseJson(bytes.toString("utf8"));
    if (isObject(event)) return { origin, event };
    return { origin, reason: "not-json", detail: `expected a JSON object, found ${kindOf(event)}` };
  } catch (error) {
    if (error instanceof NotJson) return { origin, reason: "not-json", detail: error.message };
    throw error;
  }
}

/** No JSON text begins so (RFC 1952, section 2.3.1). */
function isGzip(bytes: Buffer): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}

function isObject(value: JsonValue): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return value instanceof ExactNumber ? "a number" : `a ${typeof value}`;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
