import { type DemandProfile, SLOT_MS } from "../../model/demand-profile.ts";
import { shardsFor } from "./sizing.ts";

const SLOTS_A_DAY = (24 * 3_600_000) / SLOT_MS;
/** A scale-in looks back for an hour: so many quarters. */
const LOOK_BACK_SLOTS = 4;

/** Of the 10 calls a day, so many may be needed by the rises that repeat; the others are for what does not. */
const CALLS_FOR_RISES = 8;

/** A rise by less than this is made by splits. */
const WORTH_A_CALL = 1.4;

/** What the rises of a day ask for that repeats. */
export interface RisesOfADay {
  /** The fewest shards from which they take at most 8 calls. */
  readonly least: number;
  /** The calls that they take from there. */
  readonly calls: number;
}

const NONE: RisesOfADay = { least: 1, calls: 0 };

/**
 * The fewest shards from which yesterday's rises take at most 8 doublings: below, a stream that falls and rises several times
 * a day would have no call left for the last of them. None before a day is known.
 *
 * @param utilisation at which the peaks are sized
 */
export function risesOfADay({ peaks }: DemandProfile, utilisation: number): RisesOfADay {
  const day = peaks.slice(-SLOTS_A_DAY).map((peak) => peak ?? 0);
  if (day.length < SLOTS_A_DAY) return NONE;
  const needed = day.map((_, at) =>
    shardsFor(Math.max(...day.slice(Math.max(0, at - LOOK_BACK_SLOTS), at + 1)), utilisation),
  );
  const most = Math.max(...needed);
  for (let doublings = Math.ceil(Math.log2(most)); doublings > 0; doublings -= 1) {
    const least = Math.ceil(most / 2 ** doublings);
    const calls = callsFrom(least, needed);
    if (calls <= CALLS_FOR_RISES) return { least, calls };
  }
  return { least: most, calls: 0 };
}

function callsFrom(least: number, needed: readonly number[]): number {
  let calls = 0;
  let open = Math.max(least, needed[0] ?? 1);
  for (const each of needed) {
    const to = Math.max(least, each);
    if (to > WORTH_A_CALL * open) calls += Math.ceil(Math.log2(to / open) - 0.1);
    open = to;
  }
  return calls;
}

/** A quarter of an hour that needs more than this many times the hour before it came without a warning. */
const JUMP = 2;

/**
 * The largest demand of the days that are known that came as a jump, in shards' worth: metrics are minutes late, so nothing can be
 * added in time for the next one like it. 0 where the demand has only ever risen step by step, which scale-out can follow.
 */
export function largestJump({ peaks }: DemandProfile): number {
  return peaks.reduce<number>((largest, peak, at) => {
    const hourBefore = peaks.slice(Math.max(0, at - LOOK_BACK_SLOTS), at).filter((each) => each !== null);
    const jumped = peak !== null && hourBefore.length > 0 && peak > JUMP * Math.max(...hourBefore);
    return jumped ? Math.max(largest, peak) : largest;
  }, 0);
}
