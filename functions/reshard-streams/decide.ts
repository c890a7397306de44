import type { Evidence, History } from "../../shared/ledger/entry.ts";
import { modeCosts } from "./cost.ts";
import type { Decision, Hold, MergeShards, SplitShard, UpdateShardCount, Verdict } from "./decision.ts";
import { type HotShard, hotShardOf } from "./hot-shard.ts";
import type { Observation } from "./observation.ts";
import type { StreamPolicy } from "./policy.ts";
import { DAILY_QUOTA, type Quota, quotaOf, UPDATE_SHARD_COUNT_PER_DAY } from "./quota.ts";
import { narrowestPair, shardToSplit, splitInTheMiddle } from "./single-shards.ts";
import {
  type Capacity,
  capacityOf,
  demandOf,
  isAbove,
  largestStep,
  type Peak,
  peakOf,
  peakOfShard,
  shardsFor,
  smallestStep,
} from "./sizing.ts";

const MINUTE = 60_000;

/** A change AWS refused is tried again after this long, not every minute. */
const AFTER_REFUSAL = 15 * MINUTE;

/** What the branches below share: the look and what was reckoned from it. */
interface Look {
  readonly seen: Observation;
  readonly policy: StreamPolicy;
  readonly history: History;
  readonly now: number;
  readonly open: number;
  readonly capacity: Capacity;
  /** Busiest minutes of the minutes of scale-out, and of the whole look-back. */
  readonly recent: Peak;
  readonly lookBack: Peak;
  /** Refused writes and reads since the last scale-out had its effect, within the minutes of scale-out. */
  readonly throttled: number;
  readonly quota: Quota;
  readonly hot: HotShard | undefined;
  readonly evidence: Evidence;
}

/**
 * What to do about one stream now. Pure: the same look, policy, history and moment give the same decision.
 *
 * The order of the questions: can it be changed at all; is it inside its bounds; is one shard the matter; does
 * it need more shards; can it do with fewer. Only the last is ever put off for caution.
 */
export function decide(seen: Observation, policy: StreamPolicy, history: History, now: number): Decision {
  const look = lookAt(seen, policy, history, now);
  return (
    notChangeable(look) ??
    outOfBounds(look) ??
    hotShard(look) ??
    scaleOut(look) ??
    scaleIn(look) ??
    onTarget(look)
  );
}

function lookAt(seen: Observation, policy: StreamPolicy, history: History, now: number): Look {
  const capacity = capacityOf(policy);
  const open = seen.shards.length;
  const recentMinutes = seen.minutes.filter(({ at }) => at >= now - (policy.scaleOutMinutes + 1) * MINUTE);
  const recent = peakOf(recentMinutes);
  const lookBack = peakOf(seen.minutes);
  // Writes refused before the last scale-out took effect say nothing about the shards there are now.
  const effective = Math.max(history.lastScaleOut ?? 0, seen.lastSeenUpdatingAt ?? 0) + MINUTE;
  const throttled = recentMinutes
    .filter(({ at }) => at >= effective)
    .reduce((sum, minute) => sum + minute.throttled + (policy.reads ? minute.throttledReads : 0), 0);
  const quota = quotaOf(history, now);
  const demand = demandOf(recent, capacity);
  const demandInLookBack = demandOf(lookBack, capacity);
  const hot =
    seen.shardLoads && hotShardOf(seen.shards, seen.shardLoads, capacity, policy.scaleOutAt, history);
  return {
    seen,
    policy,
    history,
    now,
    open,
    capacity,
    recent,
    lookBack,
    throttled,
    quota,
    hot,
    evidence: {
      openShards: open,
      demandShards: rounded(demand.shards),
      demandUnit: demand.unit,
      utilisation: rounded(demand.shards / open),
      lookBackDemandShards: rounded(demandInLookBack.shards),
      lookBackUtilisation: rounded(demandInLookBack.shards / open),
      throttled,
      iteratorAgeMs: seen.iteratorAgeMs ?? null,
      quotaUsed: quota.used,
      ...(hot && { hotShard: hot.shard.id, hotShardTimesTheRest: rounded(Math.min(hot.timesTheRest, 1e6)) }),
    },
  };
}

function notChangeable(look: Look): Decision | undefined {
  const { seen, history, now, policy } = look;
  if (seen.status !== "ACTIVE") {
    return hold(look, "updating", `the stream is ${seen.status}: it is changed again once it is ACTIVE`, {
      lookAgain: true,
    });
  }
  if (seen.mode === "ON_DEMAND") {
    const needed = clamp(
      shardsFor(look.lookBack, look.capacity, policy.targetUtilisation),
      policy.min,
      policy.max,
    );
    const costs = modeCosts(seen.minutes, policy.lookBackMinutes, needed);
    return hold(
      look,
      "on-demand",
      `the stream is on-demand: AWS sizes it, and refuses UpdateShardCount. At this traffic it costs about ${usd(costs.onDemand)} a month; ` +
        `provisioned with ${shards(needed)} it would be ${usd(costs.provisioned)}`,
    );
  }
  const refused = history.entries.find(
    ({ outcome }) =>
      outcome.result === "refused" && outcome.code !== DAILY_QUOTA && outcome.at > now - AFTER_REFUSAL,
  );
  if (refused) {
    const { intent, outcome } = refused;
    return hold(
      look,
      "refused-lately",
      `AWS refused ${intent.action} ${intent.from} -> ${intent.to} at ${time(outcome.at)} (${outcome.detail ?? "no reason given"}): ` +
        `it is tried again after ${time(outcome.at + AFTER_REFUSAL)}`,
      { tell: true },
    );
  }
  return undefined;
}

function outOfBounds(look: Look): Decision | undefined {
  const { open, policy, quota, now } = look;
  if (open < policy.min) {
    const reason = `${shards(open)} are open, below min ${policy.min}: it is put back inside its bounds`;
    const needed = shardsFor(look.recent, look.capacity, policy.targetUtilisation);
    return quota.left > 0
      ? updateTo(look, "raise-to-min", clamp(needed, policy.min, policy.max), reason)
      : hold(look, "quota-spent", `${reason}, but ${quotaSpent(quota, now)}`, { tell: true });
  }
  if (open <= policy.max) return undefined;
  if (isAbove(look.lookBack, look.capacity, Math.max(policy.max, smallestStep(open)), policy.scaleOutAt)) {
    return hold(
      look,
      "above-max-and-busy",
      `${shards(open)} are open, above max ${policy.max}, and the traffic needs them: lowering them now would throttle. Raise max, or lower the traffic`,
      { tell: true },
    );
  }
  const caution = scaleInCaution(look);
  if (caution) return caution;
  return updateTo(
    look,
    "lower-to-max",
    policy.max,
    `${shards(open)} are open, above max ${policy.max}: it is put back inside its bounds`,
  );
}

function hotShard(look: Look): Decision | undefined {
  const { hot, open, policy, history } = look;
  if (!hot) return undefined;
  const what = Number.isFinite(hot.timesTheRest)
    ? `${hot.shard.id} carries ${hot.timesTheRest.toFixed(1)} times the mean load of the other shards`
    : `${hot.shard.id} carries all of the load`;
  if (hot.hotKey) {
    return hold(
      look,
      "hot-key",
      `${what}, and kept it after it was split: one partition key carries it. Resharding cannot divide a key; spread its records over more partition keys`,
      { tell: true },
    );
  }
  if (open >= policy.max) {
    return hold(
      look,
      "at-max",
      `${what}, but ${shards(open)} are open and max is ${policy.max}: it is not split`,
      {
        tell: true,
      },
    );
  }
  if (waitsForMetrics(look)) return awaitingMetrics(look, history.lastScaleOut ?? look.now);
  return split(look, "hot-shard", hot.shard.id, `${what}: that shard is split, the others are left`);
}

function scaleOut(look: Look): Decision | undefined {
  const { open, policy, recent, capacity, throttled, history, quota, now } = look;
  const busy = isAbove(recent, capacity, open, policy.scaleOutAt);
  if (!busy && throttled === 0) return undefined;

  const measured = shardsFor(recent, capacity, policy.targetUtilisation);
  const verdict: Verdict = throttled > 0 ? "scale-out-throttled" : "scale-out";
  if (throttled > 0 && !busy && helpedNot(look)) {
    return hold(
      look,
      "resharding-does-not-help",
      `${throttled} records were refused at ${percent(look.evidence.utilisation)} utilisation, also after the scale-out at ${time(history.lastScaleOut ?? now)}: ` +
        "one hot partition key, or bursts shorter than a minute. More shards do not help; look at the partition keys and at the producer's retries",
      { tell: true },
    );
  }
  // Throttled traffic is not in the metrics. When the measured part alone fills the shards, how much more there
  // is cannot be known: take the largest step. Else grow by a quarter, as AWS recommends steps of 25 %.
  const wanted =
    throttled === 0 ? measured : Math.max(measured, busy ? largestStep(open) : open + Math.ceil(open / 4));
  const goal = Math.min(wanted, policy.max);
  const reason = outReason(look, measured, busy);
  if (goal <= open) {
    return hold(look, "at-max", `${reason}, but ${shards(open)} are open and max is ${policy.max}`, {
      tell: true,
    });
  }
  if (quota.left > 0) return updateTo(look, verdict, goal, reason);
  if (throttled === 0) {
    return hold(look, "quota-spent", `${reason}, but ${quotaSpent(quota, now)}`, { tell: true });
  }
  if (waitsForMetrics(look)) return awaitingMetrics(look, history.lastScaleOut ?? now);
  return split(
    look,
    "split-without-quota",
    shardToSplit(look.seen, capacity).id,
    `${reason}; ${quotaSpent(quota, now)}, so one shard is split, which has no daily quota`,
  );
}

function outReason(look: Look, measured: number, busy: boolean): string {
  const { open, policy, recent, capacity, throttled, evidence } = look;
  const { unit } = demandOf(recent, capacity);
  const demand = `the last ${policy.scaleOutMinutes} minutes' peak needs ${evidence.demandShards} shards' worth of ${unitName(unit)}, ${percent(evidence.utilisation)} of ${shards(open)}`;
  const fit = `${shards(measured)} ${measured === 1 ? "brings" : "bring"} it to at most ${percent(policy.targetUtilisation)}`;
  if (throttled === 0) return `${demand}, above ${percent(policy.scaleOutAt)}: ${fit}`;
  const refused = `${throttled} were refused, so the demand is larger than what was measured`;
  return busy ? `${demand}, and ${refused}` : `${refused}; ${demand}`;
}

/** It was scaled out within the hour, has had minutes to show for it, and writes are refused all the same. */
function helpedNot({ history, now }: Look): boolean {
  return history.lastScaleOut !== undefined && history.lastScaleOut > now - 60 * MINUTE;
}

/** A single split is judged by what it changed: until a full minute has been measured, no further one. */
function waitsForMetrics({ history, now }: Look): boolean {
  return history.lastScaleOut !== undefined && now < history.lastScaleOut + 3 * MINUTE;
}

function awaitingMetrics(look: Look, since: number): Hold {
  return hold(
    look,
    "awaiting-metrics",
    `a shard was split at ${time(since)}: its effect has to be measured before another one is`,
    { lookAgain: true },
  );
}

function scaleIn(look: Look): Decision | undefined {
  const { open, policy, lookBack, capacity, quota, now, evidence } = look;
  const needed = shardsFor(lookBack, capacity, policy.targetUtilisation);
  if (needed >= open) return undefined;
  if (open <= policy.min) {
    return policy.min === 1
      ? undefined
      : hold(
          look,
          "at-min",
          `${shards(needed)} would do, but ${shards(open)} are open and min is ${policy.min}`,
        );
  }
  const goal = Math.max(needed, policy.min);
  const reason =
    `the last ${policy.lookBackMinutes} minutes' peak needs ${evidence.lookBackDemandShards} shards' worth, ${percent(evidence.lookBackUtilisation)} of ${shards(open)}: ` +
    `${shards(goal)} ${goal === 1 ? "stays" : "stay"} at or below ${percent(policy.targetUtilisation)}, clearly below ${percent(policy.scaleOutAt)}`;
  const caution = scaleInCaution(look);
  if (caution) {
    const quotaHolds = caution.verdict === "quota-reserved" || caution.verdict === "quota-spent";
    return quotaHolds && policy.mergeWhenQuotaSpent
      ? merge(
          look,
          `${reason}; ${quotaSpent(quota, now)}, and the policy lets a pair of shards be merged instead`,
        )
      : caution;
  }
  return updateTo(look, "scale-in", goal, reason);
}

/** Why a change downwards has to wait, if it has to; shared by scale-in and by coming back below max. */
function scaleInCaution(look: Look): Hold | undefined {
  const { seen, policy, history, now, throttled, quota } = look;
  const no = (verdict: Verdict, why: string, lookAgain = false) =>
    hold(look, verdict, `fewer shards would do, but ${why}`, { lookAgain });

  if (!seen.metricsComplete) {
    return no(
      "metrics-incomplete",
      "CloudWatch did not answer for the whole look-back: no scale-in on missing numbers",
    );
  }
  if (seen.createdAt > now - policy.lookBackMinutes * MINUTE) {
    return no(
      "too-new",
      `the stream was created at ${time(seen.createdAt)}, less than a look-back of ${policy.lookBackMinutes} minutes ago`,
    );
  }
  const refusedInLookBack = seen.minutes.some((minute) => minute.throttled > 0 || minute.throttledReads > 0);
  if (throttled > 0 || refusedInLookBack) {
    return no("busy-in-look-back", `records were refused within the last ${policy.lookBackMinutes} minutes`);
  }
  const busyShard = seen.shardLoads?.find((load) =>
    isAbove(peakOfShard(load), look.capacity, 1, policy.scaleOutAt),
  );
  if (busyShard) {
    return no("busy-in-look-back", `${busyShard.shardId} alone is above ${percent(policy.scaleOutAt)}`);
  }
  const { iteratorAgeMs } = seen;
  if (iteratorAgeMs !== undefined && iteratorAgeMs > policy.maxIteratorAgeSeconds * 1000) {
    return no(
      "consumers-behind",
      `its consumers are ${Math.round(iteratorAgeMs / 1000)} s behind, more than ${policy.maxIteratorAgeSeconds} s: fewer shards would also mean fewer of them`,
    );
  }
  const lastChange = Math.max(history.lastScaleOut ?? 0, history.lastScaleIn ?? 0);
  const cooledAt = lastChange + policy.scaleInCooldownMinutes * MINUTE;
  if (lastChange > 0 && now < cooledAt) {
    return no("cooling-down", `it was changed at ${time(lastChange)}: no scale-in before ${time(cooledAt)}`);
  }
  if (quota.left === 0) return no("quota-spent", quotaSpent(quota, now));
  if (quota.left <= policy.reserveForScaleOut) {
    return no(
      "quota-reserved",
      `${quota.used} of ${UPDATE_SHARD_COUNT_PER_DAY} calls of UpdateShardCount in 24 hours are used and the last ${policy.reserveForScaleOut} are kept for scale-out`,
    );
  }
  return undefined;
}

function onTarget(look: Look): Hold {
  const { open, policy, evidence } = look;
  return hold(
    look,
    "on-target",
    `${percent(evidence.utilisation)} of ${shards(open)} in the last ${policy.scaleOutMinutes} minutes, ${percent(evidence.lookBackUtilisation)} at most in ${policy.lookBackMinutes}: nothing to change`,
  );
}

/** UpdateShardCount towards `goal`, as far as one call can go. */
function updateTo(look: Look, verdict: Verdict, goal: number, reason: string): UpdateShardCount {
  const { open } = look;
  const to = goal > open ? Math.min(goal, largestStep(open)) : Math.max(goal, smallestStep(open));
  const steps =
    to === goal ? [] : [`one call goes from ${open} to ${to} at most: the next one goes on towards ${goal}`];
  return {
    kind: "UpdateShardCount",
    verdict,
    direction: goal > open ? "out" : "in",
    from: open,
    to,
    goal,
    reasons: [reason, ...steps],
    evidence: { ...look.evidence, goal },
  };
}

function split(look: Look, verdict: Verdict, shardId: string, reason: string): Decision {
  const { open, policy, seen } = look;
  const middle = splitInTheMiddle(seen.shards, shardId);
  if (open >= policy.max || middle === undefined) {
    const why = middle === undefined ? `${shardId} owns a single hash key` : `max is ${policy.max}`;
    return hold(look, "at-max", `${reason}; but ${why}, so it cannot be split`, { tell: true });
  }
  const decision: SplitShard = {
    kind: "SplitShard",
    verdict,
    direction: "out",
    from: open,
    to: open + 1,
    shardId,
    newStartingHashKey: middle.toString(),
    reasons: [reason],
    evidence: { ...look.evidence, shard: shardId },
  };
  return decision;
}

function merge(look: Look, reason: string): Decision {
  const pair = narrowestPair(look.seen.shards);
  if (!pair) return onTarget(look);
  const decision: MergeShards = {
    kind: "MergeShards",
    verdict: "merge-without-quota",
    direction: "in",
    from: look.open,
    to: look.open - 1,
    shardId: pair[0].id,
    adjacentShardId: pair[1].id,
    reasons: [reason],
    evidence: { ...look.evidence, shard: pair[0].id, adjacentShard: pair[1].id },
  };
  return decision;
}

function hold(look: Look, verdict: Verdict, reason: string, { tell = false, lookAgain = false } = {}): Hold {
  return { kind: "hold", verdict, reasons: [reason], evidence: look.evidence, tell, lookAgain };
}

function quotaSpent({ used, nextAt }: Quota, now: number): string {
  const when = nextAt > now ? `the next is allowed at ${time(nextAt)}` : "the next is allowed now";
  return `${used} of ${UPDATE_SHARD_COUNT_PER_DAY} calls of UpdateShardCount in 24 hours are used, ${when}`;
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}

function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

function percent(share: Evidence[string] | undefined): string {
  return `${Math.round(Number(share) * 100)} %`;
}

function shards(count: number): string {
  return count === 1 ? "1 shard" : `${count} shards`;
}

function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

function unitName(unit: keyof Peak): string {
  return unit === "readBytes" ? "reads" : unit;
}
