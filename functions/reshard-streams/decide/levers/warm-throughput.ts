import type { Decision, UpdateStreamWarmThroughput, Verdict } from "../../model/decision.ts";
import { TOLERATED_SHARE } from "../measure/bursts.ts";
import { minSoon } from "../measure/policy-at.ts";
import { clamp, isAbove, shardsFor, sizeFor } from "../measure/sizing.ts";
import { hold, notifiedHold } from "../rules/decisions.ts";
import type { Facts } from "../rules/facts.ts";
import { refusedLately } from "../rules/refused-lately.ts";
import { neededByThen } from "../rules/scale-in.ts";
import { scaleInCaution } from "../rules/scale-in-caution.ts";
import { predicted } from "../rules/scale-out.ts";
import {
  lastMinutes,
  percent,
  records,
  recordsRefused,
  shards,
  unitName,
  usd,
  worth,
} from "../rules/wording.ts";
import { costsNow } from "./stream-mode.ts";

/** UpdateStreamWarmThroughput goes to 10 GiB/s; a shard's worth is 1 MiB/s. */
const MOST_MIBPS = 10 * 1024;

/** Released where at least this share of it is not needed. */
const WORTH_RELEASING = 0.2;

/**
 * Does an on-demand stream need more at once than it takes? AWS doubles what it takes over the peak of 30 days; a rise beyond
 * that within 15 minutes is refused, unless it was warmed up before.
 */
export function raiseWarmThroughput(facts: Facts): Decision | undefined {
  const { policy, expected, throttled, evidence } = facts;
  const takes = takesAtOnce(facts);
  const isBusy = isAbove(expected / takes, policy.scaleOutAt);
  if (!isBusy && takes >= policy.min) return undefined;
  if (facts.observation.advantage !== true) return withoutAdvantage(facts, isBusy);
  const most = Math.min(policy.max, MOST_MIBPS);
  const needed = isBusy ? sizeFor(expected, policy.targetUtilisation, facts.peakOfDays) : policy.min;
  const goal = clamp(Math.max(needed, Math.floor(takes) + 1), policy.min, most);
  const reason = isBusy
    ? raiseReason(facts, takes, needed)
    : `it takes ${mibps(takes)} at once, below min ${policy.min}`;
  if (goal <= takes) {
    const why = `${reason}, but max is ${most}`;
    return throttled > 0 ? notifiedHold(facts, "at-max", why) : hold(facts, "at-max", why);
  }
  const refused = refusedLately(facts, "out");
  if (refused) return refused;
  const verdict: Verdict = "raise-warm-throughput";
  const limit = goal < needed ? `, but max is ${most}` : "";
  return warmTo(
    facts,
    verdict,
    "out",
    goal,
    `${reason}${limit} (${shards(Number(evidence.openShards))} open)`,
  );
}

/** Is less warm throughput enough again? */
export function releaseWarmThroughput(facts: Facts): Decision | undefined {
  const { observation, policy, evidence } = facts;
  const { warmMiBps = 0, advantage } = observation;
  const needed = neededByThen(facts);
  const goal = Math.max(needed, minSoon(policy, facts.now));
  if (goal > (1 - WORTH_RELEASING) * warmMiBps) return undefined;
  if (advantage !== true) return keptWarm(facts, goal);
  const reason = `the last ${policy.lookBackMinutes} minutes' peak needs ${worth(evidence.lookBackDemandShards)} MiB/s' worth of the ${warmMiBps} that are kept warm: ${mibps(goal)} stay at or below ${percent(policy.targetUtilisation)}, and the rest is released`;
  return scaleInCaution(facts) ?? warmTo(facts, "release-warm-throughput", "in", goal, reason);
}

/** It is billed for what nobody needs, as far as AWS still has it set. */
function keptWarm(facts: Facts, goal: number): Decision {
  const { warmMiBps, advantage } = facts.observation;
  const why =
    advantage === false
      ? "the account has no On-demand Advantage any more"
      : "AWS did not say whether the account has On-demand Advantage (DescribeAccountSettings)";
  return hold(
    facts,
    "on-demand",
    `${mibps(goal)} would be enough of the ${warmMiBps} that are kept warm, but ${why}: they are not released`,
  );
}

/** No other rule applied. */
export function onDemand(facts: Facts): Decision {
  const { observation, policy, lookBack } = facts;
  const takes = takesAtOnce(facts);
  const belowMin =
    takes < policy.min ? `, less than min ${policy.min}: ${whyNotWarmed(observation.advantage)}` : "";
  const needed = Math.max(shardsFor(lookBack, policy.targetUtilisation), policy.min);
  const { provisioned, standard, advantage } = costsNow(facts, needed);
  const beyondMax = needed > policy.max ? `, more than max ${policy.max}` : "";
  const price = observation.advantage ? advantage : standard;
  return hold(
    facts,
    "on-demand",
    `the stream is on-demand: AWS sizes it, and it takes ${mibps(takes)} at once${belowMin}. At this traffic it costs about ${usd(price)} a month; ` +
      `provisioned with ${shards(needed)}${beyondMax} it would be ${usd(provisioned)}`,
  );
}

/** MiB/s, or thousands of records, that it takes without refusing any: by its shards, or what it is warmed up to. */
export function takesAtOnce({ observation, open, widest }: Facts): number {
  const byShards = observation.distribution === "AUTO" ? open : 1 / widest;
  return Math.max(byShards, observation.warmMiBps ?? 0);
}

function withoutAdvantage(facts: Facts, isBusy: boolean): Decision | undefined {
  const { throttled, throttledShare, observation } = facts;
  if (!isBusy || throttledShare <= TOLERATED_SHARE) return undefined;
  return notifiedHold(
    facts,
    "on-demand",
    `${recordsRefused(throttled)}: an on-demand stream takes double the peak of 30 days, and more only within 15 minutes; ${whyNotWarmed(observation.advantage)}`,
  );
}

const whyNotWarmed = (advantage: boolean | undefined): string =>
  advantage === false
    ? "the account has no On-demand Advantage (UpdateAccountSettings), so it cannot be warmed up ahead of a peak"
    : "AWS did not say whether the account has On-demand Advantage (DescribeAccountSettings), so it is not warmed up";

function raiseReason(facts: Facts, takes: number, needed: number): string {
  const { policy, recent, recentUnit, expected, forecast, throttled, evidence } = facts;
  const demand = `the ${lastMinutes(policy.scaleOutMinutes)} peak needs ${worth(evidence.demandShards)} MiB/s' worth of ${unitName(recentUnit)}, ${percent(recent / takes)} of the ${mibps(takes)} that it takes at once`;
  const rises =
    forecast?.isTrusted === true && expected === forecast.soon && expected > recent
      ? predicted(forecast, facts)
      : expected > recent
        ? `, and it rises: ${percent(expected / takes)} is expected in a few minutes`
        : "";
  const refused = throttled > 0 ? `, ${records(throttled)} that were refused included` : "";
  return `${demand}${refused}${rises}, above ${percent(policy.scaleOutAt)}: ${mibps(needed)} bring it to at most ${percent(policy.targetUtilisation)}`;
}

function warmTo(
  { observation, evidence }: Facts,
  verdict: Verdict,
  direction: "out" | "in",
  goal: number,
  reason: string,
): UpdateStreamWarmThroughput {
  const from = observation.warmMiBps ?? 0;
  return {
    ...{ kind: "UpdateStreamWarmThroughput", verdict, direction, from, to: goal },
    reasons: [reason],
    evidence: { ...evidence, warmMiBps: from },
  };
}

const mibps = (value: number): string => `${Math.round(value * 10) / 10} MiB/s`;
