import type { OpenShard } from "../../model/observation.ts";

/** All hash keys of a stream. https://docs.aws.amazon.com/kinesis/latest/APIReference/API_HashKeyRange.html */
const HASH_KEYS = 2n ** 128n;

/**
 * The share of the hash keys that a shard owns, 0 to 1. Partition keys are hashed, so with many of them it is also the
 * shard's share of the traffic. After single splits and merges shards own unequal shares: all arithmetic is by share.
 */
export function shareOf({ from, to }: OpenShard): number {
  return Number(to - from + 1n) / Number(HASH_KEYS);
}

/** The largest share that one shard owns. The stream is full when that shard is. */
export function widestShare(shards: readonly OpenShard[]): number {
  return Math.max(...shards.map(shareOf));
}

/** How many splits in halves it takes until no shard owns more than `share`. */
export function splitsUntil(shards: readonly OpenShard[], share: number): number {
  return shards.reduce((sum, shard) => sum + 2 ** halvings(shareOf(shard), share) - 1, 0);
}

function halvings(owned: number, share: number): number {
  return Math.max(0, Math.ceil(Math.log2(owned / share) - 1e-9));
}

/** The middle of the shard's hash keys, where its second half begins; undefined if it owns only one. */
export function splitInTheMiddle(shards: readonly OpenShard[], shardId: string): bigint | undefined {
  const shard = shards.find(({ id }) => id === shardId);
  if (!shard || shard.to === shard.from) return undefined;
  return shard.from + (shard.to - shard.from + 1n) / 2n;
}

export type Pair = readonly [OpenShard, OpenShard];

/** The two neighbours that own the smallest share together, if that is at most `share`. */
export function narrowestPair(shards: readonly OpenShard[], share: number): Pair | undefined {
  const owned = shards.map(shareOf);
  let narrowest: { readonly pair: Pair; readonly share: number } | undefined;
  for (const [index, left] of shards.entries()) {
    const right = shards[index + 1];
    const together = (owned[index] ?? 1) + (owned[index + 1] ?? 1);
    if (!right || together >= (narrowest?.share ?? Number.POSITIVE_INFINITY)) continue;
    if (left.to + 1n === right.from) narrowest = { pair: [left, right], share: together };
  }
  return narrowest && narrowest.share <= share + 1e-12 ? narrowest.pair : undefined;
}

/** How many merges of neighbours are possible until no pair owns `share` or less together. */
export function mergesWithin(shards: readonly OpenShard[], share: number): number {
  let merges = 0;
  let run = 1; // no shard yet: nothing fits on a full share
  // From the first shard on, each is merged with as many of those after it as fit.
  for (const owned of shards.map(shareOf)) {
    if (run + owned <= share + 1e-12) {
      run += owned;
      merges += 1;
    } else run = owned;
  }
  return merges;
}
