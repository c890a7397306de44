import type { KeyGroup } from "../plan/plan.ts";

/**
 * DynamoDB takes 16 MB a call, and of its JSON there may be several times as many bytes as it counts. Eight calls are in
 * flight: with 2 MiB a call that is never much, and 25 items of the common size never get there.
 */
const MAX_BYTES = 2 * 1024 * 1024;

/** Cuts the groups into calls of at most `maxWrites` and of at most 2 MiB of text, in their order. */
export function batchesOf(groups: readonly KeyGroup[], maxWrites: number): KeyGroup[][] {
  const batches: KeyGroup[][] = [];
  let batch: KeyGroup[] = [];
  let bytes = 0;
  for (const group of groups) {
    const size = group.writes[0].item.json.length;
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
