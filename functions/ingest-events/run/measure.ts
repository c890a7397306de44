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
  const dimensions = { Stream: batch.stream };
  for (const [name, value] of Object.entries(counts)) run.metrics.count(name, value, dimensions);
  run.metrics.note("BatchTime", now - startedAt, dimensions);
  recordAge(batch, run);
  run.log.info("batch landed", { stream: batch.stream, shard: batch.shard, ...counts });
  if (counts.IdsFromPosition > 0) {
    run.log.warn(
      `events without an id: ${counts.IdsFromPosition}; a producer's retry of them is stored twice`,
    );
  }
}

/** How old the batch's last record is: an alarm on it says that a stream is behind. */
function recordAge({ stream, records }: KinesisBatch, { clock, metrics }: Run): void {
  const last = records.at(-1);
  if (last === undefined) return;
  const age = clock.now() - last.kinesis.approximateArrivalTimestamp * 1000;
  metrics.record("IteratorAge", "Milliseconds", Math.max(0, age), { Stream: stream });
}

/**
 * Leaves the whole batch unfinished: its first record is reported to Lambda, so that the checkpoint stays before it.
 * @param reason for the log, and for a redrive that waits for the answer.
 */
export function holdBatch(batch: KinesisBatch, reason: string, run: Run): BatchReport {
  const { stream, records } = batch;
  recordAge(batch, run);
  for (const name of ["Received", "Unfinished"]) run.metrics.count(name, records.length, { Stream: stream });
  run.log.warn(`no record is acknowledged: ${reason}`, { resource: `stream/${stream}` });
  return { ...report(records.slice(0, 1).map(({ kinesis }) => kinesis)), reason };
}
