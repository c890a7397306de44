/**
 * The fewest shard-hours with which no minute is used above 80 %, whoever decides: each minute alone needs at least its
 * demand by 0.8, rounded up, and at least one shard. A schedule that has fewer in some minute uses more than 80 % in it. So
 * the sum is a lower bound of every such schedule; it changes for free, at once, and knows the future.
 */
export function h80(demand: readonly number[]): number {
  return demand.reduce((sum, each) => sum + shardsAt80(each), 0) / 60;
}

/** One count for all minutes, the smallest whose peak is at 80 %. */
export function staticShards(demand: readonly number[]): number {
  return shardsAt80(demand.reduce((peak, each) => Math.max(peak, each), 0));
}

/** The fewest shards that a demand in shards' worth uses at most 80 % of. */
export function shardsAt80(demand: number): number {
  return Math.max(1, Math.ceil(demand / 0.8 - 1e-9));
}
