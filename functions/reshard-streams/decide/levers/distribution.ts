import type { Decision, UpdateStreamRecordDistributionStrategy } from "../../model/decision.ts";
import { TOLERATED_SHARE } from "../measure/bursts.ts";
import { isAbove } from "../measure/sizing.ts";
import { notifiedHold } from "../rules/decisions.ts";
import type { Facts } from "../rules/facts.ts";
import { othersNeedMore } from "../rules/hot-shard.ts";
import { percent, recordsRefused, times } from "../rules/wording.ts";
import { refusedADayAgo } from "./refused.ts";

/** Writes that are refused at a mean of at most this utilisation are those of one key. */
const ONE_KEY_UP_TO = 0.25;

const CHANGES =
  "records of one key then go to any shard, so consumers get them in no order, and one that counts or joins by key sees only its shards' part of a key. It takes effect at once, for new records, and the other way round as well";

/**
 * Does one key carry an on-demand stream? AWS gives it more shards, but one key stays in one shard. Records can be spread
 * whatever their keys; what that means for consumers only their owner knows, so `distribution: auto` has to allow it.
 */
export function distributeEvenly(facts: Facts): Decision | undefined {
  const { observation, policy, open, evidence } = facts;
  const what = observation.distribution === "AUTO" ? undefined : hotKeyIn(facts);
  if (what === undefined) return undefined;
  const refused = refusedADayAgo(facts, "UpdateStreamRecordDistributionStrategy");
  if (policy.distribution !== "auto" || refused !== undefined) {
    // Warming it up helps the other shards.
    if (observation.advantage === true && othersNeedMore(facts)) return undefined;
    const how = refused ?? "`distribution: auto` does that";
    return notifiedHold(
      facts,
      "hot-key",
      `${what}. UpdateStreamRecordDistributionStrategy AUTO would spread them: ${CHANGES}. ${how}; or use more partition keys`,
    );
  }
  const decision: UpdateStreamRecordDistributionStrategy = {
    ...{ kind: "UpdateStreamRecordDistributionStrategy", verdict: "distribute-evenly", strategy: "AUTO" },
    ...{ direction: "none", from: open, to: open },
    reasons: [`${what}. Its records are spread over all shards: ${CHANGES}`],
    evidence,
  };
  return decision;
}

function hotKeyIn({ hot, throttled, throttledShare, recent, widest }: Facts): string | undefined {
  if (hot) {
    return Number.isFinite(hot.timesTheRest)
      ? `${hot.shard.id} carries ${times(hot.timesTheRest)} times the mean load of the other shards: one or few partition keys carry it`
      : `${hot.shard.id} carries all of the load: one partition key, or few, carry it`;
  }
  const utilisation = recent * widest;
  if (throttledShare <= TOLERATED_SHARE || isAbove(utilisation, ONE_KEY_UP_TO)) return undefined;
  return `${recordsRefused(throttled)} at ${percent(utilisation)} utilisation: one or few partition keys carry them`;
}
