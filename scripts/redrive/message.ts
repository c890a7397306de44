import * as z from "zod/mini";

const place = {
  stream: z.string(),
  shard: z.string(),
  sequenceNumber: z.string(),
  subSequenceNumber: z.int(),
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

export type QuarantinedRecord = z.output<typeof QuarantinedRecord>;
export type StoredElsewhere = z.output<typeof StoredElsewhere>;
export type DiscardedBatch = z.output<typeof DiscardedBatch>["KinesisBatchInfo"];

export type Message =
  | { readonly kind: "record"; readonly reason: string; readonly record: QuarantinedRecord }
  | { readonly kind: "stored elsewhere"; readonly reason: string; readonly record: StoredElsewhere }
  | { readonly kind: "batch"; readonly reason: string; readonly batch: DiscardedBatch }
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
  return { kind: "unknown", reason: "unknown" };
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
