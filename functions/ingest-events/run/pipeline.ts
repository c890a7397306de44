import type { Run } from "../../../shared/lambda/run.ts";
import type { Annotations } from "../../../shared/tracing/annotations.ts";
import type { Stage } from "../../../shared/tracing/subsegment.ts";
import type { StreamLanding, StreamPolicy } from "../config/policy.ts";
import type { Origin } from "../decode/event.ts";
import type { KinesisBatch, Redrive } from "../decode/kinesis-event.ts";
import { type KeyGroup, plan } from "../plan/plan.ts";
import { type Quarantine, quarantineAll, type Rejected, sentWhole } from "../quarantine/quarantine.ts";
import type { Table } from "../write/answer.ts";
import { type Conflict, together, type Written } from "../write/outcomes.ts";
import type { Budget } from "../write/time-budget.ts";
import { write } from "../write/write.ts";
import { BatchReader, type Part } from "./batch-reader.ts";
import { KeySet } from "./key-set.ts";
import { holdBatch, measure } from "./measure.ts";
import { type BatchReport, report } from "./report.ts";
import { Tally } from "./tally.ts";

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
 * | dropped | A route of the policy drops it, or its record holds no event. |
 * | unfinished | None of all these yet: it is reported to Lambda and comes again. |
 */

/** What one stream's events are written with. */
export interface IngestContext {
  readonly landing: StreamLanding;
  /** The table of one of its routes. */
  readonly tableOf: (policy: StreamPolicy, how: Redrive | undefined) => Table;
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
  return new Ingestion(batch, context, run).run();
}

/** One batch on its way through the stages, part by part. */
class Ingestion {
  readonly #batch: KinesisBatch;
  readonly #context: IngestContext;
  readonly #run: Run;
  readonly #stage: StageOf;
  readonly #tally = new Tally();
  /** Only in `append`: the keys that parts and routes before have written, by table. */
  readonly #written = new Map<string, KeySet>();
  readonly #unfinished: Pick<Origin, "sequenceNumber">[] = [];
  /** The places of records that are in quarantine as a whole: what else of them is rejected is there already. */
  readonly #inQuarantine = new Set<number>();

  constructor(batch: KinesisBatch, context: IngestContext, run: Run) {
    this.#batch = batch;
    this.#context = context;
    this.#run = run;
    this.#stage = stagesOf(batch, run);
  }

  async run(): Promise<BatchReport> {
    const startedAt = this.#run.clock.now();
    const { landing, observeOnly, budget } = this.#context;
    const time = budget(KEEP_AFTER_WRITING_MS);
    const reader = new BatchReader(this.#batch, landing, () => time.left() > 0);
    // What is left unfinished is left for want of time; what comes after it must not be written before it.
    while (!reader.isDone && this.#unfinished.length === 0) {
      const part = await this.#read(reader);
      if (observeOnly) return this.#observe(part);
      await this.#write(part, !reader.isDone);
    }
    this.#leave(reader);
    return this.#report(startedAt);
  }

  #read(reader: BatchReader): Promise<Part> {
    const { shard, records } = this.#batch;
    return this.#stage(
      "decode",
      async () => reader.next(),
      ({ events, poison, producers: { annotation } }) => ({
        shard,
        records: records.length,
        events,
        poison: poison.length,
        ...(annotation !== undefined && { producers: annotation }),
      }),
    );
  }

  #observe({ writes, poison, unfit }: Part): BatchReport {
    const { stream } = this.#batch;
    const wouldWrite = [...writes.values()].flat().length;
    const counts = { wouldWrite, wouldQuarantine: poison.length + unfit.length };
    this.#run.log.info("mode is observe: nothing was written", { stream, ...counts });
    const reason = "mode is observe: nothing was written, and nothing is acknowledged";
    return holdBatch(this.#batch, reason, this.#run);
  }

  async #write(part: Part, hasMore: boolean): Promise<void> {
    this.#tally.read(part);
    const planned = await this.#stage(
      "plan",
      async () => [...part.writes].map(([policy, writes]) => ({ policy, groups: plan(writes, policy) })),
      (plans) => ({ keys: keysOf(plans), poison: part.unfit.length }),
    );
    this.#run.progress(`planned ${keysOf(planned)} keys of ${this.#batch.stream}; none is reported as done`);
    const poisonQuarantined = this.#quarantine([...part.poison, ...part.unfit]);
    try {
      for (const { policy, groups } of planned) {
        const written = await this.#writeTo(policy, groups);
        if (policy.mode === "append" && (hasMore || this.#isShared(policy))) this.#remember(policy, groups);
        await this.#quarantine([...written.refused, ...written.conflicts.map(asRejected)]);
      }
    } finally {
      await poisonQuarantined;
    }
  }

  async #writeTo(policy: StreamPolicy, groups: readonly KeyGroup[]): Promise<Written> {
    const { tableOf, budget } = this.#context;
    const { redrive } = this.#batch;
    const known = this.#written.get(policy.table);
    const [again, first] = partition(groups, ({ key }) => known?.mayHave(key) === true);
    const written = await this.#stage(
      "write",
      async () => {
        const time = budget(KEEP_AFTER_WRITING_MS);
        const done = await write(first, policy, tableOf(policy, redrive), time);
        if (again.length === 0) return done;
        // A part or a route before may have written their key: in `append` too, that must not be overwritten.
        const onCondition = tableOf(policy, redrive ?? { overwrite: false });
        return together(done, await write(again, policy, onCondition, time));
      },
      ({ stored, duplicates, superseded, conflicts, unfinished, retries }) => ({
        table: policy.table,
        stored: stored.length,
        duplicates: duplicates.length,
        superseded: superseded.length,
        conflicts: conflicts.length,
        unfinished: unfinished.length,
        retries,
      }),
    );
    this.#tally.written(written);
    this.#unfinished.push(...written.unfinished.map(({ origin }) => origin));
    return written;
  }

  /** Whether several routes write the policy's table. */
  #isShared({ table }: StreamPolicy): boolean {
    return this.#context.landing.routes.filter(({ policy }) => policy?.table === table).length > 1;
  }

  #remember({ table }: StreamPolicy, groups: readonly KeyGroup[]): void {
    const keys = this.#written.get(table) ?? new KeySet();
    for (const { key } of groups) keys.add(key);
    this.#written.set(table, keys);
  }

  async #quarantine(rejected: readonly Rejected[]): Promise<void> {
    const open = rejected.filter(({ origin }) => !this.#inQuarantine.has(origin.position));
    const left = await quarantineRejected(open, this.#batch, this.#context, this.#run);
    const isLeft = new Set(left.map(({ origin }) => origin.position));
    for (const position of sentWhole(open)) if (!isLeft.has(position)) this.#inQuarantine.add(position);
    this.#tally.quarantined(rejected, left);
    this.#unfinished.push(...left.map(({ origin }) => origin));
  }

  /** What was not read any more comes again. */
  #leave({ unreadFrom }: BatchReader): void {
    if (unreadFrom === undefined) return;
    const unread = this.#batch.records.slice(unreadFrom);
    this.#tally.unread(unread.length);
    this.#unfinished.push(...unread.slice(0, 1).map(({ kinesis }) => kinesis));
  }

  #report(startedAt: number): Promise<BatchReport> {
    const { counts } = this.#tally;
    return this.#stage(
      "report",
      async () => {
        measure(this.#batch, counts, startedAt, this.#run);
        const quarantined = this.#batch.redrive ? counts.Quarantined + counts.Conflicts : 0;
        return { ...report(this.#unfinished), ...(quarantined > 0 && { quarantined }) };
      },
      ({ batchItemFailures: [first] }) => ({
        unfinished: counts.Unfinished,
        from: first?.itemIdentifier ?? "",
      }),
    );
  }
}

function keysOf(plans: readonly { readonly groups: readonly KeyGroup[] }[]): number {
  return plans.reduce((sum, { groups }) => sum + groups.length, 0);
}

function partition<T>(items: readonly T[], isFirst: (item: T) => boolean): [T[], T[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

function asRejected(conflict: Conflict): Rejected {
  return {
    origin: conflict.write.origin,
    reason: "conflict",
    detail: "the same id or version stands in the table with different content",
    stored: conflict.stored,
  };
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
  const { stream, shard, records: all } = batch;
  const source = { stream, shard, records: all, traceId: run.traceId, requestId: run.id };
  // Not what is in them: that is for those who may read the queue.
  const records = rejected.slice(0, MAX_SHOWN).map(({ reason, origin }) => {
    const { sequenceNumber, subSequenceNumber, producerTraceId } = origin;
    return {
      reason,
      sequenceNumber,
      subSequenceNumber,
      ...(producerTraceId !== undefined && { producerTraceId }),
    };
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
