import type { History } from "../../../../shared/ledger/entry.ts";
import type { Minute } from "../../model/observation.ts";
import type { Capacity } from "./sizing.ts";

const MINUTE_MS = 60_000;

export type Unit = "bytes" | "records" | "readBytes";

/** What one minute asked of the stream, in shards' worth. */
export interface MinuteDemand {
  readonly at: number;
  /** The largest of bytes, records and reads, refused writes included. */
  readonly shards: number;
  readonly unit: Unit;
  /** The same, of what was accepted alone. */
  readonly accepted: number;
}

/** Producers offer a refused record again for about so many minutes, so each is counted so often. */
const RETRIED_MINUTES = 3;

/** Refusals that changed by less than this share since the minute before are steady: not a backlog that grows or drains. */
const STEADY = 0.1;

/** Retries within a minute count again too: one minute's refusals never stand for more than this many times its accepted. */
const MOST_REFUSED = 3;

/**
 * The demand of each minute, accepted and refused: refused writes are not in the byte and record metrics. Refused records
 * are offered again and then counted again, so only those beyond the minute before are new. While they are steady, as many
 * are new as producers give up on: a third is taken, but never more than what the minutes of growing refusals before showed.
 * While refusals fall, part of what is accepted are those of before. A refused record is taken to be as large as an accepted
 * one.
 */
export function demandsOf(minutes: readonly Minute[], capacity: Capacity): MinuteDemand[] {
  const demands: MinuteDemand[] = [];
  /** The largest demand since records began to be refused. */
  let shown: number | undefined;
  for (const [index, minute] of minutes.entries()) {
    const before = minutes[index - 1];
    const refusedBefore = before !== undefined && minute.at - before.at <= MINUTE_MS ? before.throttled : 0;
    const more = minute.throttled - refusedBefore;
    const measured = demandOf(minute, more, capacity);
    const isSteady = refusedBefore > 0 && Math.abs(more) <= STEADY * refusedBefore;
    const guessed = isSteady ? demandOf(minute, minute.throttled / RETRIED_MINUTES, capacity) : measured;
    const most = Math.max(measured.shards, shown ?? Number.POSITIVE_INFINITY);
    demands.push(guessed.shards > most ? { ...guessed, shards: most } : guessed);
    if (minute.throttled === 0) shown = undefined;
    else if (more > 0) shown = Math.max(shown ?? 0, measured.shards);
  }
  return demands;
}

function demandOf(minute: Minute, refused: number, capacity: Capacity): MinuteDemand {
  const { at, bytes, records, readBytes } = minute;
  const accepted = recordsOf(minute);
  const offered = accepted === 0 ? 1 : 1 + Math.max(-0.9, Math.min(refused / accepted, MOST_REFUSED));
  const units: readonly [Unit, number][] = [
    ["bytes", (bytes / capacity.bytes) * offered],
    ["records", accepted === 0 ? refused / capacity.records : (records / capacity.records) * offered],
    ["readBytes", readBytes / capacity.readBytes],
  ];
  const [unit, shards] = units.reduce((largest, each) => (each[1] > largest[1] ? each : largest));
  return { at, unit, shards, accepted: accepted === 0 ? 0 : shards / offered };
}

/** Accepted records; where only their bytes are known, as many as if each had a kilobyte. */
export function recordsOf({ bytes, records }: Minute): number {
  return records > 0 ? records : bytes / 1024;
}

/**
 * The largest demand that the ledger has of the last day, in shards' worth: each scale-in had measured the peak of its
 * look-back, in which nothing was refused. 0 when there was none.
 */
export function knownPeak({ entries }: History): number {
  const measured = entries
    .filter(({ intent, outcome }) => intent.direction === "in" && outcome.result === "applied")
    .map(({ intent }) => Number(intent.evidence.lookBackDemandShards) || 0);
  return Math.max(0, ...measured);
}

/** The busiest of some minutes; undefined of none. */
export function peakOf(demands: readonly MinuteDemand[]): MinuteDemand | undefined {
  return demands.reduce<MinuteDemand | undefined>(
    (peak, each) => (!peak || each.shards > peak.shards ? each : peak),
    undefined,
  );
}

const TREND_MINUTES = 5;

/**
 * Where the demand is heading: the mean of the newest five minutes, carried on as it rose from the five before. A jump is
 * no trend: it has to have risen as much in the five minutes before. 0 without fifteen minutes, and while it falls.
 *
 * @param aheadMinutes from the newest minute to when a change decided now has taken effect
 */
export function projected(demands: readonly MinuteDemand[], aheadMinutes: number): number {
  const window = (index: number) =>
    demands.slice(-(index + 1) * TREND_MINUTES, demands.length - index * TREND_MINUTES);
  if (demands.length < 3 * TREND_MINUTES) return 0;
  const [oldest, before, newest] = [mean(window(2)), mean(window(1)), mean(window(0))];
  const rise = Math.min(newest - before, 1.5 * (before - oldest));
  return rise <= 0 ? 0 : newest + (rise / TREND_MINUTES) * (TREND_MINUTES / 2 + aheadMinutes);
}

/** From the newest minute that has metrics to when a change decided now has taken effect. */
const AHEAD_MINUTES = 4;

/** A rise is carried on to this much above what was measured, not further: steps are no trends. */
const MOST_PROJECTED = 1.25;

/**
 * What a rising demand comes to while a change takes effect; `recent` where it does not rise.
 *
 * @param recent the measured peak, in shards' worth
 */
export function risingDemand(demands: readonly MinuteDemand[], recent: number): number {
  return Math.max(recent, Math.min(projected(demands, AHEAD_MINUTES), MOST_PROJECTED * recent));
}

/** So many steps are a trend. */
const STEPS_OF_A_TREND = 2;

/**
 * What the demand comes to where a rise has taken several calls and goes on: the more it took, the further ahead the next one
 * reaches. In steps of a few minutes each, the day's calls are gone before a rise of an hour ends. 0 where it has taken fewer.
 *
 * @param calls that scaled out within the rise
 */
export function lastingDemand(demands: readonly MinuteDemand[], recent: number, calls: number): number {
  if (calls < STEPS_OF_A_TREND) return 0;
  const most = 1 + (MOST_PROJECTED - 1) * calls;
  return Math.min(projected(demands, AHEAD_MINUTES * (1 + calls)), most * recent);
}

/** Whether the newest third of some minutes is clearly busier than the oldest. */
export function rises(demands: readonly MinuteDemand[]): boolean {
  const third = Math.floor(demands.length / 3);
  return third > 0 && mean(demands.slice(-third)) > CLEARLY * mean(demands.slice(0, third));
}

/** More than the noise of a quiet stream. */
const CLEARLY = 1.05;

function mean(demands: readonly MinuteDemand[]): number {
  return demands.reduce((sum, { shards }) => sum + shards, 0) / demands.length;
}
