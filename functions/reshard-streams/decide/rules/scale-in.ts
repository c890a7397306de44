import type { Decision } from "../../model/decision.ts";
import { minSoon } from "../measure/policy-at.ts";
import { mergesWithin } from "../measure/shares.ts";
import { shardsFor, sizeFor } from "../measure/sizing.ts";
import { hold, merge, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { scaleInCallCaution, scaleInCaution } from "./scale-in-caution.ts";
import { areOpen, percent, shards, worth } from "./wording.ts";

/** UpdateShardCount is called to scale in only where it saves this share of the shards that merges leave. */
const WORTH_A_CALL = 0.2;

/** ...or this one, when it is right for days. */
const WORTH_A_CALL_FOR_DAYS = 0.03;

/** Are fewer shards enough? */
export function scaleIn(facts: Facts): Decision | undefined {
  const { open, policy, observation, forecast, peakOfDays } = facts;
  const lookBack = demandByThen(facts);
  const least = Math.max(minSoon(policy, facts.now), Math.min(facts.kept.least, policy.max));
  const goal = Math.max(neededByThen(facts), least);
  if (goal >= open) return atMin(facts);
  // Shards that are kept are kept by width too: a stream is as large as its widest shard lets it be.
  const share = Math.min(policy.targetUtilisation / lookBack, 1 / facts.kept.least);
  const merges = Math.min(mergesWithin(observation.shards, share), open - least);
  const left = open - merges;
  // What fits the peak of the days that are known is right for days, whatever the traffic does within them.
  const forDays =
    peakOfDays !== undefined && goal >= sizeFor(peakOfDays, policy.targetUtilisation, peakOfDays);
  const worthACall = left - goal >= Math.max(1, (forDays ? WORTH_A_CALL_FOR_DAYS : WORTH_A_CALL) * left);
  if (merges === 0 && !worthACall) return undefined;

  const caution = scaleInCaution({ ...facts, rises: facts.rises && !forDays && !isProven(forecast) });
  if (caution) return caution;
  const plan = `${merges === 1 ? "one merge does that, which has" : `${merges} merges do that, which have`} no daily quota`;
  const merged = merge(facts, share, `${inReason(facts, left)}; ${plan}`, left);
  if (merged) return merged;
  return scaleInCallCaution(facts) ?? updateTo(facts, "scale-in", goal, inReason(facts, goal));
}

/** The fewest equal shards that are enough until a scale-in could be made again. */
export function neededByThen(facts: Facts): number {
  return sizeFor(demandByThen(facts), facts.policy.targetUtilisation, facts.peakOfDays);
}

/** What the look-back needed; a forecast that has proven right says of the next hour itself what it needs. */
export function demandByThen({ lookBack, lately, forecast }: Facts): number {
  if (forecast?.isTrusted !== true) return lookBack;
  return Math.max(isProven(forecast) ? lately : lookBack, forecast.nextHour);
}

/** So many rises have to have come. */
const PROVEN_RISES = 3;

function isProven(forecast: Facts["forecast"]): boolean {
  return forecast?.isTrusted === true && forecast.came >= PROVEN_RISES;
}

function inReason({ policy, open, evidence }: Facts, goal: number): string {
  return (
    `the last ${policy.lookBackMinutes} minutes' peak needs ${worth(evidence.lookBackDemandShards)} shards' worth, ${percent(evidence.lookBackUtilisation)} of ${shards(open)}: ` +
    `${shards(goal)} ${goal === 1 ? "stays" : "stay"} at or below ${percent(policy.targetUtilisation)}, clearly below ${percent(policy.scaleOutAt)}`
  );
}

function atMin(facts: Facts): Decision | undefined {
  const { open, policy, lookBack } = facts;
  const needed = shardsFor(lookBack, policy.targetUtilisation);
  if (open !== policy.min || needed >= open) return undefined;
  return hold(
    facts,
    "at-min",
    `${shards(needed)} would be enough, but ${areOpen(open)} and min is ${policy.min}`,
  );
}
