import type { Evidence } from "../../../../shared/ledger/entry.ts";
import type { Unit } from "../measure/demand.ts";
import { type Quota, UPDATE_SHARD_COUNT_PER_DAY } from "../measure/quota.ts";

export function quotaSpent({ used, nextAt }: Quota, now: number): string {
  const when = nextAt > now ? `the next is allowed at ${time(nextAt)}` : "the next is allowed now";
  return `${used} of ${UPDATE_SHARD_COUNT_PER_DAY} calls of UpdateShardCount in 24 hours are used, ${when}`;
}

export function time(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 16)}Z`;
}

export function percent(share: Evidence[string] | undefined): string {
  return `${Math.round(Number(share) * 100)} %`;
}

export function shards(count: number): string {
  return count === 1 ? "1 shard" : `${count} shards`;
}

/** `1 shard is open`, `8 shards are open`. */
export function areOpen(count: number): string {
  return `${shards(count)} ${count === 1 ? "is" : "are"} open`;
}

/** Made for the first number: it takes 8 ms of a cold start, and making one for each number would be slow. */
let numbers: Intl.NumberFormat | undefined;

/** Counts of records: `1,240 records`, `1 record`. */
export function records(count: number): string {
  return `${number(count)} ${count === 1 ? "record" : "records"}`;
}

function number(count: number): string {
  numbers ??= new Intl.NumberFormat("en");
  return numbers.format(count);
}

/** `1,240 records were refused`. */
export const recordsRefused = (count: number): string =>
  `${records(count)} ${count === 1 ? "was" : "were"} refused`;

/** What was refused: `1,240 records were refused`, `1,240 records and 3 reads were refused`. */
export function refusedText({
  throttled,
  throttledReads,
}: {
  readonly throttled: number;
  readonly throttledReads: number;
}): string {
  const writes = throttled - throttledReads;
  if (throttledReads === 0) return recordsRefused(writes);
  const reads = `${number(throttledReads)} ${throttledReads === 1 ? "read" : "reads"}`;
  if (writes > 0) return `${records(writes)} and ${reads} were refused`;
  return `${reads} ${throttledReads === 1 ? "was" : "were"} refused`;
}

/** How many times as much: `10.0`; of a shard that owns a key or two it would be a number nobody can read. */
export const times = (ratio: number): string => (ratio > 1_000 ? "over 1,000" : ratio.toFixed(1));

/** A number of shards' worth, to a tenth; what is less than that, to a hundredth. */
export function worth(value: Evidence[string] | undefined): string {
  const number = Number(value);
  return String(Number(number.toFixed(number < 1 ? 2 : 1)));
}

export function usd(amount: number): string {
  return `$${amount.toFixed(2)}`;
}

export function unitName(unit: Unit): string {
  return unit === "readBytes" ? "reads" : unit;
}

/** What a scale-in leaves less of. */
export function lessOf({ observation }: { readonly observation: { readonly mode: string } }): string {
  return observation.mode === "ON_DEMAND" ? "less warm throughput" : "fewer shards";
}

export function lastMinutes(count: number): string {
  return count === 1 ? "last minute's" : `last ${count} minutes'`;
}
