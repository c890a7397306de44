import type { Observation, OpenShard } from "../../model/observation.ts";
import { hottestOf } from "./shard-skew.ts";
import type { Capacity } from "./sizing.ts";

/** The shard to split when only one can be: the hottest where that is measured, else the widest. */
export function shardToSplit({ shards, shardLoads }: Observation, capacity: Capacity): OpenShard {
  const hottest = shardLoads && hottestOf(shardLoads, capacity);
  const measured = hottest && shards.find(({ id }) => id === hottest.shardId);
  return measured ?? shards.reduce((widest, shard) => (width(shard) > width(widest) ? shard : widest));
}

/** The middle of the shard's hash keys, where its second half begins; undefined if it owns only one. */
export function splitInTheMiddle(shards: readonly OpenShard[], shardId: string): bigint | undefined {
  const shard = shards.find(({ id }) => id === shardId);
  if (!shard || width(shard) < 2n) return undefined;
  return shard.from + width(shard) / 2n;
}

/** The two neighbours that own the fewest hash keys together: merging them moves the least. */
export function narrowestPair(shards: readonly OpenShard[]): readonly [OpenShard, OpenShard] | undefined {
  let narrowest: readonly [OpenShard, OpenShard] | undefined;
  shards.forEach((left, index) => {
    const right = shards[index + 1];
    if (!right || left.to + 1n !== right.from) return;
    const together = width(left) + width(right);
    if (!narrowest || together < width(narrowest[0]) + width(narrowest[1])) narrowest = [left, right];
  });
  return narrowest;
}

function width({ from, to }: OpenShard): bigint {
  return to - from + 1n;
}
