import type { Reshard } from "../../functions/reshard-streams/model/decision.ts";
import type { Minute } from "../../functions/reshard-streams/model/observation.ts";
import { KinesisModel, MODEL_DEFAULTS, shareOf } from "./kinesis-model.ts";
import { RetryQueue } from "./retries.ts";
import { type Offered, shardsWorth } from "./traffic.ts";

const MINUTE_MS = 60_000;
/** The longest look-back there is. */
const KEPT_MINUTES = 60;

export interface SimulationOptions {
  /** What producers offer, minute by minute. */
  readonly offered: readonly Offered[];
  /** Begin of the first minute, ms since the epoch. */
  readonly start: number;
  readonly initialShards: number;
  /** How long after its end a minute's metrics are there, ms. */
  readonly metricsLateMs: number;
  /** Whether refused records are offered again in the next minute, as the SDKs do. */
  readonly retries: boolean;
}

/** A decision to change nothing. */
export interface SimulatedHold {
  readonly kind: "hold";
  readonly at: number;
  readonly verdict: string;
  readonly reason: string;
}

/** One change that a simulated stream made. */
export interface SimulatedChange {
  readonly at: number;
  readonly kind: Reshard["kind"];
  readonly from: number;
  readonly to: number;
  readonly verdict: string;
  readonly reason: string;
}

export interface SimulationResult {
  readonly shardHours: number;
  /** Share of records that were not taken at their first offer. */
  readonly delayedShare: number;
  readonly offeredRecords: number;
  /** Records that were not taken at their first offer, and those of them that were never taken. */
  readonly delayedRecords: number;
  readonly abandonedRecords: number;
  /** The longest that a record waited until it was taken or given up, minutes. */
  readonly worstDelayMinutes: number;
  /** Minutes in which anything was refused. */
  readonly throttledMinutes: number;
  /** Every decision, oldest first; the changes among them. */
  readonly decisions: readonly (SimulatedHold | SimulatedChange)[];
  readonly changes: readonly SimulatedChange[];
  /** Changes that Kinesis refused. */
  readonly refusedChanges: number;
  /** Of each minute: open shards, and records that were refused at their first offer. */
  readonly open: readonly number[];
  readonly delayed: readonly number[];
}

/** What a policy knows at one moment, and the model it may change. */
export interface Moment {
  readonly now: number;
  readonly model: KinesisModel;
  /** The minutes of the last hour whose metrics are there, oldest first. A minute without traffic has none. */
  readonly minutes: readonly Minute[];
}

/** One way to size a stream: asked at every minute, as the sweep is. */
export type Controller = (moment: Moment) => SimulatedHold | SimulatedChange | undefined;

/** Runs one controller over what was offered, minute by minute. */
export function simulate(controller: Controller, options: SimulationOptions): SimulationResult {
  const { offered, start, initialShards, metricsLateMs, retries } = options;
  const model = new KinesisModel({ shards: initialShards, ...MODEL_DEFAULTS });
  const metrics = new LateMetrics(metricsLateMs);
  const queue = new RetryQueue();
  const decisions: (SimulatedHold | SimulatedChange)[] = [];
  const open: number[] = [];
  const delayed: number[] = [];
  let throttledMinutes = 0;
  for (const [index, first] of offered.entries()) {
    const at = start + index * MINUTE_MS;
    const decision = controller({ now: at, model, minutes: metrics.knownAt(at) });
    if (decision) decisions.push(decision);
    const shards = model.shardsAt(at);
    const total = { bytes: queue.bytes + first.bytes, records: queue.records + first.records };
    const accepted = acceptedShare(shardsWorth(total), shards.map(shareOf));
    const refused = (1 - accepted) * total.records;
    if (accepted < 1) throttledMinutes += 1;
    delayed.push(Math.min(first.records, refused));
    open.push(shards.length);
    queue.pass(index, first, accepted);
    if (!retries) queue.forget();
    metrics.record(at, {
      bytes: Math.round(accepted * total.bytes),
      records: Math.round(accepted * total.records),
      throttled: Math.round(refused),
      readBytes: first.readBytes,
    });
  }
  const offeredRecords = offered.reduce((sum, { records }) => sum + records, 0);
  const delayedRecords = delayed.reduce((sum, each) => sum + each, 0);
  return {
    shardHours: open.reduce((sum, each) => sum + each, 0) / 60,
    delayedShare: offeredRecords === 0 ? 0 : delayedRecords / offeredRecords,
    ...{ offeredRecords, delayedRecords, throttledMinutes, decisions, open, delayed },
    abandonedRecords: queue.abandonedRecords,
    worstDelayMinutes: queue.worstDelayMinutes,
    changes: decisions.filter((one) => one.kind !== "hold"),
    refusedChanges: model.refusedChanges,
  };
}

/** Which share of `demand` (in shards' worth) is taken by shards that own these shares of the keys. */
function acceptedShare(demand: number, owned: readonly number[]): number {
  if (demand === 0) return 1;
  const taken = owned.reduce((sum, share) => sum + Math.min(1, demand * share), 0);
  return taken >= demand - 1e-9 ? 1 : taken / demand;
}

/** Minute metrics as CloudWatch has them: each so long after its minute's end. */
class LateMetrics {
  readonly #minutes: Minute[] = [];
  readonly #lateMs: number;

  constructor(lateMs: number) {
    this.#lateMs = lateMs;
  }

  record(at: number, { bytes, records, throttled, readBytes }: Omit<Minute, "at" | "throttledReads">): void {
    // Kinesis publishes nothing of a minute in which nothing was offered and nothing was read.
    if (bytes + records + throttled + readBytes === 0) return;
    this.#minutes.push({ at, bytes, records, throttled, readBytes, throttledReads: 0 });
  }

  knownAt(now: number): readonly Minute[] {
    const newest = this.#minutes.slice(-KEPT_MINUTES - 5);
    return newest.filter(
      ({ at }) => at >= now - KEPT_MINUTES * MINUTE_MS && at + MINUTE_MS + this.#lateMs <= now,
    );
  }
}
