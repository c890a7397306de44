import type { _Record as KinesisRecord } from "@aws-sdk/client-kinesis";
import type { QuarantinedRecord } from "./message.ts";

/** A record in the event that Lambda would bring. */
export interface EventRecord {
  readonly eventID: string;
  readonly eventSourceARN: string;
  readonly kinesis: {
    readonly partitionKey: string;
    readonly sequenceNumber: string;
    readonly data: string;
    readonly approximateArrivalTimestamp: number;
    /** `data` is this sub-record by itself (functions/ingest-events/decode/kinesis-event.ts). */
    readonly subSequenceNumber?: number;
    /** `data` is this event of a record that held several. */
    readonly eventNumber?: number | undefined;
  };
}

/**
 * A quarantined record as it once came: with its own place in the stream, so that an id that is made of the
 * place is the same again, and an old version stays old. Putting it into the stream anew would lose both.
 */
export function eventRecord(record: QuarantinedRecord): EventRecord {
  return {
    eventID: `${record.shard}:${record.sequenceNumber}`,
    eventSourceARN: `arn:aws:kinesis:::stream/${record.stream}`,
    kinesis: {
      partitionKey: record.partitionKey,
      sequenceNumber: record.sequenceNumber,
      subSequenceNumber: record.subSequenceNumber,
      eventNumber: record.eventNumber,
      data: record.payload,
      approximateArrivalTimestamp: Date.parse(record.arrivedAt) / 1000,
    },
  };
}

/** A record as GetRecords brings it. */
export function recordFromStream(record: KinesisRecord, streamArn: string, shardId: string): EventRecord {
  const { SequenceNumber = "", PartitionKey = "", Data, ApproximateArrivalTimestamp } = record;
  return {
    eventID: `${shardId}:${SequenceNumber}`,
    eventSourceARN: streamArn,
    kinesis: {
      partitionKey: PartitionKey,
      sequenceNumber: SequenceNumber,
      data: Buffer.from(Data ?? []).toString("base64"),
      approximateArrivalTimestamp: (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
    },
  };
}

/** Negative if `a` comes before `b` in the stream. */
export function inOrder(a: EventRecord, b: EventRecord): number {
  const [first, second] = [BigInt(a.kinesis.sequenceNumber), BigInt(b.kinesis.sequenceNumber)];
  if (first !== second) return first < second ? -1 : 1;
  const bySub = (a.kinesis.subSequenceNumber ?? 0) - (b.kinesis.subSequenceNumber ?? 0);
  return bySub !== 0 ? bySub : (a.kinesis.eventNumber ?? 0) - (b.kinesis.eventNumber ?? 0);
}
