import { decode, type RecordFormat } from "../../../functions/ingest-events/decode/decode.ts";
import type { DecodedEvent, Dropped, Poison } from "../../../functions/ingest-events/decode/event.ts";
import type { JsonObject } from "../../../functions/ingest-events/decode/json.ts";
import type { KinesisRecord } from "../../../functions/ingest-events/decode/kinesis-event.ts";

export const SHARD = "shardId-000000000000";
export const PLACE = { stream: "events", shard: SHARD };
export const STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/events";

/** A Kinesis record as the event-source mapping hands it over. */
export function kinesisRecord(
  data: string | Uint8Array,
  sequenceNumber = "1",
  partitionKey = "pk",
): KinesisRecord {
  return {
    kinesis: {
      partitionKey,
      sequenceNumber,
      data: Buffer.from(data).toString("base64"),
      approximateArrivalTimestamp: 1_700_000_000.123,
    },
  };
}

/** The event that Lambda is invoked with. */
export function kinesisEvent(records: readonly KinesisRecord[], shard = SHARD, arn = STREAM_ARN) {
  return {
    Records: records.map(({ kinesis }) => ({
      kinesis: { kinesisSchemaVersion: "1.0", ...kinesis },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${shard}:${kinesis.sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: "arn:aws:iam::000000000000:role/ingest-events",
      awsRegion: "us-east-1",
      eventSourceARN: arn,
    })),
  };
}

/** Everything that records hold, by what it is. */
export function decodeAll(
  records: readonly KinesisRecord[],
  format: RecordFormat = { format: "json", explode: undefined },
) {
  const events: DecodedEvent[] = [];
  const poison: Poison[] = [];
  const dropped: Dropped[] = [];
  for (const one of decode(records, format)) {
    if ("dropped" in one) dropped.push(one);
    else if ("reason" in one) poison.push(one);
    else events.push(one);
  }
  return { events, poison, dropped };
}

/** A decoded event at a place in the stream. */
export function decodedEvent(event: JsonObject, sequenceNumber = "1", subSequenceNumber = 0): DecodedEvent {
  return {
    origin: {
      position: 0,
      sequenceNumber,
      subSequenceNumber,
      partitionKey: "pk",
      arrivalMs: 1_700_000_000_123,
      payload: Buffer.from("{}"),
    },
    event,
  };
}

/** A batch of these payloads. */
export const batchOf = (...datas: readonly (string | Uint8Array)[]) => ({
  stream: "events",
  shard: SHARD,
  records: datas.map((data, index) => kinesisRecord(data, String(index))),
});
