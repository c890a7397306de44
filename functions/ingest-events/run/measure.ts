import type { Run } from "../../../shared/lambda/run.ts";
import type { KinesisBatch } from "../decode/kinesis-event.ts";
import { type BatchReport, report } from "./report.ts";
import type { Counts } from "./tally.ts";

/**
 * Writes the batch's metrics and its line in the log.
 * @param startedAt ms since the epoch
 */
export function measure(batch: KinesisBatch, counts: Counts, startedAt: number, run: Run): void {
  const now = run.clock.now();
  const last = batch.records.at(-1);
  const dimensions = { Stream: batch.stream };
  for (const [name, value] of Object.entries(counts)) run.metrics.count(name, value, dimensions);
  run.metrics.record("BatchTime", "Milliseconds", now - startedAt, dimensions);
  if (last !== undefined) {
    const age = now - last.kinesis.approximateArrivalTimestamp * 1000;
    run.metrics.record("IteratorAge", "Milliseconds", Math.max(0, age), dimensions);
  }
  run.log.info("batch landed", { stream: batch.stream, shard: batch.shard, ...counts });
  if (counts.IdsFromPosition > 0) {
    run.log.warn(
      `events without an id: ${counts.IdsFromPosition}; a producer's retry of them is stored twice`,
    );
  }
}

/**
 * Leaves the whole batch unfinished: its first record is reported to Lambda, so that the checkpoint stays before it.
 * @param reason for the log, and for a redrive that waits for the answer.
 */
export function holdBatch({ stream, records }: KinesisBatch, reason: string, run: Run): BatchReport {
  for (const name of ["Received", "Unfinished"]) run.metrics.count(name, records.length, { Stream: stream });
  run.log.warn(`no record is acknowledged: ${reason}`, { resource: `stream/${stream}` });
  return { ...report(records.slice(0, 1).map(({ kinesis }) => kinesis)), reason };
}
