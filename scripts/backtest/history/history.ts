import { demandsOf } from "../../../functions/reshard-streams/decide/measure/demand.ts";
import type { Capacity } from "../../../functions/reshard-streams/decide/measure/sizing.ts";
import { NOTHING_OFFERED, type Offered } from "../traffic.ts";

export const MINUTE_MS = 60_000;
export const DAY_MINUTES = 24 * 60;

/** Shorter histories say little about a month. */
export const ENOUGH_MINUTES = DAY_MINUTES;

/** One minute as it was recorded. */
export interface RecordedMinute {
  /** The minute's beginning, ms since the epoch. */
  readonly at: number;
  /** Accepted bytes and records. */
  readonly bytes: number;
  readonly records: number;
  /** Records that were refused. */
  readonly refused: number;
  readonly readBytes: number;
  readonly openShards?: number;
}

/** What is known of a stream's past. */
export interface StreamHistory {
  readonly stream: string;
  /** Where it is from, for the report. */
  readonly source: string;
  /** Begin of the first minute, and end of the last, ms since the epoch. */
  readonly from: number;
  readonly to: number;
  /** The minutes that have a datapoint, oldest first. */
  readonly recorded: readonly RecordedMinute[];
  /** How it is now, where that is known. */
  readonly now?: { readonly openShards: number; readonly mode: "PROVISIONED" | "ON_DEMAND" };
  /** What the source said about itself: datapoints it could not give, and the like. */
  readonly notes: readonly string[];
}

/** Consecutive minutes without a datapoint. */
export interface Gap {
  readonly from: number;
  readonly minutes: number;
}

export function gapsOf({ from, to, recorded }: StreamHistory): Gap[] {
  const known = [...recorded.map(({ at }) => at), to];
  return known.flatMap((at, index) => {
    const after = index === 0 ? from : (known[index - 1] ?? from) + MINUTE_MS;
    const minutes = Math.round((at - after) / MINUTE_MS);
    return minutes > 0 ? [{ from: after, minutes }] : [];
  });
}

/**
 * What producers offered, minute by minute: what was accepted, and what was refused as far as it was new, by the policy's own
 * estimate. A minute without a datapoint offered nothing.
 */
export function offeredOf({ from, to, recorded }: StreamHistory, capacity: Capacity): Offered[] {
  const minutes = recorded.map((minute) => ({ ...minute, throttled: minute.refused, throttledReads: 0 }));
  const demands = demandsOf(minutes, { ...capacity, readBytes: Number.POSITIVE_INFINITY });
  const offered = new Map(
    recorded.map((minute, index) => {
      const { at, bytes, records, readBytes } = minute;
      const demand = demands[index];
      if (bytes + records === 0)
        return [at, { bytes: 0, records: (demand?.shards ?? 0) * capacity.records, readBytes }];
      const times = demand && demand.accepted > 0 ? demand.shards / demand.accepted : 1;
      return [at, { bytes: bytes * times, records: recordsOf(minute) * times, readBytes }];
    }),
  );
  const count = Math.round((to - from) / MINUTE_MS);
  return Array.from(
    { length: count },
    (_, index) => offered.get(from + index * MINUTE_MS) ?? NOTHING_OFFERED,
  );
}

function recordsOf({ bytes, records }: RecordedMinute): number {
  return records > 0 ? records : bytes / 1024;
}
