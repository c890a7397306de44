import type { Evidence, History } from "../../../../shared/ledger/entry.ts";
import type { StreamPolicy } from "../../config/policy.ts";
import type { Observation } from "../../model/observation.ts";
import { type Quota, quotaOf } from "../measure/quota.ts";
import { type HotShard, hotShardOf } from "../measure/shard-skew.ts";
import { type Capacity, capacityOf, demandOf, type Peak, peakOf } from "../measure/sizing.ts";

const MINUTE_MS = 60_000;

/** What the rules share: the observation, and what was calculated from it. */
export interface Facts {
  readonly observation: Observation;
  readonly policy: StreamPolicy;
  readonly history: History;
  readonly now: number;
  readonly open: number;
  readonly capacity: Capacity;
  /** Busiest minutes of the minutes of scale-out, and of the whole look-back. */
  readonly recent: Peak;
  readonly lookBack: Peak;
  /** Refused writes and reads since the last scale-out had its effect, within the minutes of scale-out. */
  readonly throttled: number;
  readonly quota: Quota;
  readonly hot: HotShard | undefined;
  readonly evidence: Evidence;
}

export function factsOf(
  observation: Observation,
  policy: StreamPolicy,
  history: History,
  now: number,
): Facts {
  const capacity = capacityOf(policy);
  const open = observation.shards.length;
  const recentMinutes = observation.minutes.filter(
    ({ at }) => at >= now - (policy.scaleOutMinutes + 1) * MINUTE_MS,
  );
  const recent = peakOf(recentMinutes);
  const lookBack = peakOf(observation.minutes);
  // Writes refused before the last scale-out took effect say nothing about the shards that are open now.
  const effective = Math.max(history.lastScaleOut ?? 0, observation.lastSeenUpdatingAt ?? 0) + MINUTE_MS;
  const throttled = recentMinutes
    .filter(({ at }) => at >= effective)
    .reduce((sum, minute) => sum + minute.throttled + (policy.reads ? minute.throttledReads : 0), 0);
  const quota = quotaOf(history, now);
  const demand = demandOf(recent, capacity);
  const demandInLookBack = demandOf(lookBack, capacity);
  const hot =
    observation.shardLoads &&
    hotShardOf(observation.shards, observation.shardLoads, capacity, policy.scaleOutAt, history);
  return {
    observation: observation,
    policy,
    history,
    now,
    open,
    capacity,
    recent,
    lookBack,
    throttled,
    quota,
    hot,
    evidence: {
      openShards: open,
      demandShards: rounded(demand.shards),
      demandUnit: demand.unit,
      utilisation: rounded(demand.shards / open),
      lookBackDemandShards: rounded(demandInLookBack.shards),
      lookBackUtilisation: rounded(demandInLookBack.shards / open),
      throttled,
      iteratorAgeMs: observation.iteratorAgeMs ?? null,
      quotaUsed: quota.used,
      ...(hot && { hotShard: hot.shard.id, hotShardTimesTheRest: rounded(Math.min(hot.timesTheRest, 1e6)) }),
    },
  };
}

function rounded(value: number): number {
  return Math.round(value * 1000) / 1000;
}
