import type { StreamPolicy } from "../../config/policy.ts";

/** What one shard takes in one minute, in whole bytes and records. */
export interface Capacity {
  readonly bytes: number;
  readonly records: number;
  readonly readBytes: number;
}

/** Two shares closer than this are the same: sums of shares and quotients of shards are not exact. */
const EPSILON = 1e-9;

export function capacityOf({ shardCapacity }: Pick<StreamPolicy, "shardCapacity">): Capacity {
  return {
    bytes: Math.round(shardCapacity.bytesPerSecond * 60),
    records: Math.round(shardCapacity.recordsPerSecond * 60),
    readBytes: Math.round(shardCapacity.readBytesPerSecond * 60),
  };
}

/** The smallest number of equal shards, at least 1, that `demand` (in shards' worth) uses at most `utilisation`. */
export function shardsFor(demand: number, utilisation: number): number {
  return Math.max(1, Math.ceil(demand / utilisation - EPSILON));
}

/** Up to here a peak that is known from days may use the shards: less room than for one that is only guessed. */
export const KNOWN_PEAK_UTILISATION = 0.8;

/**
 * The smallest number of equal shards for a demand: at most the target's share is used, and never more shards than a fixed
 * count would have for the peak of the days that are known.
 *
 * @param peakOfDays undefined where no day is known, or the demand exceeds it
 */
export function sizeFor(demand: number, target: number, peakOfDays: number | undefined): number {
  const needed = shardsFor(demand, target);
  if (peakOfDays === undefined) return needed;
  return Math.min(needed, shardsFor(peakOfDays, Math.max(target, KNOWN_PEAK_UTILISATION)));
}

/** Whether a utilisation is above a limit, and not merely by rounding. */
export function isAbove(utilisation: number, limit: number): boolean {
  return utilisation > limit + EPSILON;
}

/** UpdateShardCount takes at most the double... */
export function largestStep(openShards: number): number {
  return openShards * 2;
}

/** ...and not less than the half; of an odd count the ceiling: 3 -> 2, 5 -> 3, 7 -> 4. */
export function smallestStep(openShards: number): number {
  return Math.ceil(openShards / 2);
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
