import { InvokeCommand, type LambdaClient } from "@aws-sdk/client-lambda";
import * as z from "zod/mini";
import type { EventRecord } from "./kinesis-event.ts";

const Report = z.object({ batchItemFailures: z.array(z.object({ itemIdentifier: z.string() })) });

/** A synchronous invocation takes 6 MB. */
const MAX_EVENT_BYTES = 5_000_000;

/**
 * Brings records of one shard to the function, in order.
 *
 * @returns how many from the first on the function has dealt with: stored, recognised, or quarantined again.
 * @throws {Error} if the function failed
 */
export async function land(
  lambda: LambdaClient,
  FunctionName: string,
  records: readonly EventRecord[],
): Promise<number> {
  let done = 0;
  for (const batch of batchesOf(records)) {
    const { FunctionError, Payload } = await lambda.send(
      new InvokeCommand({ FunctionName, Payload: JSON.stringify({ Records: batch }) }),
    );
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(`${FunctionName} failed: ${text.slice(0, 500)}`);
    const [first] = Report.parse(JSON.parse(text)).batchItemFailures;
    if (first !== undefined) {
      const place = batch.findIndex(({ kinesis }) => kinesis.sequenceNumber === first.itemIdentifier);
      return done + Math.max(0, place);
    }
    done += batch.length;
  }
  return done;
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
