import type { StreamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { decide } from "../../functions/reshard-streams/decide/decide.ts";
import type { Decision, Reshard } from "../../functions/reshard-streams/model/decision.ts";
import type { Minute, Observation } from "../../functions/reshard-streams/model/observation.ts";
import type { Entry, History } from "../../shared/ledger/entry.ts";
import { KinesisModel, MODEL_DEFAULTS, shareOf } from "./kinesis-model.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** The longest look-back there is. */
const KEPT_MINUTES = 60;
/** Of a shard, in one minute. */
const SHARD_BYTES = 1_048_576 * 60;
const SHARD_RECORDS = 60_000;

/** What a stream was offered in one minute, in shards' worth of its busiest unit. */
export type Demand = readonly number[];

export interface SimulationOptions {
  readonly demand: Demand;
  /** Begin of the first minute, ms since the epoch. */
  readonly start: number;
  readonly initialShards: number;
  /** How long after its end a minute's metrics are there, ms. */
  readonly metricsLateMs: number;
  /** Whether refused records are offered again in the next minute, as the SDKs do. */
  readonly retries: boolean;
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
  /** Minutes in which anything was refused. */
  readonly throttledMinutes: number;
  readonly changes: readonly SimulatedChange[];
  /** Changes that Kinesis refused. */
  readonly refusedChanges: number;
  /** Of each minute: open shards, what they take in all, and what was refused, in shards' worth. */
  readonly open: readonly number[];
  readonly refused: readonly number[];
}

/** What a policy knows at one moment, and the model it may change. */
export interface Moment {
  readonly now: number;
  readonly model: KinesisModel;
  /** The minutes whose metrics are there, oldest first. */
  readonly minutes: readonly Minute[];
}

/** One way to size a stream: asked at every minute, as the sweep is. */
export type Controller = (moment: Moment) => SimulatedChange | undefined;

/** Runs one controller over a demand, minute by minute. */
export function simulate(controller: Controller, options: SimulationOptions): SimulationResult {
  const { demand, start, initialShards, metricsLateMs, retries } = options;
  const model = new KinesisModel({ shards: initialShards, ...MODEL_DEFAULTS });
  const minutes: Minute[] = [];
  const changes: SimulatedChange[] = [];
  const open: number[] = [];
  const refusedByMinute: number[] = [];
  let backlog = 0;
  let delayed = 0;
  for (const [index, offered] of demand.entries()) {
    const at = start + index * MINUTE_MS;
    const known = Math.max(0, Math.floor((at - metricsLateMs - start) / MINUTE_MS));
    const visible = minutes.slice(Math.max(0, known - KEPT_MINUTES), known);
    const change = model.isUpdating(at) ? undefined : controller({ now: at, model, minutes: visible });
    if (change) changes.push(change);
    const shards = model.shardsAt(at);
    const total = offered + backlog;
    const accepted = shards.reduce((sum, shard) => sum + Math.min(1, total * shareOf(shard)), 0);
    const refused = Math.max(0, total - accepted);
    delayed += Math.min(offered, refused);
    // Producers give up on what is older than a few minutes: a backlog never exceeds five minutes of traffic.
    backlog = retries ? Math.min(refused, 5 * offered) : 0;
    open.push(shards.length);
    refusedByMinute.push(refused);
    minutes.push({
      at,
      bytes: Math.round(accepted * SHARD_BYTES),
      records: Math.round(accepted * SHARD_RECORDS * 0.5),
      throttled: Math.round(refused * SHARD_RECORDS * 0.5),
      readBytes: 0,
      throttledReads: 0,
    });
  }
  const offeredInAll = demand.reduce((sum, each) => sum + each, 0);
  return {
    shardHours: open.reduce((sum, each) => sum + each, 0) / 60,
    delayedShare: offeredInAll === 0 ? 0 : delayed / offeredInAll,
    throttledMinutes: refusedByMinute.filter((each) => each > 1e-9).length,
    changes,
    refusedChanges: model.refusedChanges,
    open,
    refused: refusedByMinute,
  };
}

/** The product's own policy: the decision of `decide`, applied to the model, its ledger kept as act does. */
export function reflexController(policy: StreamPolicy, createdAt: number): Controller {
  const history: { -readonly [K in keyof History]: History[K] } & { entries: readonly Entry[] } = {
    resource: "stream/simulated",
    version: 0,
    entries: [],
  };
  let observedAt = Number.NEGATIVE_INFINITY;
  let requeue = false;
  return ({ now, model, minutes }) => {
    if (!isDue()) return undefined;
    observedAt = now;
    const shards = model.shardsAt(now);
    const observation: Observation = {
      stream: "simulated",
      status: "ACTIVE",
      mode: "PROVISIONED",
      createdAt,
      shards,
      minutes: minutes.slice(-policy.lookBackMinutes),
      metricsComplete: true,
    };
    const decision = decide(observation, policy, history, now);
    requeue = decision.kind !== "hold" || decision.requeue;
    if (decision.kind === "hold") return undefined;
    return applyTo(model, decision, now, shards.length);

    function isDue(): boolean {
      if (requeue) return true;
      // An alarm comes at the first breaching datapoint.
      if (now - observedAt >= policy.scanIntervalMinutes * MINUTE_MS) return true;
      const widest = Math.max(...model.shardsAt(now).map(shareOf));
      return minutes
        .slice(-3)
        .some(({ bytes, throttled }) => throttled > 0 || (bytes / SHARD_BYTES) * widest > policy.scaleOutAt);
    }
  };

  function applyTo(model: KinesisModel, decision: Reshard, now: number, from: number) {
    const answer = apply(model, decision, now);
    const { direction, kind, to, verdict, reasons, evidence } = decision;
    const entry: Entry = {
      intent: {
        ...{ id: `at-${now}`, at: now, automation: "reshard-streams", action: `kinesis:${kind}`, direction },
        ...{ from, to, reasons: [], evidence, trigger: "schedule" },
      },
      outcome:
        answer === "accepted" ? { result: "applied", at: now } : { result: "refused", at: now, code: answer },
    };
    history.entries = [entry, ...history.entries.filter(({ intent }) => intent.at > now - DAY_MS)];
    if (answer !== "accepted") return undefined;
    if (direction === "out") history.lastScaleOut = now;
    else history.lastScaleIn = now;
    return { at: now, kind, from, to, verdict, reason: reasons[0] ?? "" };
  }
}

function apply(model: KinesisModel, decision: Exclude<Decision, { kind: "hold" }>, now: number) {
  switch (decision.kind) {
    case "UpdateShardCount":
      return model.updateShardCount(decision.to, now);
    case "SplitShard":
      return model.splitShard(decision.shardId, BigInt(decision.newStartingHashKey), now);
    case "MergeShards":
      return model.mergeShards(decision.shardId, decision.adjacentShardId, now);
  }
}
