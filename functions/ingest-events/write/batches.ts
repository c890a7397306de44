import type { KeyGroup } from "../plan/plan.ts";

/** BatchWriteItem takes 25 puts and 16 MB. */
const MAX_COUNT = 25;
/**
 * The request is JSON: names, type tags and escapes come on top of the bytes that DynamoDB counts. Half of
 * the limit leaves room for all of that, and 25 items of the common size never get there.
 */
const MAX_BYTES = 8 * 1024 * 1024;

/** Cuts the groups into requests by count and by bytes, in their order. */
export function batchesOf(groups: readonly KeyGroup[]): KeyGroup[][] {
  const chunks: KeyGroup[][] = [];
  let chunk: KeyGroup[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.writes[0].bytes;
    if (chunk.length === MAX_COUNT || (chunk.length > 0 && bytes + size > MAX_BYTES)) {
      chunks.push(chunk);
      chunk = [];
      bytes = 0;
    }
    chunk.push(group);
    bytes += size;
  }
  if (chunk.length > 0) chunks.push(chunk);
  return chunks;
}
