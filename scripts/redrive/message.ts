import * as z from "zod/mini";

const place = {
  stream: z.string(),
  shard: z.string(),
  sequenceNumber: z.string(),
  /** Absent where the message stands for a whole record. */
  subSequenceNumber: z.optional(z.int()),
  eventNumber: z.optional(z.int()),
  partitionKey: z.string(),
  arrivedAt: z.iso.datetime(),
  reason: z.string(),
  detail: z.string(),
};

/** A quarantined record, as functions/ingest-events/quarantine/quarantine.ts writes it. */
const QuarantinedRecord = z.looseObject({ ...place, payload: z.string() });
const StoredElsewhere = z.looseObject({
  ...place,
  document: z.object({ bucket: z.string(), key: z.string() }),
});

/** What Lambda says of a batch it gave up. */
const DiscardedBatch = z.looseObject({
  requestContext: z.looseObject({ condition: z.string() }),
  KinesisBatchInfo: z.looseObject({
    streamArn: z.string(),
    shardId: z.string(),
    startSequenceNumber: z.string(),
    endSequenceNumber: z.string(),
    batchSize: z.number(),
  }),
});

/** A batch that Lambda gave up, whole, as it puts it into a bucket. */
const KeptBatch = z.looseObject({
  ...DiscardedBatch.shape,
  /** The invocation's event. */
  payload: z.string(),
});
const KinesisEvent = z.object({
  Records: z.array(
    z.object({
      eventID: z.string(),
      eventSourceARN: z.string(),
      kinesis: z.object({
        partitionKey: z.string(),
        sequenceNumber: z.string(),
        data: z.string(),
        approximateArrivalTimestamp: z.number(),
      }),
    }),
  ),
});

/** What S3 says of a new object. */
const ObjectCreated = z.object({
  Records: z.tuple([
    z.looseObject({
      s3: z.looseObject({
        bucket: z.looseObject({ name: z.string() }),
        object: z.looseObject({ key: z.string() }),
      }),
    }),
  ]),
});
/** What S3 sends to a queue when that becomes its destination. */
const TestEvent = z.looseObject({ Event: z.literal("s3:TestEvent") });

export type QuarantinedRecord = z.output<typeof QuarantinedRecord>;
export type StoredElsewhere = z.output<typeof StoredElsewhere>;
export type DiscardedBatch = z.output<typeof DiscardedBatch>["KinesisBatchInfo"];

export type Message =
  | { readonly kind: "record"; readonly reason: string; readonly record: QuarantinedRecord }
  | { readonly kind: "stored elsewhere"; readonly reason: string; readonly record: StoredElsewhere }
  | { readonly kind: "batch"; readonly reason: string; readonly batch: DiscardedBatch }
  | {
      readonly kind: "kept batch";
      readonly reason: "given-up";
      readonly bucket: string;
      readonly key: string;
    }
  /** S3 tried the queue: nothing to put back. */
  | { readonly kind: "test"; readonly reason: "test" }
  | { readonly kind: "unknown"; readonly reason: "unknown" };

/** Reads a message of the quarantine, or of the queue for batches that Lambda gave up. */
export function readMessage(body: string): Message {
  const json = parseJson(body);
  const record = QuarantinedRecord.safeParse(json);
  if (record.success) return { kind: "record", reason: record.data.reason, record: record.data };
  const elsewhere = StoredElsewhere.safeParse(json);
  if (elsewhere.success) {
    return { kind: "stored elsewhere", reason: elsewhere.data.reason, record: elsewhere.data };
  }
  const batch = DiscardedBatch.safeParse(json);
  if (batch.success) {
    return { kind: "batch", reason: batch.data.requestContext.condition, batch: batch.data.KinesisBatchInfo };
  }
  const created = ObjectCreated.safeParse(json);
  if (created.success) {
    const { bucket, object } = created.data.Records[0].s3;
    const key = decodeURIComponent(object.key.replaceAll("+", " "));
    return { kind: "kept batch", reason: "given-up", bucket: bucket.name, key };
  }
  if (TestEvent.safeParse(json).success) return { kind: "test", reason: "test" };
  return { kind: "unknown", reason: "unknown" };
}

/** The records of a batch that Lambda put into a bucket. @throws if it is none */
export function readKeptBatch(text: string): z.output<typeof KinesisEvent>["Records"] {
  return KinesisEvent.parse(parseJson(KeptBatch.parse(parseJson(text)).payload)).Records;
}

/** The whole of a record that was too large for its message. @throws if it is not one. */
export function readDocument(text: string): QuarantinedRecord {
  return QuarantinedRecord.parse(parseJson(text));
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
