import type { Decision, Hold } from "../../model/decision.ts";
import { burstsLately, TOLERATED_SHARE } from "../measure/bursts.ts";
import { shareOf } from "../measure/shares.ts";
import { isAbove, shardsFor } from "../measure/sizing.ts";
import { hold, notifiedHold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately } from "./refused-lately.ts";
import { outTo } from "./scale-out.ts";
import { areOpen, percent, quotaSpent, refusedText, shards, time } from "./wording.ts";

/** Bursts shorter than a minute refuse writes at a mean of this utilisation or more; below it, a hot key does. */
const BURSTS_FROM = 0.25;

/**
 * Refusals at a mean that fits are judged so long after a scale-out: taken for bursts at once, they grew streams by a quarter after
 * each jump, and kept them so (bench/reshard-policy: "launch and slow decay" 1.67 x H80, 1.15 x with this).
 */
const SETTLING_MS = 30 * 60_000;

/** More shards helped when less than this share of what was refused before still is. */
const HELPED = 0.5;

/**
 * Are records refused although the minutes' means fit? Then bursts shorter than a minute or one hot key are at work. More
 * shards help against bursts, and are added as long as they do; a person has to know in any case.
 */
export function refusals(facts: Facts): Decision | undefined {
  const { throttled, throttledReads, throttledShare, recent, widest } = facts;
  if (throttled === 0) return undefined;
  if (throttled === throttledReads) return refusedReads(facts);
  const utilisation = recent * widest;
  const refused = `${refusedText(facts)} (${percentOf(throttledShare)} of the writes) at ${percent(utilisation)} utilisation`;
  const bursts = throttledShare > TOLERATED_SHARE && isAbove(utilisation, BURSTS_FROM);
  const settling = bursts ? notYetBursts(facts, refused) : undefined;
  if (settling) return settling;
  const tried = triedInVain(facts);
  if (bursts && tried === undefined) return moreRoom(facts, refused);
  const also = tried === undefined ? "" : `, also after the scale-out at ${time(tried)}`;
  return notifiedHold(
    facts,
    "resharding-does-not-help",
    `${refused}${also}: one hot partition key, or bursts shorter than a minute. More shards do not help; look at the partition keys and at the producer's retries`,
  );
}

/** Reads are limited by the calls as well as by the bytes, and each consumer makes its calls to each shard. */
export function refusedReads(facts: Facts): Decision {
  const { recent, widest } = facts;
  return notifiedHold(
    facts,
    "resharding-does-not-help",
    `${refusedText(facts)} at ${percent(recent * widest)} utilisation: a shard takes 2 MiB/s and 5 calls of GetRecords a second from all of its consumers together. Let them poll less often, or use enhanced fan-out`,
  );
}

/** A split has to make the widest shard so much narrower to leave bursts as much room as a quarter more shards do. */
const NARROWER = 0.8;

/** A quarter more shards for bursts; where that cannot be done, a person has to know what stands in the way. */
function moreRoom(facts: Facts, refused: string): Decision {
  const { recent, open, policy, quota, now } = facts;
  const wanted = Math.max(open + Math.ceil(open / 4), shardsFor(recent, policy.targetUtilisation));
  const goal = Math.min(wanted, policy.max);
  const what = `${refused}: bursts shorter than a minute, or one hot key`;
  if (goal <= open) {
    const why = `${what}. ${shards(wanted)} would leave bursts more room, but ${areOpen(open)} and max is ${policy.max}`;
    return notifiedHold(facts, "at-max", why);
  }
  const wait = refusedLately(facts, "out");
  if (wait) return wait;
  if (quota.left === 0 && !splitLeavesRoom(facts)) {
    const why = `${what}. ${shards(goal)} would leave bursts more room, but ${quotaSpent(quota, now)}, and a split leaves the other shards as wide as they are`;
    return notifiedHold(facts, "quota-spent", why);
  }
  const why = `${what}. ${shards(goal)} leave bursts more room; the next refusals show whether that helped`;
  return outTo(facts, goal, "scale-out-throttled", why);
}

function splitLeavesRoom({ observation, widest }: Facts): boolean {
  const [, next = 0] = observation.shards.map(shareOf).toSorted((a, b) => b - a);
  return Math.max(widest / 2, next) <= NARROWER * widest;
}

/** What was refused before a scale-out is offered again after it, and is refused again where many come at once. */
function notYetBursts(facts: Facts, refused: string): Hold | undefined {
  const { lastScaleOut } = facts.history;
  if (lastScaleOut === undefined || facts.now - lastScaleOut >= SETTLING_MS) return undefined;
  const why = `${refused} since the scale-out at ${time(lastScaleOut)}: producers offer again what was refused before it, for up to half an hour, so that this is no sign of bursts yet`;
  return hold(facts, "awaiting-metrics", why, { requeue: true });
}

/** When it was last scaled out because records were refused, if that did not help. */
function triedInVain({ observation, history, now, throttledPeakShare }: Facts): number | undefined {
  const [last] = burstsLately(observation.profile, history, now);
  return last && throttledPeakShare >= HELPED * last.share ? last.at : undefined;
}

export function percentOf(share: number): string {
  return `${(share * 100).toFixed(share < 0.001 ? 3 : 1)} %`;
}
