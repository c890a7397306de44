import type { Decision } from "../../model/decision.ts";
import { TOLERATED_SHARE } from "../measure/bursts.ts";
import { notifiedHold } from "../rules/decisions.ts";
import type { Facts } from "../rules/facts.ts";
import { percentOf, refusedReads } from "../rules/refusals.ts";
import { percent, refusedText } from "../rules/wording.ts";
import { takesAtOnce } from "./warm-throughput.ts";

/**
 * Does an on-demand stream refuse records although the mean of each minute fits? AWS gives it more shards by its peaks, which
 * such bursts do not show in, so a person has to know.
 */
export function refusalsOnDemand(facts: Facts): Decision | undefined {
  const { throttled, throttledReads, throttledShare, recent } = facts;
  if (throttled === 0) return undefined;
  if (throttled === throttledReads) return refusedReads(facts);
  if (throttledShare <= TOLERATED_SHARE) return undefined;
  const takes = takesAtOnce(facts);
  return notifiedHold(
    facts,
    "resharding-does-not-help",
    `${refusedText(facts)} (${percentOf(throttledShare)} of the writes) at ${percent(recent / takes)} of what it takes at once: bursts shorter than a minute, or one hot key. AWS sizes it by whole minutes; look at the partition keys and at the producer's retries`,
  );
}
