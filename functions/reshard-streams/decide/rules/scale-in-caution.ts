import type { Hold, Verdict } from "../../model/decision.ts";
import { burstsLately, TOLERATED_SHARE } from "../measure/bursts.ts";
import { recordsOf } from "../measure/demand.ts";
import { UPDATE_SHARD_COUNT_PER_DAY } from "../measure/quota.ts";
import { regretsUntil } from "../measure/regret.ts";
import { loadOf } from "../measure/shard-skew.ts";
import { isAbove } from "../measure/sizing.ts";
import { consumersBehind } from "./consumers.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately } from "./refused-lately.ts";
import { lessOf, percent, quotaSpent, shards, time } from "./wording.ts";

const MINUTE_MS = 60_000;

/** A count that refused records is not returned to while the demand is at least this share of what it was then. */
const SAME_DEMAND = 0.5;

/** Where CloudWatch has no datapoint for so long, only one of another metric proves that it works. */
const NEWEST_MS = 10 * MINUTE_MS;

/** Why a scale-in has to wait, if it has to. In this order; the first one that applies is the reason. */
const CAUTIONS: readonly ((facts: Facts) => Hold | undefined)[] = [
  refusedByAws,
  metricsIncomplete,
  tooNew,
  refusedInLookBack,
  noDatapoints,
  refusedAtFewer,
  busyShard,
  consumersBehind,
  coolingDown,
  rising,
];

export function scaleInCaution(facts: Facts): Hold | undefined {
  for (const caution of CAUTIONS) {
    const found = caution(facts);
    if (found) return found;
  }
  return undefined;
}

/** Why a scale-in by UpdateShardCount has to wait, although one by merges would not have to. */
export function scaleInCallCaution(facts: Facts): Hold | undefined {
  const { observation, policy, quota, history, now } = facts;
  if (observation.minutes.length === 0) {
    const why = "without a single datapoint it is scaled in by one merge a minute, not by half";
    return wait(facts, "metrics-incomplete", why);
  }
  const cooledAt = (history.lastScaleIn ?? 0) + policy.scaleInCooldownMinutes * MINUTE_MS;
  if (now < cooledAt) {
    return wait(
      facts,
      "cooling-down",
      `it was scaled in at ${time(history.lastScaleIn ?? 0)}: no UpdateShardCount to scale in before ${time(cooledAt)}`,
    );
  }
  if (quota.left === 0) return wait(facts, "quota-spent", quotaSpent(quota, now));
  const reserved = Math.max(policy.reserveForScaleOut, facts.kept.callsForRises);
  if (quota.left > reserved) return undefined;
  return wait(
    facts,
    "quota-reserved",
    `${quota.used} of ${UPDATE_SHARD_COUNT_PER_DAY} calls of UpdateShardCount in 24 hours are used and the last ${reserved} are kept for scale-out`,
  );
}

function wait(facts: Facts, verdict: Verdict, why: string): Hold {
  return hold(facts, verdict, `${lessOf(facts)} would be enough, but ${why}`);
}

function refusedByAws(facts: Facts): Hold | undefined {
  return refusedLately(facts, "in");
}

function metricsIncomplete(facts: Facts): Hold | undefined {
  if (facts.observation.metricsComplete) return undefined;
  const why = "CloudWatch did not answer for the whole look-back: no scale-in on missing numbers";
  return wait(facts, "metrics-incomplete", why);
}

/** No traffic has no datapoints either; but then CloudWatch has those of the shard count that Reflex publishes. */
function noDatapoints(facts: Facts): Hold | undefined {
  const { observation, policy, now } = facts;
  const { heartbeat, minutes } = observation;
  const newest = minutes.at(-1)?.at;
  if (heartbeat ?? minutes.length > 0) return undefined;
  if (newest !== undefined && newest > now - NEWEST_MS) return undefined;
  const since =
    newest === undefined ? `of the last ${policy.lookBackMinutes} minutes` : `since ${time(newest)}`;
  const why = `CloudWatch has no datapoint ${since}, not even of the shard count that Reflex publishes: that is no proof of no traffic`;
  return wait(facts, "metrics-incomplete", why);
}

function tooNew(facts: Facts): Hold | undefined {
  const { observation, policy, now } = facts;
  if (observation.createdAt <= now - policy.lookBackMinutes * MINUTE_MS) return undefined;
  const why = `the stream was created at ${time(observation.createdAt)}, less than a look-back of ${policy.lookBackMinutes} minutes ago`;
  return wait(facts, "too-new", why);
}

function refusedInLookBack(facts: Facts): Hold | undefined {
  const { observation, policy } = facts;
  const tolerated = observation.minutes.every(
    (minute) =>
      minute.throttled <= TOLERATED_SHARE * (recordsOf(minute) + minute.throttled) &&
      (!policy.reads || minute.throttledReads === 0),
  );
  if (tolerated) return undefined;
  const what = observation.minutes.some(({ throttled }) => throttled > 0) ? "records" : "reads";
  return wait(
    facts,
    "busy-in-look-back",
    `${what} were refused within the last ${policy.lookBackMinutes} minutes`,
  );
}

/** Bursts shorter than a minute do not show in the demand: what the ledger knows of a count that refused counts. */
function refusedAtFewer(facts: Facts): Hold | undefined {
  const { observation, history, now, open, lookBack } = facts;
  const refused = burstsLately(observation.profile, history, now).find(
    ({ to, demand }) => to >= open && lookBack >= SAME_DEMAND * demand,
  );
  if (!refused) return undefined;
  const why = `${shards(refused.from)} refused records at ${time(refused.at)} at a like demand, in bursts shorter than a minute`;
  return wait(facts, "busy-in-look-back", why);
}

function busyShard(facts: Facts): Hold | undefined {
  const { observation, policy, capacity } = facts;
  const busy = observation.shardLoads?.find((load) => isAbove(loadOf(load, capacity), policy.scaleOutAt));
  if (!busy) return undefined;
  return wait(facts, "busy-in-look-back", `${busy.shardId} alone is above ${percent(policy.scaleOutAt)}`);
}

/** While the look-back reaches back to the scale-out, it may be trimmed: what it needed since is in the look-back. */
function coolingDown(facts: Facts): Hold | undefined {
  const { history, policy, now } = facts;
  const { lastScaleOut } = history;
  if (lastScaleOut === undefined) return undefined;
  const trims = now <= lastScaleOut + policy.lookBackMinutes * MINUTE_MS;
  const cooldown = lastScaleOut + policy.scaleInCooldownMinutes * MINUTE_MS;
  const cooledAt = trims ? cooldown : Math.max(cooldown, regretsUntil(history, policy.refusalPrice, now));
  if (now >= cooledAt) return undefined;
  const why = `it was scaled out at ${time(lastScaleOut)}: no scale-in before ${time(cooledAt)}`;
  return wait(facts, "cooling-down", why);
}

function rising(facts: Facts): Hold | undefined {
  if (!facts.rises) return undefined;
  return wait(facts, "busy-in-look-back", "its traffic rises");
}
