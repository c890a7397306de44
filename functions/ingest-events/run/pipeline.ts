import type { Run } from "../../../shared/lambda/run.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { type Decoded, decode } from "../decode/decode.ts";
import type { KinesisBatch } from "../decode/kinesis-event.ts";
import { type Plan, plan } from "../plan/plan.ts";
import { type Quarantine, quarantineAll, type Rejected } from "../quarantine/quarantine.ts";
import type { Table } from "../write/table.ts";
import type { Budget } from "../write/time-budget.ts";
import { type Written, write } from "../write/write.ts";
import { type BatchReport, report } from "./report.ts";

/** What one stream's events are landed with. */
export interface IngestContext {
  readonly policy: StreamPolicy;
  readonly table: Table;
  readonly quarantine: Quarantine;
  /** The invocation's time up to so many milliseconds before Lambda's time-out. */
  readonly budget: (keepMs: number) => Budget;
  /** Decode and plan, say what would be written, write nothing. */
  readonly observeOnly: boolean;
}

/**
 * Kept back of the invocation's time: writing ends first, so that what it turned up can still be quarantined;
 * then that ends, so that the report is still heard. (The stack itself ends 1.5 s before the time-out.)
 */
const KEEP_AFTER_WRITING_MS = 5_000;
const KEEP_AFTER_QUARANTINE_MS = 2_500;

/** So many of a batch's quarantined records are described in its trace and its log. */
const SHOWN = 20;

/** decode -> plan -> write -> report; whatever can never succeed goes to quarantine before the report. */
export async function ingest(batch: KinesisBatch, landing: IngestContext, run: Run): Promise<BatchReport> {
  const { policy, quarantine, budget, observeOnly } = landing;
  const began = run.clock.now();
  const decoded = await decodeStage(batch, run);
  const planned = await planStage(decoded, policy, batch, run);
  const poison: readonly Rejected[] = [...decoded.poison, ...planned.poison];
  run.progress(`planned ${planned.groups.length} keys of ${batch.stream}; none is reported as done`);

  if (observeOnly) {
    run.log.info("mode is observe: nothing was written", {
      stream: batch.stream,
      wouldWrite: planned.groups.length,
      wouldQuarantine: poison.length,
    });
    return report([]);
  }

  const send = (rejected: readonly Rejected[]) =>
    quarantineStage(rejected, batch, quarantine, budget(KEEP_AFTER_QUARANTINE_MS), run);
  const sending = send(poison);
  const written = await writeStage(planned, batch, landing, run).finally(() => sending);
  const found: readonly Rejected[] = [
    ...written.refused,
    ...written.conflicts.map(({ write: { origin }, stored }) => ({ ...conflict, origin, stored })),
  ];
  const notSent = [...(await sending), ...(await send(found))];

  return reportStage(
    { batch, decoded, planned, written, rejected: poison.length + found.length, notSent, began },
    run,
  );
}

const conflict = {
  reason: "conflict",
  detail: "the same id or version stands in the table with different content",
} as const;

function decodeStage({ stream, shard, records }: KinesisBatch, run: Run): Promise<Decoded> {
  return run.stage("decode", async (stage) => {
    const decoded = decode(records);
    stage.annotate("resource", `stream/${stream}`);
    stage.annotate("shard", shard);
    stage.annotate("records", records.length);
    stage.annotate("events", decoded.events.length);
    stage.annotate("poison", decoded.poison.length);
    return decoded;
  });
}

function planStage(
  decoded: Decoded,
  policy: StreamPolicy,
  { stream, shard }: KinesisBatch,
  run: Run,
): Promise<Plan> {
  return run.stage("plan", async (stage) => {
    const planned = plan(decoded.events, policy, shard);
    stage.annotate("resource", `stream/${stream}`);
    stage.annotate("keys", planned.groups.length);
    stage.annotate("poison", planned.poison.length);
    return planned;
  });
}

function writeStage(
  planned: Plan,
  { stream }: KinesisBatch,
  { policy, table, budget }: IngestContext,
  run: Run,
): Promise<Written> {
  return run.stage("write", async (stage) => {
    stage.annotate("resource", `stream/${stream}`);
    const written = await write(planned.groups, policy, table, budget(KEEP_AFTER_WRITING_MS));
    stage.annotate("table", policy.table);
    stage.annotate("stored", written.stored.length);
    stage.annotate("duplicates", written.duplicates.length);
    stage.annotate("superseded", written.superseded.length);
    stage.annotate("conflicts", written.conflicts.length);
    stage.annotate("unfinished", written.unfinished.length);
    stage.annotate("retries", written.retries);
    return written;
  });
}

async function quarantineStage(
  rejected: readonly Rejected[],
  { stream, shard }: KinesisBatch,
  quarantine: Quarantine,
  budget: Budget,
  run: Run,
): Promise<readonly Rejected[]> {
  if (rejected.length === 0) return [];
  return run.stage("quarantine", async (stage) => {
    const source = { stream, shard, traceId: run.traceId, requestId: run.id };
    const notSent = await quarantineAll(rejected, source, quarantine, budget);
    stage.annotate("resource", `stream/${stream}`);
    stage.annotate("reason", [...new Set(rejected.map(({ reason }) => reason))].join(" "));
    stage.annotate("quarantined", rejected.length - notSent.length);
    stage.annotate("notQuarantined", notSent.length);
    // Not what is in them: that is for those who may read the queue.
    const records = rejected.slice(0, SHOWN).map(({ reason, origin }) => {
      return { reason, sequenceNumber: origin.sequenceNumber, subSequenceNumber: origin.subSequenceNumber };
    });
    stage.metadata("records", records);
    run.log.warn(`quarantined ${rejected.length - notSent.length} of ${rejected.length} records`, {
      resource: `stream/${stream}`,
      shard,
      records,
    });
    return notSent;
  });
}

function reportStage(outcome: Outcome, run: Run): Promise<BatchReport> {
  return run.stage("report", async (stage) => {
    measure(outcome, run);
    const unfinished = [...outcome.written.unfinished, ...outcome.notSent];
    const answer = report(unfinished.map(({ origin }) => origin));
    stage.annotate("resource", `stream/${outcome.batch.stream}`);
    stage.annotate("unfinished", unfinished.length);
    stage.annotate("from", answer.batchItemFailures[0]?.itemIdentifier ?? "");
    return answer;
  });
}

interface Outcome {
  readonly batch: KinesisBatch;
  readonly decoded: Decoded;
  readonly planned: Plan;
  readonly written: Written;
  readonly rejected: number;
  readonly notSent: readonly Rejected[];
  readonly began: number;
}

/** Received = Stored + Duplicates + Superseded + Quarantined + Unfinished. Conflicts are among Quarantined. */
function measure({ batch, decoded, planned, written, rejected, notSent, began }: Outcome, run: Run): void {
  const now = run.clock.now();
  const last = batch.records.at(-1);
  const counts = {
    Received: decoded.events.length + decoded.poison.length,
    Stored: written.stored.length,
    Duplicates: written.duplicates.length,
    Superseded: written.superseded.length,
    Conflicts: written.conflicts.length,
    Quarantined: rejected - notSent.length,
    Unfinished: written.unfinished.length + notSent.length,
    Retries: written.retries,
    IdsFromPosition: planned.idsFromPosition,
    WithoutTime: planned.withoutTime,
  };
  const dimensions = { Stream: batch.stream };
  for (const [name, value] of Object.entries(counts)) run.metrics.count(name, value, dimensions);
  run.metrics.record("BatchTime", "Milliseconds", now - began, dimensions);
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
