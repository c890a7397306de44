import type { History } from "../../../../shared/ledger/entry.ts";
import { type DayVolume, type DemandProfile, SLOT_MS } from "../../model/demand-profile.ts";
import type { Minute, Observation } from "../../model/observation.ts";
import { burstsLately } from "./bursts.ts";
import type { MinuteDemand } from "./demand.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const SLOTS_A_DAY = (24 * HOUR_MS) / SLOT_MS;

/** A week, and the day that it is compared with. */
const KEPT_SLOTS = 8 * SLOTS_A_DAY;

/** Metrics of a minute are there so long after it. */
const LATE_MS = 3 * MINUTE_MS;

/**
 * The profile with the slots that have ended since; undefined when there is nothing to add.
 *
 * @param now ms since the epoch
 * @param history its scale-outs because of bursts are kept
 */
export function profileAfter(
  { profile, minutes, metricsComplete, heartbeat }: Observation,
  demands: readonly MinuteDemand[],
  lookBackMinutes: number,
  now: number,
  history: Pick<History, "entries"> = { entries: [] },
): DemandProfile | undefined {
  const last = Math.floor((now - LATE_MS) / SLOT_MS) - 1;
  const firstSeen = Math.ceil((now - lookBackMinutes * MINUTE_MS) / SLOT_MS);
  const known = profile ? profile.firstSlot + profile.peaks.length : firstSeen;
  const first = Math.max(known, last - KEPT_SLOTS + 1);
  if (last < first) return undefined;
  const isKnown = metricsComplete && (minutes.length > 0 || heartbeat === true);
  const slots = range(first, last);
  const seen = slots.filter((slot) => isKnown && slot >= firstSeen);
  const added = slots.map((slot) => (seen.includes(slot) ? peakIn(slot, demands) : null));
  const kept = first === known ? (profile?.peaks ?? []) : [];
  const peaks = [...kept, ...added].slice(-KEPT_SLOTS);
  const bursts = burstsLately(profile, history, now);
  return {
    firstSlot: last - peaks.length + 1,
    peaks,
    days: daysAfter(profile?.days ?? [], seen, minutes),
    ...(bursts.length > 0 && { bursts }),
  };
}

/** The days with what was taken in these slots. */
function daysAfter(
  days: readonly DayVolume[],
  slots: readonly number[],
  minutes: readonly Minute[],
): readonly DayVolume[] {
  const after = new Map(days.map((each) => [each.day, each]));
  for (const slot of slots) {
    const within = minutes.filter(({ at }) => Math.floor(at / SLOT_MS) === slot);
    const day = Math.floor(slot / SLOTS_A_DAY);
    const before = after.get(day) ?? { day, slots: 0, bytes: 0, records: 0 };
    after.set(day, {
      day,
      slots: before.slots + 1,
      bytes: before.bytes + within.reduce((sum, { bytes }) => sum + bytes, 0),
      records: before.records + within.reduce((sum, { records }) => sum + records, 0),
    });
  }
  return [...after.values()].sort((a, b) => a.day - b.day).slice(-KEPT_SLOTS / SLOTS_A_DAY);
}

function peakIn(slot: number, demands: readonly MinuteDemand[]): number {
  const within = demands.filter(({ at }) => Math.floor(at / SLOT_MS) === slot);
  return Number(within.reduce((peak, { shards }) => Math.max(peak, shards), 0).toPrecision(3));
}

/** The largest demand of the last day and a week before it; undefined before a day is known. */
export function peakOfDays(profile: DemandProfile | undefined): number | undefined {
  return profile && profile.peaks.length >= SLOTS_A_DAY ? largestIn(profile.peaks) : undefined;
}

/** The largest demand of what is known, in shards' worth; 0 where nothing is. */
export function largestIn(peaks: DemandProfile["peaks"]): number {
  return peaks.reduce<number>((peak, each) => Math.max(peak, each ?? 0), 0);
}

export interface Forecast {
  /** The largest demand predicted for the time in which a change decided now takes effect, and for the next hour. */
  readonly soon: number;
  readonly nextHour: number;
  /** Rises that it predicted in the days that are known, and how many of them came. */
  readonly predicted: number;
  readonly came: number;
  /** Mean difference to what was measured in the last day, as a share of the latter; undefined before anything was. */
  readonly error: number | undefined;
  readonly isTrusted: boolean;
}

/**
 * When a change has to be decided so that it has its effect before more than `above` is predicted, ms since the epoch: the
 * first such moment after now, within the next hour.
 *
 * @param leadMs how long it takes from then until a change has its effect
 */
export function predictedRiseAt(
  profile: DemandProfile,
  period: Period,
  { now, leadMs, above }: { readonly now: number; readonly leadMs: number; readonly above: number },
): number | undefined {
  const predicted = predictionOf(profile, period);
  const slot = range(slotOf(now + leadMs) + 1, slotOf(now + HOUR_MS)).find((each) => predicted(each) > above);
  return slot === undefined ? undefined : slot * SLOT_MS - leadMs;
}

/** What is predicted for a slot, counted from the epoch: what was measured a period before it, 0 where that is not known. */
function predictionOf({ firstSlot, peaks }: DemandProfile, period: Period): (slot: number) => number {
  return (slot) => peaks[slot - firstSlot - slotsIn(period)] ?? 0;
}

type Period = "daily" | "weekly";

const slotsIn = (period: Period): number => (period === "daily" ? SLOTS_A_DAY : 7 * SLOTS_A_DAY);

const slotOf = (at: number): number => Math.floor(at / SLOT_MS);

/** What is predicted above the newest measured demand by so much is a rise. */
const RISE = 1.25;
/** It has come when at least this share of what was predicted was measured then. */
const COME = 0.75;
/**
 * It is trusted while this share of the rises came, in the last day and in all that are known. Before the first one it is:
 * what repeats does so from the second day on.
 */
const TRUSTED = 0.6;

/**
 * The demand of a day or a week ago at the same time of day, and how often it was right.
 *
 * @param leadMs how long it takes from now until a change has its effect
 */
export function forecastOf(profile: DemandProfile, period: Period, now: number, leadMs: number): Forecast {
  const { peaks } = profile;
  const slots = slotsIn(period);
  const predicted = predictionOf(profile, period);
  const most = (to: number) =>
    range(slotOf(now), slotOf(to))
      .map(predicted)
      .reduce((largest, each) => Math.max(largest, each), 0);
  const compared = peaks.flatMap((is, index) => {
    const [was, before] = [peaks[index - 1], peaks[index - slots]];
    return is === null || was == null || before == null ? [] : [{ index, is, was, predicted: before }];
  });
  const rises = risesIn(compared);
  const lastDay = peaks.length - SLOTS_A_DAY;
  const recent = rises.filter(({ until }) => until >= lastDay);
  const isRight = (some: readonly Rise[]) => some.filter(({ came }) => came).length >= TRUSTED * some.length;
  return {
    ...{ soon: most(now + leadMs), nextHour: most(now + HOUR_MS) },
    predicted: rises.length,
    came: rises.filter(({ came }) => came).length,
    error: errorOf(compared.filter(({ index }) => index >= lastDay)),
    isTrusted: isRight(rises) && isRight(recent),
  };
}

/**
 * Whether a trusted forecast adds shards in time for what came in a quarter of an hour of the profile, by its index: as much had
 * come a period before, or it is of the first period, which is what the forecast has been made of since.
 */
export function isPredictedIn({ peaks }: DemandProfile, period: Period): (index: number) => boolean {
  const slots = slotsIn(period);
  return (index) => index < slots || (peaks[index - slots] ?? 0) >= COME * (peaks[index] ?? 0);
}

interface Compared {
  readonly index: number;
  readonly is: number;
  readonly was: number;
  readonly predicted: number;
}

/** Slots in a row in which a rise was predicted, and whether it came in one of them. */
interface Rise {
  readonly until: number;
  readonly predicted: number;
  readonly came: boolean;
}

function risesIn(compared: readonly Compared[]): Rise[] {
  const rises: Rise[] = [];
  for (const { index, is, was, predicted } of compared) {
    const last = rises.at(-1);
    // One that has not come yet goes on while more is predicted than measured.
    const begun = last && last.until === index - 1 && !last.came ? last : undefined;
    if (predicted <= RISE * (begun ? Math.min(is, was) : was)) continue;
    const most = Math.max(predicted, begun?.predicted ?? 0);
    if (begun) rises.pop();
    rises.push({ until: index, predicted: most, came: is >= COME * most });
  }
  return rises;
}

function errorOf(compared: readonly Compared[]): number | undefined {
  const total = compared.reduce((sum, { is }) => sum + is, 0);
  const apart = compared.reduce((sum, { is, predicted }) => sum + Math.abs(is - predicted), 0);
  return total > 0 ? apart / total : undefined;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
}
