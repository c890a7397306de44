import type { Run } from "../../../shared/lambda/run.ts";
import type { Annotations } from "../../../shared/tracing/annotations.ts";
import type { Stage } from "../../../shared/tracing/subsegment.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { decode } from "../decode/decode.ts";
import type { KinesisBatch } from "../decode/kinesis-event.ts";
import { plan } from "../plan/plan.ts";
import { type Quarantine, quarantineAll, type Rejected } from "../quarantine/quarantine.ts";
import type { Table } from "../write/answer.ts";
import type { Conflict } from "../write/outcomes.ts";
import type { Budget } from "../write/time-budget.ts";
import { write } from "../write/write.ts";
import { holdBatch, measure } from "./measure.ts";
import { type BatchReport, report } from "./report.ts";

/**
 * What became of an event, in one word each, the same in code, metrics, traces and docs:
 *
 * | word | meaning |
 * |---|---|
 * | stored | This invocation wrote it. |
 * | duplicate | The table holds the same item already. |
 * | superseded | Only in `latest`: the table holds a later version. |
 * | poison | It can never become an item; found before any call. |
 * | refused | DynamoDB will never take the item. |
 * | conflict | The table holds other content under the same id or version. |
 * | rejected | Any of the three above: it goes to the quarantine. |
 * | quarantined | Rejected, and the quarantine has it. |
 * | unfinished | None of all these yet: it is reported to Lambda and comes again. |
 */

/** What one stream's events are written with. */
export interface IngestContext {
  readonly policy: StreamPolicy;
  readonly table: Table;
  readonly quarantine: Quarantine;
  /** The invocation's time up to so many milliseconds before Lambda's time-out. */
  readonly budget: (keepMs: number) => Budget;
  /** Decode and plan, log what would be written, write nothing and acknowledge nothing. */
  readonly observeOnly: boolean;
}

/**
 * Kept back of the invocation's time: writing ends first, so that what it rejects can still be quarantined; then
 * that ends, so that the report still reaches Lambda. (The stack itself ends 1.5 s before the time-out.)
 */
const KEEP_AFTER_WRITING_MS = 5_000;
const KEEP_AFTER_QUARANTINE_MS = 2_500;

/** So many of a batch's rejected records are described in its trace and its log. */
const MAX_SHOWN = 20;

/** decode -> plan -> write -> report. What is rejected goes to the quarantine before the report. */
export async function ingest(batch: KinesisBatch, context: IngestContext, run: Run): Promise<BatchReport> {
  const { policy, table, budget, observeOnly } = context;
  const startedAt = run.clock.now();
  const stage = stagesOf(batch, run);

  const decoded = await stage(
    "decode",
    async () => decode(batch.records),
    ({ events, poison }) => ({
      shard: batch.shard,
      records: batch.records.length,
      events: events.length,
      poison: poison.length,
    }),
  );
  const planned = await stage(
    "plan",
    async () => plan(decoded.events, policy, `${batch.stream}/${batch.shard}`),
    ({ groups, poison }) => ({ keys: groups.length, poison: poison.length }),
  );
  const poison = [...decoded.poison, ...planned.poison];
  run.progress(`planned ${planned.groups.length} keys of ${batch.stream}; none is reported as done`);
  if (observeOnly) {
    const counts = { wouldWrite: planned.groups.length, wouldQuarantine: poison.length };
    run.log.info("mode is observe: nothing was written", { stream: batch.stream, ...counts });
    return holdBatch(batch, "mode is observe: nothing was written, and nothing is acknowledged", run);
  }

  const poisonQuarantined = quarantineRejected(poison, batch, context, run);
  const written = await stage(
    "write",
    () => write(planned.groups, policy, table, budget(KEEP_AFTER_WRITING_MS)),
    ({ stored, duplicates, superseded, conflicts, unfinished, retries }) => ({
      table: policy.table,
      stored: stored.length,
      duplicates: duplicates.length,
      superseded: superseded.length,
      conflicts: conflicts.length,
      unfinished: unfinished.length,
      retries,
    }),
  ).finally(() => poisonQuarantined);
  const rejected = [...written.refused, ...written.conflicts.map(asRejected)];
  const notQuarantined = [
    ...(await poisonQuarantined),
    ...(await quarantineRejected(rejected, batch, context, run)),
  ];

  const unfinished = [...written.unfinished, ...notQuarantined];
  return stage(
    "report",
    async () => {
      const outcome = { batch, decoded, planned, written, startedAt };
      measure(outcome, poison.length + rejected.length - notQuarantined.length, unfinished.length, run);
      return report(unfinished.map(({ origin }) => origin));
    },
    ({ batchItemFailures: [first] }) => ({
      unfinished: unfinished.length,
      from: first?.itemIdentifier ?? "",
    }),
  );
}

function asRejected({ write: { origin }, stored }: Conflict): Rejected {
  const detail = "the same id or version stands in the table with different content";
  return { origin, reason: "conflict", detail, stored };
}

/** Runs one part of the work as a subsegment of the trace, annotated with what came of it. */
type StageOf = <T>(
  name: string,
  body: (stage: Stage) => Promise<T>,
  annotationsOf: (result: T) => Partial<Annotations>,
) => Promise<T>;

function stagesOf({ stream }: KinesisBatch, run: Run): StageOf {
  return (name, body, annotationsOf) =>
    run.stage(name, async (part) => {
      part.annotate("resource", `stream/${stream}`);
      const result = await body(part);
      for (const [key, value] of Object.entries(annotationsOf(result))) {
        part.annotate(key as keyof Annotations, value);
      }
      return result;
    });
}

/** @returns what the quarantine did not take. */
async function quarantineRejected(
  rejected: readonly Rejected[],
  batch: KinesisBatch,
  { quarantine, budget }: IngestContext,
  run: Run,
): Promise<readonly Rejected[]> {
  if (rejected.length === 0) return [];
  const { stream, shard } = batch;
  const source = { stream, shard, traceId: run.traceId, requestId: run.id };
  // Not what is in them: that is for those who may read the queue.
  const records = rejected.slice(0, MAX_SHOWN).map(({ reason, origin }) => {
    return { reason, sequenceNumber: origin.sequenceNumber, subSequenceNumber: origin.subSequenceNumber };
  });
  const notQuarantined = await stagesOf(batch, run)(
    "quarantine",
    (stage) => {
      stage.metadata("records", records);
      return quarantineAll(rejected, source, quarantine, budget(KEEP_AFTER_QUARANTINE_MS));
    },
    (left) => ({
      reason: [...new Set(rejected.map(({ reason }) => reason))].join(" "),
      quarantined: rejected.length - left.length,
      notQuarantined: left.length,
    }),
  );
  const taken = rejected.length - notQuarantined.length;
  run.log.warn(`quarantined ${taken} of ${rejected.length} records`, {
    resource: `stream/${stream}`,
    shard,
    records,
  });
  return notQuarantined;
}
