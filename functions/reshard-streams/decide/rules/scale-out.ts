import type { Decision, Verdict } from "../../model/decision.ts";
import type { OpenShard } from "../../model/observation.ts";
import type { Forecast } from "../measure/demand-profile.ts";
import { UPDATE_SHARD_COUNT_PER_DAY } from "../measure/quota.ts";
import { loadOf } from "../measure/shard-skew.ts";
import { shareOf, splitsUntil } from "../measure/shares.ts";
import { isAbove, KNOWN_PEAK_UTILISATION, sizeFor } from "../measure/sizing.ts";
import { merge, notifiedHold, split, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { isAccountFull, refusedLately, withinAccount } from "./refused-lately.ts";
import {
  areOpen,
  lastMinutes,
  percent,
  quotaSpent,
  records,
  refusedText,
  shards,
  unitName,
  worth,
} from "./wording.ts";

/** Does it need more? */
export function scaleOut(facts: Facts): Decision | undefined {
  const { open, widest, policy, expected, throttled } = facts;
  if (!isAbove(expected * widest, scaleOutAbove(facts))) return undefined;

  const fitting = Math.max(neededBy(facts), open + 1);
  const wanted = Math.min(fitting, policy.max);
  const verdict: Verdict = throttled > 0 ? "scale-out-throttled" : "scale-out";
  const fits = outReason(facts, fitting);
  if (wanted <= open) {
    const stuck = `${fits}, but ${areOpen(open)} and max is ${policy.max}`;
    return rebalance(facts, stuck) ?? notifiedHold(facts, "at-max", stuck);
  }
  const refused = refusedLately(facts, "out");
  if (refused) {
    const full = `${fits}, but ${areOpen(open)} and the account's limit of shards is reached`;
    return (isAccountFull(facts) ? rebalance(facts, full) : undefined) ?? refused;
  }
  const goal = withinAccount(facts, wanted);
  const reason = `${fits}${lessThanFits(goal, wanted, fitting)}`;
  return bySplits(facts, goal, verdict, reason) ?? updateTo(facts, verdict, goal, reason);
}

/**
 * Where no shard can be added, and those that are open would be enough if each owned as much as the others: two narrow ones are
 * merged, which leaves room for a split of the widest, or for a call that makes all of them equal.
 */
function rebalance(facts: Facts, stuck: string): Decision | undefined {
  const { open, policy, expected } = facts;
  if (isAbove(expected / open, policy.scaleOutAt) || refusedLately(facts, "in")) return undefined;
  const why = `${stuck}. Equal shards would be used at ${percent(expected / open)}: two narrow ones are merged, so that a wide one can be split`;
  return merge(facts, policy.targetUtilisation / expected, why, open - 1, "rebalance");
}

/** Why fewer shards are opened than would fit. */
function lessThanFits(goal: number, wanted: number, fitting: number): string {
  if (goal < wanted) return `, but the account's limit of shards allows ${goal}`;
  return wanted < fitting ? `, but max is ${wanted}` : "";
}

/**
 * The fewer calls are left, the further one goes, up to the largest demand that is known: the next rise to it needs no call
 * then. What turns out to be too much is merged again, which needs none either.
 */
function neededBy({
  policy: { targetUtilisation },
  sizedFor,
  peakOfDays,
  largestKnown,
  quota,
}: Facts): number {
  const further = timesFurther(quota.left) * sizedFor;
  return Math.max(
    sizeFor(sizedFor, targetUtilisation, peakOfDays),
    sizeFor(further, targetUtilisation, largestKnown),
  );
}

function timesFurther(callsLeft: number): number {
  if (callsLeft > 6) return 1;
  return callsLeft > 3 ? 1.5 : 2;
}

/** Up to the peak that is known from days, shards are used as far as that peak may use them: more would not be kept. */
export function scaleOutAbove({ policy, peakOfDays, throttled }: Facts): number {
  return peakOfDays === undefined || throttled > 0
    ? policy.scaleOutAt
    : Math.max(policy.scaleOutAt, KNOWN_PEAK_UTILISATION);
}

/**
 * Splits have no daily quota, but take half a minute each, one after the other, and only halve a shard. They are taken
 * for a small step, and when UpdateShardCount has no call left.
 */
function bySplits(facts: Facts, goal: number, verdict: Verdict, reason: string): Decision | undefined {
  const { observation, open, widest, expected, policy, quota } = facts;
  const splits = splitsUntil(observation.shards, policy.scaleOutAt / expected);
  const after = Math.min(open + splits, policy.max);
  const few = splits <= splitsWorthACall(quota.left, expected * widest);
  const tight = after <= goal * 1.34;
  if (quota.left > 0 && !(few && tight && open + splits <= policy.max)) return undefined;
  if (quota.left === 0) return splitTo(facts, after, reason);
  const plan = `${splits === 1 ? "one split does that, which has" : `${splits} splits do that, which have`} no daily quota`;
  return split(facts, verdict, shardToSplit(facts).id, `${reason}; ${plan}`, after);
}

/** Towards a count that is larger than what is open: as far as the account has shards, by splits where no call is left. */
export function outTo(facts: Facts, goal: number, verdict: Verdict, reason: string): Decision {
  const within = withinAccount(facts, goal);
  return facts.quota.left > 0 ? updateTo(facts, verdict, within, reason) : splitTo(facts, within, reason);
}

function splitTo(facts: Facts, goal: number, reason: string): Decision {
  const why = `${reason}; ${quotaSpent(facts.quota, facts.now)}, so shards are split`;
  return split(facts, "split-without-quota", shardToSplit(facts).id, why, goal);
}

/** The widest; of equal ones the one that is measured to be the busiest. */
function shardToSplit({ observation: { shards, shardLoads = [] }, capacity, widest }: Facts): OpenShard {
  const [first, ...others] = shards.filter((shard) => shareOf(shard) > widest * 0.99);
  const loadById = new Map(shardLoads.map((load) => [load.shardId, loadOf(load, capacity)]));
  const busy = (shard: OpenShard) => loadById.get(shard.id) ?? 0;
  if (!first) throw new Error("a stream has at least one open shard");
  return others.reduce((busiest, each) => (busy(each) > busy(busiest) ? each : busiest), first);
}

/** While records are refused, time matters more than a call. The fewer calls are left, the more a call is worth. */
function splitsWorthACall(callsLeft: number, utilisation: number): number {
  const urgent = utilisation > 1;
  if (callsLeft > 5) return 0;
  if (callsLeft > 2) return urgent ? 2 : 4;
  return urgent ? 4 : 16;
}

function outReason(facts: Facts, needed: number): string {
  const { open, policy, recent, recentUnit, expected, widest, throttled, throttledReads, evidence } = facts;
  const demand = `the ${lastMinutes(policy.scaleOutMinutes)} peak needs ${worth(evidence.demandShards)} shards' worth of ${unitName(recentUnit)}, ${percent(evidence.utilisation)} of ${shards(open)}`;
  const rises =
    facts.forecast?.isTrusted === true && expected === facts.forecast.soon && expected > recent
      ? predicted(facts.forecast, facts)
      : expected > recent
        ? `, and it rises: ${percent(expected * widest)} is expected in a few minutes`
        : "";
  const fit = fitText(facts, needed);
  return `${demand}${refusedIn(throttled, throttledReads)}${rises}, above ${percent(policy.scaleOutAt)}: ${fit}`;
}

function fitText({ sizedFor, expected, peakOfDays, policy, quota }: Facts, needed: number): string {
  const { targetUtilisation } = policy;
  if (needed > sizeFor(sizedFor, targetUtilisation, peakOfDays) && timesFurther(quota.left) > 1) {
    return `${quota.left} of ${UPDATE_SHARD_COUNT_PER_DAY} calls of UpdateShardCount are left, so ${shards(needed)} are towards the largest demand that is known, for which no further call is needed then`;
  }
  return sizedFor > expected
    ? `several calls did not end this rise, so ${shards(needed)} are for what it comes to if it goes on`
    : `${shards(needed)} bring it to at most ${percent(targetUtilisation)}`;
}

/** Refused writes are part of the demand, refused reads are not. */
function refusedIn(throttled: number, throttledReads: number): string {
  const writes = throttled - throttledReads;
  if (writes > 0) return `, ${records(writes)} that ${writes === 1 ? "was" : "were"} refused included`;
  return throttledReads > 0 ? `, and ${refusedText({ throttled, throttledReads })}` : "";
}

export function predicted(
  { soon, predicted: rises, came, error }: Forecast,
  { widest, policy }: Facts,
): string {
  const when = policy.forecast === "weekly" ? "a week ago" : "a day ago";
  const right =
    rises === 0
      ? "no rise was predicted in the last day"
      : `${came} of ${rises} rises that were predicted in the last day came`;
  const off = error === undefined ? "" : `, ${percent(error)} off on average`;
  return `, and ${when} it rose now to ${percent(soon * widest)} of them (${right}${off})`;
}
