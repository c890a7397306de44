import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod/mini";
import { readAggregate } from "../../functions/ingest-events/decode/kpl.ts";
import type { EventRecord } from "./kinesis-event.ts";

const Report = z.object({
  batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })),
  reason: z.optional(z.string()),
  quarantined: z._default(z.number(), 0),
});

/** A synchronous invocation takes 6 MB. */
const MAX_EVENT_BYTES = 5_000_000;
const MAX_RECORD_BYTES = 6_000_000;

export interface LandOptions {
  readonly functionName: string;
  /** In mode `append`: take the place of what the table holds under the same id. */
  readonly overwrite: boolean;
}

export interface Landed {
  /** Whether the function has stored or recognised what fits of a record, or quarantined it again. */
  readonly isDone: (record: EventRecord) => boolean;
  /** Why the next one was left, where the function says so. */
  readonly reason: string | undefined;
  /** What is larger than an invocation, and was not brought: parts of records, or records that have none. */
  readonly tooLarge: readonly EventRecord[];
  /** How many events it has quarantined again. */
  readonly quarantined: number;
}

/**
 * Brings records of one shard to the function, in order.
 * @throws {Error} if the function failed
 */
export async function land(
  lambda: LambdaClient,
  { functionName: FunctionName, overwrite }: LandOptions,
  records: readonly EventRecord[],
): Promise<Landed> {
  let quarantined = 0;
  const parts = records.flatMap(takenApart);
  const tooLarge = parts.filter(isTooLarge);
  for (const batch of batchesOf(parts.filter((part) => !isTooLarge(part)))) {
    const Payload = JSON.stringify({ Records: batch, redrive: { overwrite } });
    const answer = await lambda.send(new InvokeCommand({ FunctionName, Payload }));
    const text = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError !== undefined) {
      throw new Error(`${FunctionName} failed: ${text.slice(0, 500)}`);
    }
    const report = Report.parse(JSON.parse(text));
    quarantined += report.quarantined;
    const [first] = report.batchItemFailures;
    if (first !== undefined) {
      const failed = BigInt(first.itemIdentifier);
      return {
        isDone: ({ kinesis }) => BigInt(kinesis.sequenceNumber) < failed,
        reason: report.reason,
        ...{ tooLarge, quarantined },
      };
    }
  }
  return { isDone: () => true, reason: undefined, tooLarge, quarantined };
}

function isTooLarge(record: EventRecord): boolean {
  return JSON.stringify(record).length > MAX_RECORD_BYTES;
}

/** An aggregate that is too large for an invocation as its sub-records, each with its own place. */
function takenApart(record: EventRecord): readonly EventRecord[] {
  const { kinesis } = record;
  if (kinesis.subSequenceNumber !== undefined || !isTooLarge(record)) return [record];
  const parts = readAggregate(Buffer.from(kinesis.data, "base64")) ?? [];
  if (parts.length === 0) return [record];
  return parts.map(({ partitionKey, data }, subSequenceNumber) => ({
    ...record,
    kinesis: { ...kinesis, partitionKey, subSequenceNumber, data: data.toString("base64") },
  }));
}

function batchesOf(records: readonly EventRecord[]): EventRecord[][] {
  const batches: EventRecord[][] = [];
  let batch: EventRecord[] = [];
  let bytes = 0;
  for (const record of records) {
    const size = JSON.stringify(record).length;
    if (batch.length > 0 && bytes + size > MAX_EVENT_BYTES) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(record);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
