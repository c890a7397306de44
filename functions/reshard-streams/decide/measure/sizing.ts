import type { StreamPolicy } from "../../config/policy.ts";
import type { Minute, ShardLoad } from "../../model/observation.ts";

/** What one shard takes in one minute, in whole bytes and records. */
export interface Capacity {
  readonly bytes: number;
  readonly records: number;
  readonly readBytes: number;
}

/** The busiest minute in each unit; they need not be the same minute. */
export interface Peak {
  readonly bytes: number;
  readonly records: number;
  readonly readBytes: number;
}

export type Unit = keyof Peak;
const UNITS: readonly Unit[] = ["bytes", "records", "readBytes"];

/** Shares are counted in ten-thousandths, so that all comparisons are between whole numbers. */
const WHOLE = 10_000;

export function capacityOf({ shardCapacity }: StreamPolicy): Capacity {
  return {
    bytes: Math.round(shardCapacity.bytesPerSecond * 60),
    records: Math.round(shardCapacity.recordsPerSecond * 60),
    readBytes: Math.round(shardCapacity.readBytesPerSecond * 60),
  };
}

export function peakOf(minutes: readonly Minute[]): Peak {
  const peak = { bytes: 0, records: 0, readBytes: 0 };
  for (const minute of minutes) {
    for (const unit of UNITS) peak[unit] = Math.max(peak[unit], Math.round(minute[unit]));
  }
  return peak;
}

export function peakOfShard({ bytes, records }: ShardLoad): Peak {
  return { bytes: Math.round(bytes), records: Math.round(records), readBytes: 0 };
}

/** The smallest number of shards, at least 1, whose utilisation at `peak` is at or below `share`. Exact. */
export function shardsFor(peak: Peak, capacity: Capacity, share: number): number {
  const parts = Math.round(share * WHOLE);
  return Math.max(1, ...UNITS.map((unit) => divideUp(peak[unit] * WHOLE, capacity[unit] * parts)));
}

/** Whether `shards` shards are used more than `share` at `peak`. Exact. */
export function isAbove(peak: Peak, capacity: Capacity, shards: number, share: number): boolean {
  const parts = Math.round(share * WHOLE);
  return UNITS.some((unit) => peak[unit] * WHOLE > shards * capacity[unit] * parts);
}

/** The demand in shards and the unit that is the largest: for people to read, not to decide by. */
export function demandOf(peak: Peak, capacity: Capacity): { shards: number; unit: Unit } {
  let largest: { shards: number; unit: Unit } = { shards: peak.bytes / capacity.bytes, unit: "bytes" };
  for (const unit of UNITS) {
    const shards = peak[unit] / capacity[unit];
    if (shards > largest.shards) largest = { shards, unit };
  }
  return largest;
}

/** UpdateShardCount takes at most the double... */
export function largestStep(openShards: number): number {
  return openShards * 2;
}

/** ...and not less than the half; of an odd count the ceiling: 3 -> 2, 5 -> 3, 7 -> 4. */
export function smallestStep(openShards: number): number {
  return Math.ceil(openShards / 2);
}

/** `a / b` rounded up. The remainder of whole numbers is exact where their quotient may be rounded. */
function divideUp(a: number, b: number): number {
  return a <= 0 ? 0 : (a - 1 - ((a - 1) % b)) / b + 1;
}

export function clamp(value: number, min: number, max: number): number {
  return Math.min(Math.max(value, min), max);
}
