import type { Decision, Hold } from "../../model/decision.ts";
import { burstsLately, TOLERATED_SHARE } from "../measure/bursts.ts";
import { isAbove, shardsFor } from "../measure/sizing.ts";
import { hold, notifiedHold, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately, withinAccount } from "./refused-lately.ts";
import { percent, recordsRefused, shards, time } from "./wording.ts";

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
  const { throttled, throttledShare, recent, widest, open, policy, quota } = facts;
  if (throttled === 0) return undefined;
  const utilisation = recent * widest;
  const refused = `${recordsRefused(throttled)} (${percentOf(throttledShare)} of those offered) at ${percent(utilisation)} utilisation`;
  const goal = Math.min(
    Math.max(open + Math.ceil(open / 4), shardsFor(recent, policy.targetUtilisation)),
    policy.max,
  );
  const bursts = throttledShare > TOLERATED_SHARE && isAbove(utilisation, BURSTS_FROM);
  const settling = bursts ? notYetBursts(facts, refused) : undefined;
  if (settling) return settling;
  const tried = triedInVain(facts);
  if (bursts && tried === undefined && goal > open && quota.left > 0) {
    const wait = refusedLately(facts, "out");
    if (wait) return wait;
    const why = `${refused}: bursts shorter than a minute, or one hot key. ${shards(goal)} leave bursts more room; the next refusals show whether that helped`;
    return updateTo(facts, "scale-out-throttled", withinAccount(facts, goal), why);
  }
  const also = tried === undefined ? "" : `, also after the scale-out at ${time(tried)}`;
  return notifiedHold(
    facts,
    "resharding-does-not-help",
    `${refused}${also}: one hot partition key, or bursts shorter than a minute. More shards do not help; look at the partition keys and at the producer's retries`,
  );
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

function percentOf(share: number): string {
  return `${(share * 100).toFixed(share < 0.001 ? 3 : 1)} %`;
}
