import type { StreamPolicy } from "../../config/policy.ts";
import { type DemandProfile, SLOT_MS } from "../../model/demand-profile.ts";
import { type Forecast, isPredictedIn, largestIn } from "./demand-profile.ts";
import { KNOWN_PEAK_UTILISATION, shardsFor, sizeFor } from "./sizing.ts";

const SLOTS_A_DAY = (24 * 3_600_000) / SLOT_MS;
/** A scale-in looks back for an hour: so many quarters. */
const LOOK_BACK_SLOTS = 4;

/** Of the 10 calls a day, so many may be needed by the rises that repeat; the others are for what does not. */
const CALLS_FOR_RISES = 8;

/** A rise by less than this is made by splits. */
const WORTH_A_CALL = 1.4;

/** Shards that are kept whatever the traffic of the last hour was. */
export interface Kept {
  readonly least: number;
  /** What the days that are known showed that `least` is for. */
  readonly because: "the largest jump" | "many jumps" | "rises that repeat" | "nothing";
  /** Calls of UpdateShardCount that the rises take which repeat daily; 0 without a forecast that is trusted. */
  readonly callsForRises: number;
}

export const NOTHING_KEPT: Kept = { least: 1, because: "nothing", callsForRises: 0 };

/**
 * The fewest shards from which what the days that are known showed can be reached in time.
 *
 * @param peak the largest demand of those days, in shards' worth; undefined before a day is known
 */
export function keptFor(
  profile: DemandProfile,
  policy: Pick<
    StreamPolicy,
    "keptShareOfPeak" | "targetUtilisation" | "scaleOutAt" | "refusalPrice" | "forecast"
  >,
  forecast: Forecast | undefined,
  peak: number | undefined,
): Kept {
  const { keptShareOfPeak, targetUtilisation, scaleOutAt, refusalPrice } = policy;
  const trusted = forecast?.isTrusted === true && policy.forecast !== "off" ? policy.forecast : undefined;
  const isPredicted = trusted ? isPredictedIn(profile, trusted) : () => false;
  const rises = trusted
    ? risesOfADay(profile, Math.max(targetUtilisation, KNOWN_PEAK_UTILISATION))
    : undefined;
  const causes: readonly Kept[] = [
    { ...NOTHING_KEPT, least: rises?.least ?? 1, because: "rises that repeat" },
    {
      ...NOTHING_KEPT,
      least: Math.ceil(keptShareOfPeak * sizeFor(largestJump(profile), targetUtilisation, peak)),
      because: "the largest jump",
    },
    {
      ...NOTHING_KEPT,
      // As many as take it without a scale-out.
      least: shardsFor(demandWorthKept(profile, refusalPrice, isPredicted), scaleOutAt),
      because: "many jumps",
    },
  ];
  const most = causes.reduce((kept, each) => (each.least > kept.least ? each : kept), NOTHING_KEPT);
  return { ...most, callsForRises: rises?.calls ?? 0 };
}

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

/** From the peak of the hour before to that of a quarter of an hour, in shards' worth. */
interface Jump {
  readonly at: number;
  readonly from: number;
  readonly to: number;
}

function jumpsIn(peaks: DemandProfile["peaks"]): Jump[] {
  return peaks.flatMap((to, at) => {
    const hourBefore = peaks.slice(Math.max(0, at - LOOK_BACK_SLOTS), at).filter((each) => each !== null);
    const from = Math.max(...hourBefore);
    return to !== null && hourBefore.length > 0 && to > JUMP * from ? [{ at, from, to }] : [];
  });
}

/**
 * The largest demand of the days that are known that came as a jump, in shards' worth: metrics are minutes late, so nothing can be
 * added in time for the next one like it. 0 where the demand has only ever risen step by step, which scale-out can follow.
 */
export function largestJump({ peaks }: DemandProfile): number {
  return Math.max(0, ...jumpsIn(peaks).map(({ to }) => to));
}

/** Jumps that have not come for so many days are no reason to keep shards. */
const JUMPS_OF_DAYS = 4;
/** One jump repeats nothing. */
const FEWEST_JUMPS = 2;
/** What jumps beyond the open shards is refused for so long, by late metrics, UPDATING and the backlog; each doubling adds some. */
const REFUSED_MINUTES = 6;
const MINUTES_A_DOUBLING = 1.5;
const SLOT_MINUTES = SLOT_MS / 60_000;

/**
 * The largest demand, in shards' worth, for which keeping shards all the time costs less than what its jumps have refused: a
 * stream that jumps several times a day at no regular time is scaled in in vain. 0 when there is none.
 *
 * @param price what refusing one shard's worth of records for a minute costs, in shard-minutes
 * @param isPredicted whether a quarter of an hour (its index in the profile) is one that shards are added for in time
 */
export function demandWorthKept(
  { peaks }: DemandProfile,
  price: number,
  isPredicted: (at: number) => boolean,
): number {
  const first = Math.max(0, peaks.length - JUMPS_OF_DAYS * SLOTS_A_DAY);
  const jumps = jumpsIn(peaks).filter(({ at, to }) => at >= first && to > 1 && !isPredicted(at));
  // What would be open anyway: a scale-in looks back for an hour. What a first day has not shown yet counts as idle.
  const held = peaks
    .slice(first)
    .map((_, index) => first + index)
    .map((at) => largestIn(peaks.slice(Math.max(0, at - LOOK_BACK_SLOTS), at + 1)));
  const unknown = Math.max(0, SLOTS_A_DAY - held.length);
  const isWorthIt = (level: number) => {
    const beyond = jumps.filter(({ from, to }) => from < level && level <= to);
    const refused = beyond.reduce((sum, { from }) => sum + refusedMinutes(level / Math.max(1, from)), 0);
    const idle = SLOT_MINUTES * (unknown + held.filter((each) => each < level).length);
    return beyond.length >= FEWEST_JUMPS && price * refused >= idle;
  };
  return Math.max(0, ...jumps.map(({ to }) => to).filter(isWorthIt));
}

function refusedMinutes(times: number): number {
  return REFUSED_MINUTES + MINUTES_A_DOUBLING * Math.log2(times);
}
