import type { StreamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { decide } from "../../functions/reshard-streams/decide/decide.ts";
import { demandsOf } from "../../functions/reshard-streams/decide/measure/demand.ts";
import { profileAfter } from "../../functions/reshard-streams/decide/measure/demand-profile.ts";
import { type Capacity, capacityOf } from "../../functions/reshard-streams/decide/measure/sizing.ts";
import { isReshard, type Reshard } from "../../functions/reshard-streams/model/decision.ts";
import type { DemandProfile } from "../../functions/reshard-streams/model/demand-profile.ts";
import type { Minute, Observation } from "../../functions/reshard-streams/model/observation.ts";
import { createWatchlist } from "../../functions/reshard-streams/triggers/watchlist.ts";
import type { Entry, History } from "../../shared/ledger/entry.ts";
import type { KinesisModel } from "./kinesis-model.ts";
import type { Controller, Moment, SimulatedChange } from "./simulate.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
const STREAM = "simulated";

/** As observe/metric-results.ts has it. */
const HEARTBEAT_MS = 10 * MINUTE_MS;

/** Our alarm takes the newest 5 minutes that have metrics, and looks for them among the last 7. */
const ALARM_MINUTES = 5;
const ALARM_RANGE_MS = 7 * MINUTE_MS;

/**
 * The product's own policy: its watchlist says when the stream is due, its `decide` what to do; the ledger is kept as
 * `act` keeps it. test/scripts/backtest/product.test.ts runs the same through `reshardStreams`.
 *
 * @param createdAt when the stream was created, ms since the epoch
 */
export function reflexController(policy: StreamPolicy, createdAt: number): Controller {
  const watchlist = createWatchlist({ [STREAM]: policy });
  const ledger = new SimulatedLedger();
  const alarm = new SimulatedAlarm(policy);
  let profile: DemandProfile | undefined;
  return (moment) => {
    const { now, model, minutes } = moment;
    const due = watchlist.due(new Set(alarm.isOn(minutes, now) ? [STREAM] : []), now);
    const decision = due.includes(STREAM) ? decided(moment) : undefined;
    alarm.recordOpenShards(watchlist.openShards().get(STREAM), now);
    if (!decision) return undefined;
    const { verdict, reasons } = decision;
    const reason = reasons[0] ?? "";
    // A simulated stream is provisioned, and stays so.
    if (decision.kind === "hold" || !isReshard(decision)) return { kind: "hold", at: now, verdict, reason };
    const change: SimulatedChange = {
      ...{ at: now, kind: decision.kind, from: decision.from, to: decision.to, verdict, reason },
    };
    return ledger.apply(model, decision, now) ? change : { kind: "hold", at: now, verdict, reason };
  };

  function decided({ now, model, minutes }: Moment) {
    const shards = model.shardsAt(now);
    const updating = model.isUpdating(now);
    const since = now - policy.lookBackMinutes * MINUTE_MS;
    const history = ledger.historyAt(now);
    const observation: Observation = {
      stream: STREAM,
      status: updating ? "UPDATING" : "ACTIVE",
      mode: "PROVISIONED",
      createdAt,
      shards,
      minutes: minutes.filter(({ at }) => at >= since).map((minute) => withReads(minute, policy)),
      metricsComplete: true,
      heartbeat: alarm.publishedSince(now - HEARTBEAT_MS),
      ...(profile && { profile }),
      ...(history.lastSeenChanging !== undefined && { lastSeenUpdatingAt: history.lastSeenChanging }),
    };
    const decision = decide(observation, policy, history, now);
    const requeue = decision.kind !== "hold" || decision.requeue;
    watchlist.recordObservation(STREAM, now, {
      ...{ openShards: shards.length, requeue, overloaded: false },
      ...(decision.kind === "hold" && { observeAt: decision.observeAt }),
    });
    if (updating) ledger.noteChanging(now);
    const demands = demandsOf(observation.minutes, capacityOf(policy));
    profile = profileAfter(observation, demands, policy.lookBackMinutes, now, history) ?? profile;
    return decision;
  }
}

function withReads(minute: Minute, { reads }: StreamPolicy): Minute {
  return reads ? minute : { ...minute, readBytes: 0 };
}

/** The alarm of deploy/resources.ts, and the metric OpenShardCount that it divides by. */
class SimulatedAlarm {
  readonly #capacity: Capacity;
  readonly #scaleOutAt: number;
  /** Open shards as they were published in each minute. */
  readonly #published = new Map<number, number>();
  #lastPublished = Number.NEGATIVE_INFINITY;

  constructor(policy: StreamPolicy) {
    this.#capacity = capacityOf(policy);
    this.#scaleOutAt = policy.scaleOutAt;
  }

  recordOpenShards(open: number | undefined, now: number): void {
    if (open === undefined) return;
    this.#published.set(now, open);
    this.#published.delete(now - DAY_MS);
    this.#lastPublished = now;
  }

  publishedSince(since: number): boolean {
    return this.#lastPublished >= since;
  }

  isOn(minutes: readonly Minute[], now: number): boolean {
    return minutes
      .slice(-ALARM_MINUTES)
      .some((minute) => minute.at >= now - ALARM_RANGE_MS && this.#breaches(minute));
  }

  #breaches({ at, bytes, records, throttled }: Minute): boolean {
    if (throttled > 0) return true;
    const open = this.#published.get(at);
    const used = Math.max(bytes / this.#capacity.bytes, records / this.#capacity.records);
    return open !== undefined && used / open > this.#scaleOutAt;
  }
}

/** What the ledger would have of the stream. */
class SimulatedLedger {
  #entries: readonly Entry[] = [];
  #last: Pick<History, "lastScaleOut" | "lastScaleIn" | "lastSeenChanging"> = {};

  historyAt(now: number): History {
    const entries = this.#entries.filter(({ intent }) => intent.at >= now - DAY_MS);
    return { resource: `stream/${STREAM}`, version: entries.length, entries, ...this.#last };
  }

  noteChanging(at: number): void {
    this.#last = { ...this.#last, lastSeenChanging: at };
  }

  /** Carries out the decision and writes its outcome; whether Kinesis accepted it. */
  apply(model: KinesisModel, decision: Reshard, now: number): boolean {
    const answer = call(model, decision, now);
    const { direction, kind, from, to, evidence } = decision;
    const intent = {
      ...{ id: `at-${now}`, at: now, automation: "reshard-streams", action: `kinesis:${kind}`, direction },
      ...{ from, to, reasons: [], evidence, trigger: "schedule" },
    };
    const accepted = answer === "accepted";
    const outcome = accepted
      ? { result: "applied" as const, at: now }
      : { result: "refused" as const, at: now, code: answer };
    this.#entries = [{ intent, outcome }, ...this.#entries.filter((entry) => entry.intent.at > now - DAY_MS)];
    if (accepted)
      this.#last = { ...this.#last, ...(direction === "out" ? { lastScaleOut: now } : { lastScaleIn: now }) };
    return accepted;
  }
}

function call(model: KinesisModel, decision: Reshard, now: number) {
  switch (decision.kind) {
    case "UpdateShardCount":
      return model.updateShardCount(decision.to, now);
    case "SplitShard":
      return model.splitShard(decision.shardId, BigInt(decision.newStartingHashKey), now);
    case "MergeShards":
      return model.mergeShards(decision.shardId, decision.adjacentShardId, now);
  }
}
