import type { KeyGroup } from "../plan/plan.ts";

/**
 * BatchWriteItem takes 16 MB. The request is JSON: names, type tags and escapes come on top of the bytes that
 * DynamoDB counts. Half of the limit leaves room for all of that, and 25 items of the common size never get there.
 */
const MAX_BYTES = 8 * 1024 * 1024;

/** Cuts the groups into calls of at most `maxWrites` and of at most 8 MiB, in their order. */
export function batchesOf(groups: readonly KeyGroup[], maxWrites: number): KeyGroup[][] {
  const batches: KeyGroup[][] = [];
  let batch: KeyGroup[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.writes[0].bytes;
    if (batch.length === maxWrites || (batch.length > 0 && bytes + size > MAX_BYTES)) {
      batches.push(batch);
      batch = [];
      bytes = 0;
    }
    batch.push(group);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}
