import type { Decision, Verdict } from "../../model/decision.ts";
import { shardToSplit } from "../measure/shard-choice.ts";
import { demandOf, isAbove, largestStep, shardsFor } from "../measure/sizing.ts";
import { awaitingMetrics, waitsForMetrics } from "./awaiting-metrics.ts";
import { hold, split, updateTo } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { percent, quotaSpent, shards, time, unitName } from "./wording.ts";

const MINUTE = 60_000;

/** Does it need more? */
export function scaleOut(look: Facts): Decision | undefined {
  const { open, policy, recent, capacity, throttled, history, quota, now } = look;
  const busy = isAbove(recent, capacity, open, policy.scaleOutAt);
  if (!busy && throttled === 0) return undefined;

  const measured = shardsFor(recent, capacity, policy.targetUtilisation);
  const verdict: Verdict = throttled > 0 ? "scale-out-throttled" : "scale-out";
  if (throttled > 0 && !busy && helpedNot(look)) {
    return hold(
      look,
      "resharding-does-not-help",
      `${throttled} records were refused at ${percent(look.evidence.utilisation)} utilisation, also after the scale-out at ${time(history.lastScaleOut ?? now)}: ` +
        "one hot partition key, or bursts shorter than a minute. More shards do not help; look at the partition keys and at the producer's retries",
      { tell: true },
    );
  }
  // Throttled traffic is not in the metrics. When the measured part alone fills the shards, how much more there
  // is cannot be known: take the largest step. Else grow by a quarter, as AWS recommends steps of 25 %.
  const needed =
    throttled === 0 ? measured : Math.max(measured, busy ? largestStep(open) : open + Math.ceil(open / 4));
  const goal = Math.min(needed, policy.max);
  const reason = outReason(look, measured, busy);
  if (goal <= open) {
    return hold(look, "at-max", `${reason}, but ${shards(open)} are open and max is ${policy.max}`, {
      tell: true,
    });
  }
  if (quota.left > 0) return updateTo(look, verdict, goal, reason);
  if (throttled === 0) {
    return hold(look, "quota-spent", `${reason}, but ${quotaSpent(quota, now)}`, { tell: true });
  }
  if (waitsForMetrics(look)) return awaitingMetrics(look, history.lastScaleOut ?? now);
  return split(
    look,
    "split-without-quota",
    shardToSplit(look.seen, capacity).id,
    `${reason}; ${quotaSpent(quota, now)}, so one shard is split, which has no daily quota`,
  );
}

function outReason(look: Facts, measured: number, busy: boolean): string {
  const { open, policy, recent, capacity, throttled, evidence } = look;
  const { unit } = demandOf(recent, capacity);
  const demand = `the last ${policy.scaleOutMinutes} minutes' peak needs ${evidence.demandShards} shards' worth of ${unitName(unit)}, ${percent(evidence.utilisation)} of ${shards(open)}`;
  const fit = `${shards(measured)} ${measured === 1 ? "brings" : "bring"} it to at most ${percent(policy.targetUtilisation)}`;
  if (throttled === 0) return `${demand}, above ${percent(policy.scaleOutAt)}: ${fit}`;
  const refused = `${throttled} were refused, so the demand is larger than what was measured`;
  return busy ? `${demand}, and ${refused}` : `${refused}; ${demand}`;
}

/** It was scaled out within the hour, has had minutes to show for it, and writes are refused all the same. */
function helpedNot({ history, now }: Facts): boolean {
  return history.lastScaleOut !== undefined && history.lastScaleOut > now - 60 * MINUTE;
}
