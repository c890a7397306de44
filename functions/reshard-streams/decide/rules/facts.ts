import type { Evidence, History } from "../../../../shared/ledger/entry.ts";
import type { StreamPolicy } from "../../config/policy.ts";
import type { Minute, Observation } from "../../model/observation.ts";
import {
  demandsOf,
  knownPeak,
  lastingDemand,
  type MinuteDemand,
  peakOf,
  recordsOf,
  rises,
  risingDemand,
  type Unit,
} from "../measure/demand.ts";
import { type Forecast, forecastOf, largestIn, peakOfDays } from "../measure/demand-profile.ts";
import { type Kept, keptFor, NOTHING_KEPT } from "../measure/least-kept.ts";
import { callsOutSince, type Quota, quotaOf } from "../measure/quota.ts";
import { recentSince } from "../measure/recent.ts";
import { type HotShard, hotShardOf } from "../measure/shard-skew.ts";
import { widestShare } from "../measure/shares.ts";
import { type Capacity, capacityOf } from "../measure/sizing.ts";
import { type StoppedConsumers, stoppedConsumers } from "../measure/stopped-consumers.ts";
import { time } from "./wording.ts";

const MINUTE_MS = 60_000;

/** Calls that scaled out within so long of each other are steps of one rise. */
const ONE_RISE_MS = 60 * MINUTE_MS;

/** What the rules share: the observation, and what was calculated from it. Demands are in shards' worth. */
export interface Facts {
  readonly observation: Observation;
  readonly policy: StreamPolicy;
  readonly history: History;
  readonly now: number;
  readonly open: number;
  /** The share of the hash keys that the widest shard owns: the stream is full when that shard is. */
  readonly widest: number;
  readonly capacity: Capacity;
  /** Peak of the minutes of scale-out, refused writes included. */
  readonly recent: number;
  readonly recentUnit: Unit;
  /** `recent`, or more where the demand rises or is predicted to. */
  readonly expected: number;
  /** What a step is sized for: `expected`, or more where a rise has taken several calls and goes on. */
  readonly sizedFor: number;
  readonly forecast: Forecast | undefined;
  /** The largest demand of the days that are known; undefined before a day is, and when it is exceeded now. */
  readonly peakOfDays: number | undefined;
  /** The largest demand that the profile has, of however little time, in shards' worth; 0 without one. */
  readonly largestKnown: number;
  /** What is kept for what the days that are known showed. */
  readonly kept: Kept;
  /** The last third of the look-back is clearly busier than the first. */
  readonly rises: boolean;
  /** Peak of the look-back, refused writes included. */
  readonly lookBack: number;
  /** The same of its last third. */
  readonly lately: number;
  /** Refused writes and reads since the last change had its effect, within the minutes of scale-out. */
  readonly throttled: number;
  /** Those of them that are reads: calls of GetRecords. 0 unless the policy asks for reads. */
  readonly throttledReads: number;
  /** The refused writes' share of all that were offered in those minutes. */
  readonly throttledShare: number;
  /** The same of the worst of those minutes. */
  readonly throttledPeakShare: number;
  readonly quota: Quota;
  readonly hot: HotShard | undefined;
  readonly stopped: readonly StoppedConsumers[];
  readonly evidence: Evidence;
}

export function factsOf(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  now: number,
): Facts {
  const { shards } = observation;
  const capacity = capacityOf(policy);
  const [open, widest] = [shards.length, widestShare(shards)];
  const measured = measuredIn(observation, policy, history, now, capacity, widest);
  const outlook = outlookOf(observation, policy, history, measured, now);
  const hot =
    observation.shardLoads &&
    hotShardOf(shards, observation.shardLoads, capacity, policy.scaleOutAt, history);
  const facts = {
    ...{ observation, policy, history, now, open, widest, capacity, hot },
    ...measured,
    ...outlook,
    stopped: stoppedConsumers(observation, history, now),
    quota: quotaOf(history, now),
  };
  return { ...facts, evidence: evidenceOf(facts) };
}

type Measured = Pick<
  Facts,
  | "recent"
  | "recentUnit"
  | "lookBack"
  | "lately"
  | "throttled"
  | "throttledReads"
  | "throttledShare"
  | "throttledPeakShare"
  | "rises"
> & { readonly demands: readonly MinuteDemand[] };

/** What the minutes say. */
function measuredIn(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  now: number,
  capacity: Capacity,
  widest: number,
): Measured {
  const { minutes, profile } = observation;
  const recentFrom = recentSince(newestIn(observation) ?? now, policy.scaleOutMinutes, now);
  const demands = demandsOf(minutes, capacity);
  const peakSince = (at: number) => peakOf(demands.filter((demand) => demand.at >= at));
  const recentDemands = demands.filter(({ at }) => at >= recentFrom);
  const peak = peakOf(recentDemands);
  const known = Math.max(peakOfDays(profile) ?? 0, knownPeak(history));
  return {
    demands,
    recent: boundedByKnown(peak?.shards ?? 0, recentDemands, known, widest),
    recentUnit: peak?.unit ?? "bytes",
    lookBack: peakOf(demands)?.shards ?? 0,
    lately: peakSince(now - (policy.lookBackMinutes / 3) * MINUTE_MS)?.shards ?? 0,
    rises: rises(demands),
    // What was refused before the last change took effect says nothing about the shards that are open now.
    ...refusalsIn(
      minutes.filter(({ at }) => at >= recentFrom && at >= changedAt(observation, history) + MINUTE_MS),
      policy,
    ),
  };
}

type Outlook = Pick<Facts, "expected" | "sizedFor" | "forecast" | "peakOfDays" | "largestKnown" | "kept">;

/** What is to be expected. */
function outlookOf(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  { recent, lookBack, demands }: Measured,
  now: number,
): Outlook {
  const { minutes, profile, shards } = observation;
  // A jump is no trend, and refused records are retries of it.
  const rising = refusedAny(minutes) ? recent : risingDemand(demands, recent);
  const forecast =
    policy.forecast === "off" || !profile
      ? undefined
      : forecastOf(profile, policy.forecast, now, leadMs(shards.length));
  const predicted = forecast?.isTrusted === true ? forecast.soon : 0;
  const days = peakOfDays(profile);
  const isWithinDays = days !== undefined && Math.max(recent, lookBack) <= days;
  const expected = Math.max(recent, predicted, isWithinDays ? Math.min(rising, days) : rising);
  const goingOn = lastingDemand(demands, recent, callsOutSince(history, now - ONE_RISE_MS));
  return {
    expected,
    sizedFor: Math.max(expected, isWithinDays ? Math.min(goingOn, days) : goingOn),
    forecast,
    peakOfDays: isWithinDays ? days : undefined,
    largestKnown: largestIn(profile?.peaks ?? []),
    kept: profile ? keptFor(profile, policy, forecast, days) : NOTHING_KEPT,
  };
}

/** The numbers that the reasons are read from. */
function evidenceOf(facts: Omit<Facts, "evidence">): Evidence {
  const { observation, forecast, hot, stopped, widest, recent, lookBack, quota } = facts;
  const refused = refusalsIn(observation.minutes, facts.policy).throttled;
  const lastReads = stopped.map(({ lastReadAt }) => lastReadAt);
  return {
    openShards: facts.open,
    widestShare: rounded(widest),
    demandShards: rounded(recent),
    demandUnit: facts.recentUnit,
    expectedDemandShards: rounded(facts.expected),
    utilisation: rounded(recent * widest),
    lookBackDemandShards: rounded(lookBack),
    lookBackUtilisation: rounded(lookBack * widest),
    throttled: facts.throttled,
    ...(refused > 0 && { throttledInLookBack: refused }),
    ...(facts.throttledReads > 0 && { throttledReads: facts.throttledReads }),
    throttledShare: rounded(facts.throttledShare),
    ...(facts.throttled > 0 && { throttledPeakShare: rounded(facts.throttledPeakShare) }),
    iteratorAgeMs: observation.iteratorAgeMs ?? null,
    quotaUsed: quota.used,
    ...(stopped.length > 0 && { consumersLastReadAt: time(Math.min(...lastReads)) }),
    ...(forecast && {
      forecastDemandShards: rounded(forecast.soon),
      forecastError: rounded(forecast.error ?? 0),
    }),
    ...(hot && { hotShard: hot.shard.id, hotShardTimesTheRest: rounded(Math.min(hot.timesTheRest, 1e6)) }),
  };
}

/** How long before its time a predicted rise is acted upon: several steps, each as long as a larger stream takes. */
export function leadMs(open: number): number {
  return (8 + open / 30) * MINUTE_MS;
}

/** A known peak has to be so much above what the shards take to say how much more is wanted. */
const KNOWN_ABOVE = 1.25;

/**
 * How large refused traffic is can only be estimated: up to the peak that is known, that is the better estimate. One that
 * the open shards take anyway says nothing.
 */
function boundedByKnown(
  estimate: number,
  demands: readonly MinuteDemand[],
  known: number,
  widest: number,
): number {
  const accepted = Math.max(0, ...demands.map((each) => each.accepted));
  return known * widest < KNOWN_ABOVE || accepted > known ? estimate : Math.min(estimate, known);
}

const newestIn = ({ knownUntil, minutes }: Observation): number | undefined =>
  knownUntil ?? minutes.at(-1)?.at;

function refusedAny(minutes: Observation["minutes"]): boolean {
  return minutes.slice(-10).some(({ throttled }) => throttled > 0);
}

function changedAt({ lastSeenUpdatingAt = 0 }: Observation, { lastScaleOut = 0 }: History): number {
  return Math.max(lastScaleOut, lastSeenUpdatingAt);
}

function refusalsIn(
  minutes: readonly Minute[],
  { reads }: StreamPolicy,
): Pick<Facts, "throttled" | "throttledReads" | "throttledShare" | "throttledPeakShare"> {
  const sum = (of: (minute: Minute) => number) => minutes.reduce((total, minute) => total + of(minute), 0);
  const writes = sum(({ throttled }) => throttled);
  const throttledReads = reads ? sum((minute) => minute.throttledReads) : 0;
  const shareOfOffered = (refused: number, accepted: number) =>
    refused === 0 ? 0 : refused / (refused + accepted);
  return {
    throttled: writes + throttledReads,
    throttledReads,
    throttledShare: shareOfOffered(writes, sum(recordsOf)),
    throttledPeakShare: Math.max(
      0,
      ...minutes.map((minute) => shareOfOffered(minute.throttled, recordsOf(minute))),
    ),
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
