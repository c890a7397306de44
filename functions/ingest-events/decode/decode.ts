import { readChange } from "./change-data.ts";
import { logEvents } from "./cloudwatch-logs.ts";
import { ExactNumber } from "./decimal.ts";
import { type Decoded, type Origin, type Poison, Unfit } from "./event.ts";
import { type Explode, explode } from "./explode.ts";
import { isObject, type JsonObject, type JsonValue, NotJson, readJson, TooManyValues } from "./json.ts";
import type { KinesisRecord } from "./kinesis-event.ts";
import { readAggregate } from "./kpl.ts";
import { MAX_EVENT_BYTES, MAX_EVENTS, MAX_EVENTS_BYTES, OpenBudget } from "./open.ts";

/** How a stream's records are read. */
export interface RecordFormat {
  readonly format: "json" | "cloudwatch-logs" | "dynamodb-stream" | "debezium";
  /** Where a user record holds several events. */
  readonly explode: Explode | undefined;
}

/**
 * base64, KPL aggregate, gzip, JSON; in that order, each only where the bytes say so; then what the stream's format asks
 * for. One event at a time: what one record opens to is not held for the next.
 */
export function* decode(records: readonly KinesisRecord[], format: RecordFormat): Generator<Decoded> {
  for (const [position, record] of records.entries()) {
    const budget = new OpenBudget();
    for (const found of userRecords(record, position)) {
      if ("reason" in found) yield found;
      else yield* readUserRecord(found, format, budget);
    }
  }
}

function* userRecords({ kinesis }: KinesisRecord, position: number): Generator<Origin | Poison> {
  const data = Buffer.from(kinesis.data, "base64");
  const { sequenceNumber, partitionKey, subSequenceNumber = 0, eventNumber } = kinesis;
  const arrivalMs = Math.round(kinesis.approximateArrivalTimestamp * 1000);
  const place = { position, sequenceNumber, arrivalMs };
  const whole = { ...place, subSequenceNumber, eventNumber, partitionKey, payload: data };
  try {
    const isPart = kinesis.subSequenceNumber !== undefined;
    const aggregate = isPart ? undefined : readAggregate(data, MAX_EVENTS);
    // An aggregate of nothing is no event either: as one record it is quarantined, and not skipped uncounted.
    if (aggregate === undefined || aggregate.length === 0) yield whole;
    for (const [index, sub] of (aggregate ?? []).entries()) {
      yield { ...place, subSequenceNumber: index, partitionKey: sub.partitionKey, payload: sub.data };
    }
  } catch (error) {
    yield poison(whole, error);
  }
}

function* readUserRecord(origin: Origin, format: RecordFormat, budget: OpenBudget): Generator<Decoded> {
  // A redriven event that was one of several comes by itself.
  const holdsSeveral = format.explode !== undefined && origin.eventNumber === undefined;
  try {
    const limit = holdsSeveral || format.format === "cloudwatch-logs" ? MAX_EVENTS_BYTES : MAX_EVENT_BYTES;
    const bytes = budget.open(origin.payload, limit);
    if (!holdsSeveral || format.explode === undefined) {
      yield* readDocument(origin, bytes, format, budget);
      return;
    }
    let eventNumber = 0;
    for (const part of explode(bytes, format.explode, (count) => budget.takeEvents(count))) {
      yield* readPart({ ...origin, eventNumber, payload: part }, format, budget);
      eventNumber += 1;
    }
    if (eventNumber === 0) yield { origin, dropped: "no-events" };
  } catch (error) {
    yield poison(origin, error);
  }
}

/** One of several events: if it is poison, the others are not. */
function* readPart(origin: Origin, format: RecordFormat, budget: OpenBudget): Generator<Decoded> {
  try {
    yield* readDocument(origin, origin.payload, format, budget);
  } catch (error) {
    yield poison(origin, error);
  }
}

/** @throws Unfit, NotJson */
function* readDocument(
  origin: Origin,
  bytes: Buffer,
  { format }: RecordFormat,
  budget: OpenBudget,
): Generator<Decoded> {
  if (format === "json") yield { origin, event: readObject(bytes) };
  else if (format === "cloudwatch-logs") yield* logEvents(origin, readObject(bytes), budget);
  // Debezium Server sends a tombstone as a record without a byte.
  else if (format === "debezium" && bytes.length === 0) yield { origin, dropped: "tombstone" };
  else yield readChange(origin, readJson(bytes), format);
}

function poison(origin: Origin, error: unknown): Poison {
  if (error instanceof Unfit) return { origin, reason: error.reason, detail: error.message };
  if (error instanceof TooManyValues) return { origin, reason: "too-large", detail: error.message };
  if (error instanceof NotJson) return { origin, reason: "not-json", detail: error.message };
  // The stack is at its end: half a million brackets fit into a record.
  if (error instanceof RangeError) {
    return { origin, reason: "too-large", detail: "nested deeper than can be read" };
  }
  throw error;
}

function readObject(bytes: Buffer): JsonObject {
  const event = readJson(bytes);
  if (isObject(event)) return event;
  throw new NotJson(`expected a JSON object, found ${kindOf(event)}`);
}

function kindOf(value: JsonValue): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "a list";
  return value instanceof ExactNumber ? "a number" : `a ${typeof value}`;
}
