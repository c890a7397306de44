import type { Decision, Verdict } from "../../model/decision.ts";
import { shardToSplit } from "../measure/shard-choice.ts";
import { demandOf, isAbove, largestStep, shardsFor } from "../measure/sizing.ts";
import { awaitingMetrics, waitsForMetrics } from "./awaiting-metrics.ts";
import { hold, split, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { percent, quotaSpent, shards, time, unitName } from "./wording.ts";

const MINUTE_MS = 60_000;

/** Does it need more? */
export function scaleOut(facts: Facts): Decision | undefined {
  const { open, policy, recent, capacity, throttled, history, quota, now } = facts;
  const busy = isAbove(recent, capacity, open, policy.scaleOutAt);
  if (!busy && throttled === 0) return undefined;

  const measured = shardsFor(recent, capacity, policy.targetUtilisation);
  const verdict: Verdict = throttled > 0 ? "scale-out-throttled" : "scale-out";
  if (throttled > 0 && !busy && scaleOutDidNotHelp(facts)) {
    return hold(
      facts,
      "resharding-does-not-help",
      `${throttled} records were refused at ${percent(facts.evidence.utilisation)} utilisation, also after the scale-out at ${time(history.lastScaleOut ?? now)}: ` +
        "one hot partition key, or bursts shorter than a minute. More shards do not help; look at the partition keys and at the producer's retries",
      { tell: true },
    );
  }
  // Throttled traffic is not in the metrics. When the measured part alone fills the shards, how much more there
  // is cannot be known: take the largest step. Else grow by a quarter, as AWS recommends steps of 25 %.
  const needed =
    throttled === 0 ? measured : Math.max(measured, busy ? largestStep(open) : open + Math.ceil(open / 4));
  const goal = Math.min(needed, policy.max);
  const reason = outReason(facts, measured, busy);
  if (goal <= open) {
    return hold(facts, "at-max", `${reason}, but ${shards(open)} are open and max is ${policy.max}`, {
      tell: true,
    });
  }
  if (quota.left > 0) return updateTo(facts, verdict, goal, reason);
  if (throttled === 0) {
    return hold(facts, "quota-spent", `${reason}, but ${quotaSpent(quota, now)}`, { tell: true });
  }
  if (waitsForMetrics(facts)) return awaitingMetrics(facts, history.lastScaleOut ?? now);
  return split(
    facts,
    "split-without-quota",
    shardToSplit(facts.observation, capacity).id,
    `${reason}; ${quotaSpent(quota, now)}, so one shard is split, which has no daily quota`,
  );
}

function outReason(facts: Facts, measured: number, busy: boolean): string {
  const { open, policy, recent, capacity, throttled, evidence } = facts;
  const { unit } = demandOf(recent, capacity);
  const demand = `the last ${policy.scaleOutMinutes} minutes' peak needs ${evidence.demandShards} shards' worth of ${unitName(unit)}, ${percent(evidence.utilisation)} of ${shards(open)}`;
  const fit = `${shards(measured)} ${measured === 1 ? "brings" : "bring"} it to at most ${percent(policy.targetUtilisation)}`;
  if (throttled === 0) return `${demand}, above ${percent(policy.scaleOutAt)}: ${fit}`;
  const refused = `${throttled} were refused, so the demand is larger than what was measured`;
  return busy ? `${demand}, and ${refused}` : `${refused}; ${demand}`;
}

/** It was scaled out within the hour, has had minutes to show for it, and writes are refused all the same. */
function scaleOutDidNotHelp({ history, now }: Facts): boolean {
  return history.lastScaleOut !== undefined && history.lastScaleOut > now - 60 * MINUTE_MS;
}
