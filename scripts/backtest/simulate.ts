import type { Reshard } from "../../functions/reshard-streams/model/decision.ts";
import type { Minute } from "../../functions/reshard-streams/model/observation.ts";
import { KinesisModel, MODEL_DEFAULTS, shareOf } from "./kinesis-model.ts";
import { RetryQueue } from "./retries.ts";
import { NOTHING_OFFERED, type Offered, shardsWorth } from "./traffic.ts";

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
  const simulation = new Simulation(options);
  for (let moment = simulation.next(); moment; moment = simulation.next()) simulation.end(controller(moment));
  return simulation.result();
}

/** Minutes one by one, for whoever decides in them: `next` begins one, `end` lets its traffic come. */
export class Simulation {
  readonly #options: SimulationOptions;
  readonly #model: KinesisModel;
  readonly #metrics: LateMetrics;
  readonly #queue = new RetryQueue();
  readonly #decisions: (SimulatedHold | SimulatedChange)[] = [];
  readonly #open: number[] = [];
  readonly #delayed: number[] = [];
  #throttledMinutes = 0;

  constructor(options: SimulationOptions) {
    this.#options = options;
    this.#model = new KinesisModel({ shards: options.initialShards, ...MODEL_DEFAULTS });
    this.#metrics = new LateMetrics(options.metricsLateMs);
  }

  /** The next minute as it begins; undefined after the last. */
  next(): Moment | undefined {
    if (this.#open.length >= this.#options.offered.length) return undefined;
    const now = this.#now();
    return { now, model: this.#model, minutes: this.#metrics.knownAt(now) };
  }

  /** The minute's traffic, after what was decided at its beginning; its metrics, as they will be known. */
  end(decision: SimulatedHold | SimulatedChange | undefined): Minute {
    const { offered, retries } = this.#options;
    const [index, at] = [this.#open.length, this.#now()];
    const first = offered[index] ?? NOTHING_OFFERED;
    if (decision) this.#decisions.push(decision);
    const queue = this.#queue;
    const shards = this.#model.shardsAt(at);
    const total = { bytes: queue.bytes + first.bytes, records: queue.records + first.records };
    const accepted = acceptedShare(shardsWorth(total), shards.map(shareOf));
    const refused = (1 - accepted) * total.records;
    if (accepted < 1) this.#throttledMinutes += 1;
    this.#delayed.push(Math.min(first.records, refused));
    this.#open.push(shards.length);
    queue.pass(index, first, accepted);
    if (!retries) queue.forget();
    const minute: Minute = {
      at,
      bytes: Math.round(accepted * total.bytes),
      records: Math.round(accepted * total.records),
      throttled: Math.round(refused),
      ...{ readBytes: first.readBytes, throttledReads: 0 },
    };
    this.#metrics.record(minute);
    return minute;
  }

  result(): SimulationResult {
    const [decisions, open, delayed] = [this.#decisions, this.#open, this.#delayed];
    const offeredRecords = this.#options.offered.reduce((sum, { records }) => sum + records, 0);
    const delayedRecords = delayed.reduce((sum, each) => sum + each, 0);
    return {
      shardHours: open.reduce((sum, each) => sum + each, 0) / 60,
      delayedShare: offeredRecords === 0 ? 0 : delayedRecords / offeredRecords,
      ...{ offeredRecords, delayedRecords, decisions, open, delayed },
      throttledMinutes: this.#throttledMinutes,
      abandonedRecords: this.#queue.abandonedRecords,
      worstDelayMinutes: this.#queue.worstDelayMinutes,
      changes: decisions.filter((one) => one.kind !== "hold"),
      refusedChanges: this.#model.refusedChanges,
    };
  }

  #now(): number {
    return this.#options.start + this.#open.length * MINUTE_MS;
  }
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

  record(minute: Minute): void {
    const { bytes, records, throttled, readBytes } = minute;
    // Kinesis publishes nothing of a minute in which nothing was offered and nothing was read.
    if (bytes + records + throttled + readBytes > 0) this.#minutes.push(minute);
  }

  knownAt(now: number): readonly Minute[] {
    const newest = this.#minutes.slice(-KEPT_MINUTES - 5);
    return newest.filter(
      ({ at }) => at >= now - KEPT_MINUTES * MINUTE_MS && at + MINUTE_MS + this.#lateMs <= now,
    );
  }
}
