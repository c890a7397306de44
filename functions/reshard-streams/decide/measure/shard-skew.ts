import type { History } from "../../../../shared/ledger/entry.ts";
import type { OpenShard, ShardLoad } from "../../model/observation.ts";
import { shareOf } from "./shares.ts";
import { type Capacity, isAbove } from "./sizing.ts";

export interface HotShard {
  readonly shard: OpenShard;
  readonly load: ShardLoad;
  /** How many times the load of the other shards it carries, each by the share of the hash keys it owns. */
  readonly timesTheRest: number;
  /** One partition key carries it: a split would only move the key, it cannot divide it. */
  readonly hotKey: boolean;
}

/** A shard this many times busier than the others, share for share, is a case of its own, not a matter of size. */
const HOT_SHARD_RATIO = 2;

/** A child that keeps this share of its parent's load after a split shows that one key carries it. */
const HOT_KEY_SHARE = 0.8;

/**
 * The one shard that is used above `share`, or refuses writes, while it is far above the rest. Undefined when
 * there is none, or when the stream has one shard only.
 */
export function hotShardOf(
  shards: readonly OpenShard[],
  loads: readonly ShardLoad[],
  capacity: Capacity,
  share: number,
  history: History,
): HotShard | undefined {
  const open = loads.filter((load) => shards.some(({ id }) => id === load.shardId));
  const hottest = hottestOf(open, capacity);
  const shard = shards.find(({ id }) => id === hottest?.shardId);
  if (!hottest || !shard || shards.length < 2) return undefined;
  if (hottest.throttled === 0 && !isAbove(loadOf(hottest, capacity), share)) return undefined;
  const others = open
    .filter((load) => load !== hottest)
    .reduce((sum, load) => sum + loadOf(load, capacity), 0);
  // A shard without a datapoint carried nothing, so its keys count among the others'.
  const owned = shareOf(shard);
  const timesTheRest =
    others === 0 ? Number.POSITIVE_INFINITY : loadOf(hottest, capacity) / owned / (others / (1 - owned));
  if (timesTheRest < HOT_SHARD_RATIO) return undefined;
  return {
    shard,
    load: hottest,
    timesTheRest,
    hotKey: isOneKey(shard, hottest, open, shards, capacity, history),
  };
}

/** The busiest by load; of equal ones the one that refused more writes. */
export function hottestOf(loads: readonly ShardLoad[], capacity: Capacity): ShardLoad | undefined {
  return loads.toSorted((a, b) => loadOf(b, capacity) - loadOf(a, capacity) || b.throttled - a.throttled)[0];
}

/** What a shard carried in its busiest minute, as a share of what one shard takes. */
export function loadOf({ bytes, records }: ShardLoad, capacity: Capacity): number {
  return Math.max(bytes / capacity.bytes, records / capacity.records);
}

/** Its parent was split by us and the child kept almost all of the load; or it cannot be divided any more. */
function isOneKey(
  shard: OpenShard,
  load: ShardLoad,
  loads: readonly ShardLoad[],
  shards: readonly OpenShard[],
  capacity: Capacity,
  history: History,
): boolean {
  if (shard.from === shard.to) return true;
  const { parentId } = shard;
  const wasSplit = history.entries.some(
    ({ intent, outcome }) =>
      intent.action === "kinesis:SplitShard" &&
      outcome.result === "applied" &&
      parentId !== undefined &&
      intent.evidence.shard === parentId,
  );
  if (!wasSplit) return false;
  const siblings = shards.filter((other) => other.parentId === parentId).map(({ id }) => id);
  const family = loads
    .filter(({ shardId }) => siblings.includes(shardId))
    .reduce((sum, each) => sum + loadOf(each, capacity), 0);
  return loadOf(load, capacity) >= HOT_KEY_SHARE * family;
}
