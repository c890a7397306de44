import type { JsonObject } from "./json.ts";

/** Where an event came from: one user record, alone in its Kinesis record or one of an aggregate, or a part of it. */
export interface Origin {
  /** The Kinesis record's place in the batch, from 0. */
  readonly position: number;
  /** The Kinesis record's; the sub-records of an aggregate share it. */
  readonly sequenceNumber: string;
  /** The sub-record's place in its aggregate, from 0; 0 for a record that is no aggregate. */
  readonly subSequenceNumber: number;
  /** The event's place in its user record, from 0, where that holds several (`explode`); otherwise absent. */
  readonly eventNumber?: number | undefined;
  /** The user record's own, which for a sub-record is not the Kinesis record's. */
  readonly partitionKey: string;
  /** ms since the epoch. */
  readonly arrivalMs: number;
  /** The bytes to quarantine: the user record's as its producer sent them, or the event's own where it holds several. */
  readonly payload: Buffer;
  /** Of the trace in which its producer made it, where the policy says where the event has it. */
  readonly producerTraceId?: string;
}

export interface DecodedEvent {
  readonly origin: Origin;
  readonly event: JsonObject;
  /** Only of change data: what `$record` paths, `$operation` and deletes are read from. */
  readonly change?: Change;
}

/** What change data says beside the new state. */
export interface Change {
  readonly operation: "insert" | "update" | "delete";
  /** The record as it came, with the state before and after in it. */
  readonly record: JsonObject;
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
  | "too-large"
  | "bad-change"
  | "no-id"
  | "no-key"
  | "no-version"
  | "no-field"
  | "no-route"
  | "refused"
  | "conflict";

/** A record that holds no event, by its format: a control message, a tombstone. */
export interface Dropped {
  readonly origin: Origin;
  readonly dropped: string;
}

/** What comes of reading: an event, or why there is none. */
export type Decoded = DecodedEvent | Poison | Dropped;

/** The event cannot become an item. Thrown where that is found; `decode` and `toWrite` turn it into `Poison`. */
export class Unfit extends Error {
  readonly reason: PoisonReason;

  constructor(reason: PoisonReason, detail: string) {
    super(shortened(detail));
    this.reason = reason;
  }
}

const MAX_DETAIL = 1_000;

/** A detail may name an attribute of 400 KB. A copy: a part of a text holds all of it in memory. */
function shortened(detail: string): string {
  return detail.length <= MAX_DETAIL ? detail : Buffer.from(detail.slice(0, MAX_DETAIL)).toString();
}
