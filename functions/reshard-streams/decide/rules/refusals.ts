import type { Decision } from "../../model/decision.ts";
import { isAbove, shardsFor } from "../measure/sizing.ts";
import { hold, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately, withinAccount } from "./refused-lately.ts";
import { percent, shards, time } from "./wording.ts";

const HOUR_MS = 3_600_000;

/** Below this share of all offered records, refusals are tolerated: producers offer them again. */
const TOLERATED_SHARE = 0.005;

/** Bursts shorter than a minute refuse writes at a mean of this utilisation or more; below it, a hot key does. */
const BURSTS_FROM = 0.25;

/**
 * Are records refused although the minutes' means fit? Then bursts shorter than a minute or one hot key are at work. More
 * shards help against bursts, once; a person has to know in any case.
 */
export function refusals(facts: Facts): Decision | undefined {
  const { throttled, throttledShare, recent, widest, open, policy, quota } = facts;
  if (throttled === 0) return undefined;
  const utilisation = recent * widest;
  const refused = `${throttled} records were refused (${percentOf(throttledShare)} of those offered) at ${percent(utilisation)} utilisation`;
  const goal = Math.min(
    Math.max(open + Math.ceil(open / 4), shardsFor(recent, policy.targetUtilisation)),
    policy.max,
  );
  const bursts = throttledShare > TOLERATED_SHARE && isAbove(utilisation, BURSTS_FROM);
  const tried = scaledOutForRefusals(facts);
  if (bursts && tried === undefined && goal > open && quota.left > 0) {
    const wait = refusedLately(facts, "out");
    if (wait) return wait;
    const why = `${refused}: bursts shorter than a minute, or one hot key. ${shards(goal)} leave bursts more room; the next refusals show whether that helped`;
    return updateTo(facts, "scale-out-throttled", withinAccount(facts, goal), why);
  }
  const also = tried === undefined ? "" : `, also after the scale-out at ${time(tried)}`;
  return hold(
    facts,
    "resharding-does-not-help",
    `${refused}${also}: one hot partition key, or bursts shorter than a minute. More shards do not help; look at the partition keys and at the producer's retries`,
    { notify: true },
  );
}

/** When it was last scaled out, within an hour; because records were refused, within a day. */
function scaledOutForRefusals({ history, now }: Facts): number | undefined {
  if (history.lastScaleOut !== undefined && history.lastScaleOut > now - HOUR_MS) return history.lastScaleOut;
  return history.entries.find(
    ({ intent, outcome }) =>
      intent.direction === "out" &&
      outcome.result === "applied" &&
      Number(intent.evidence.throttled) > 0 &&
      intent.at > now - 24 * HOUR_MS,
  )?.intent.at;
}

function percentOf(share: number): string {
  return `${(share * 100).toFixed(share < 0.001 ? 3 : 1)} %`;
}
