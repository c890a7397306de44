import type { Hold, Verdict } from "../../model/decision.ts";
import { UPDATE_SHARD_COUNT_PER_DAY } from "../measure/quota.ts";
import { isAbove, peakOfShard } from "../measure/sizing.ts";
import { hold } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { percent, quotaSpent, time } from "./wording.ts";

const MINUTE_MS = 60_000;

/** Why a scale-in has to wait, if it has to; shared by scale-in and by coming back below max. */
export function scaleInCaution(facts: Facts): Hold | undefined {
  const { observation, policy, history, now, throttled, quota } = facts;
  const no = (verdict: Verdict, why: string, requeue = false) =>
    hold(facts, verdict, `fewer shards would be enough, but ${why}`, { requeue });

  if (!observation.metricsComplete) {
    return no(
      "metrics-incomplete",
      "CloudWatch did not answer for the whole look-back: no scale-in on missing numbers",
    );
  }
  if (observation.createdAt > now - policy.lookBackMinutes * MINUTE_MS) {
    return no(
      "too-new",
      `the stream was created at ${time(observation.createdAt)}, less than a look-back of ${policy.lookBackMinutes} minutes ago`,
    );
  }
  const refusedInLookBack = observation.minutes.some(
    (minute) => minute.throttled > 0 || minute.throttledReads > 0,
  );
  if (throttled > 0 || refusedInLookBack) {
    return no("busy-in-look-back", `records were refused within the last ${policy.lookBackMinutes} minutes`);
  }
  const busyShard = observation.shardLoads?.find((load) =>
    isAbove(peakOfShard(load), facts.capacity, 1, policy.scaleOutAt),
  );
  if (busyShard) {
    return no("busy-in-look-back", `${busyShard.shardId} alone is above ${percent(policy.scaleOutAt)}`);
  }
  const { iteratorAgeMs } = observation;
  if (iteratorAgeMs !== undefined && iteratorAgeMs > policy.maxIteratorAgeSeconds * 1000) {
    return no(
      "consumers-behind",
      `its consumers are ${Math.round(iteratorAgeMs / 1000)} s behind, more than ${policy.maxIteratorAgeSeconds} s: fewer shards would also mean fewer of them`,
    );
  }
  const lastChange = Math.max(history.lastScaleOut ?? 0, history.lastScaleIn ?? 0);
  const cooledAt = lastChange + policy.scaleInCooldownMinutes * MINUTE_MS;
  if (lastChange > 0 && now < cooledAt) {
    return no("cooling-down", `it was changed at ${time(lastChange)}: no scale-in before ${time(cooledAt)}`);
  }
  if (quota.left === 0) return no("quota-spent", quotaSpent(quota, now));
  if (quota.left <= policy.reserveForScaleOut) {
    return no(
      "quota-reserved",
      `${quota.used} of ${UPDATE_SHARD_COUNT_PER_DAY} calls of UpdateShardCount in 24 hours are used and the last ${policy.reserveForScaleOut} are kept for scale-out`,
    );
  }
  return undefined;
}
