import type { Run } from "../../../shared/lambda/run.ts";
import type { Decoded } from "../decode/decode.ts";
import type { KinesisBatch } from "../decode/kinesis-event.ts";
import type { Plan } from "../plan/plan.ts";
import type { Written } from "../write/outcomes.ts";
import { type BatchReport, report } from "./report.ts";

export interface Outcome {
  readonly batch: KinesisBatch;
  readonly decoded: Decoded;
  readonly planned: Plan;
  readonly written: Written;
  /** ms since the epoch. */
  readonly startedAt: number;
}

/**
 * Writes the batch's metrics and its line in the log.
 * Received = Stored + Duplicates + Superseded + Quarantined + Unfinished. Conflicts are among Quarantined.
 */
export function measure(
  { batch, decoded, planned, written, startedAt }: Outcome,
  quarantined: number,
  unfinished: number,
  run: Run,
): void {
  const now = run.clock.now();
  const last = batch.records.at(-1);
  const counts = {
    Received: decoded.events.length + decoded.poison.length,
    Stored: written.stored.length,
    Duplicates: written.duplicates.length,
    Superseded: written.superseded.length,
    Conflicts: written.conflicts.length,
    Quarantined: quarantined,
    Unfinished: unfinished,
    Retries: written.retries,
    IdsFromPosition: planned.idsFromPosition,
    WithoutTime: planned.withoutTime,
  };
  const dimensions = { Stream: batch.stream };
  for (const [name, value] of Object.entries(counts)) run.metrics.count(name, value, dimensions);
  run.metrics.record("BatchTime", "Milliseconds", now - startedAt, dimensions);
  if (last !== undefined) {
    const age = now - last.kinesis.approximateArrivalTimestamp * 1000;
    run.metrics.record("IteratorAge", "Milliseconds", Math.max(0, age), dimensions);
  }
  run.log.info("batch landed", { stream: batch.stream, shard: batch.shard, ...counts });
  if (planned.idsFromPosition > 0) {
    run.log.warn(
      `events without an id: ${planned.idsFromPosition}; a producer's retry of them is stored twice`,
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
