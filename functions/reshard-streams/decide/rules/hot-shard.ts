import type { Decision, Hold } from "../../model/decision.ts";
import { loadOf } from "../measure/shard-skew.ts";
import { isAbove } from "../measure/sizing.ts";
import { hold, notifiedHold, split } from "./decisions.ts";
import type { Facts } from "./facts.ts";
import { refusedLately } from "./refused-lately.ts";
import { scaleOutAbove } from "./scale-out.ts";
import { areOpen, time, times } from "./wording.ts";

const MINUTE_MS = 60_000;

/** Is one shard hot, rather than the stream too small? */
export function hotShard(facts: Facts): Decision | undefined {
  const { hot, open, policy, history } = facts;
  if (!hot || othersNeedMore(facts)) return undefined;
  const what = Number.isFinite(hot.timesTheRest)
    ? `${hot.shard.id} carries ${times(hot.timesTheRest)} times the mean load of the other shards`
    : `${hot.shard.id} carries all of the load`;
  if (hot.hotKey) {
    return notifiedHold(
      facts,
      "hot-key",
      `${what}, and kept it after it was split: one partition key carries it. Resharding cannot divide a key; spread its records over more partition keys. An on-demand stream can spread them whatever their keys (UpdateStreamRecordDistributionStrategy AUTO), where no consumer needs them in order by key`,
    );
  }
  if (open >= policy.max) {
    return notifiedHold(
      facts,
      "at-max",
      `${what}, but ${areOpen(open)} and max is ${policy.max}: it is not split`,
    );
  }
  const refused = refusedLately(facts, "out");
  if (refused) return refused;
  if (waitsForMetrics(facts)) return awaitingMetrics(facts, history.lastScaleOut ?? facts.now);
  return split(facts, "hot-shard", hot.shard.id, `${what}: that shard is split, the others are left`);
}

/** Other shards are full as well: then the stream is too small, whatever else one key does to it. */
export function othersNeedMore(facts: Facts): boolean {
  const { observation, hot, capacity, policy, expected, widest } = facts;
  const loads = observation.shardLoads ?? [];
  const isFull = loads.some(
    (load) => load.shardId !== hot?.shard.id && isAbove(loadOf(load, capacity), policy.scaleOutAt),
  );
  return isFull && isAbove(expected * widest, scaleOutAbove(facts));
}

/** The effect of a single split has to be measured first: no further split until a full minute was. */
function waitsForMetrics({ history, now }: Facts): boolean {
  return history.lastScaleOut !== undefined && now < history.lastScaleOut + 3 * MINUTE_MS;
}

function awaitingMetrics(facts: Facts, since: number): Hold {
  return hold(
    facts,
    "awaiting-metrics",
    `a shard was split at ${time(since)}: its effect has to be measured before another one is`,
    { requeue: true },
  );
}
