import { Misconfigured } from "../lambda/errors.ts";
import { firstInstantReading, isTimeZone, lastInstantReading, wallClockAt } from "./zones.ts";

/**
 * Time windows as people write them:
 *
 *     Mon-Fri 08:00-20:00 Asia/Tokyo                        weekly
 *     Sat,Sun 22:00-06:00 Europe/Berlin                     weekly, over midnight: belongs to the day it starts
 *     02:00-03:00 UTC                                       every day
 *     2026-03-28 22:00 - 2026-03-29 06:00 Europe/Berlin     once
 *
 * The times are wall-clock times in an IANA zone. On the days the clocks change, a window begins at the first
 * moment its start is read on the clock and ends at the last moment its end is read, so an hour that comes
 * twice is inside throughout; a start or end that the clocks jump over is the moment of the jump.
 */
export type Window = WeeklyWindow | OneOffWindow;

export interface WeeklyWindow {
  readonly kind: "weekly";
  /** As it was written: what logs and notifications quote. */
  readonly text: string;
  /** The days on which it starts, 0 = Sunday … 6 = Saturday. */
  readonly days: ReadonlySet<number>;
  /** Minutes after midnight, 0..1439. */
  readonly startMinute: number;
  /** Minutes after midnight of the day it started, 1..2879: over midnight it is beyond 1440. */
  readonly endMinute: number;
  readonly zone: string;
}

export interface OneOffWindow {
  readonly kind: "once";
  readonly text: string;
  /** Milliseconds since the epoch. */
  readonly start: number;
  /** Milliseconds since the epoch; not inside. */
  readonly end: number;
}

/** One time that a window is open: `start <= t < end`, milliseconds since the epoch. */
export interface Occurrence {
  readonly start: number;
  readonly end: number;
}

const EXPECTED =
  'expected "Mon-Fri 08:00-20:00 Asia/Tokyo" or "2026-03-28 22:00 - 2026-03-29 06:00 Europe/Berlin"';
const DAY_NAMES = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const MINUTES_A_DAY = 1440;
const MINUTE = 60_000;
const DAY = MINUTES_A_DAY * MINUTE;

const WEEKLY = /^(?:(?<days>[a-z,-]+)\s+)?(?<from>\d\d:\d\d)\s*-\s*(?<to>\d\d:\d\d)\s+(?<zone>\S+)$/i;
const ONCE =
  /^(?<fromDate>\d{4}-\d\d-\d\d)[ T](?<from>\d\d:\d\d)\s+-\s+(?<toDate>\d{4}-\d\d-\d\d)[ T](?<to>\d\d:\d\d)\s+(?<zone>\S+)$/;

/** Reads a window. Throws `Misconfigured` with what was found and what was expected. */
export function parseWindow(text: string): Window {
  const trimmed = text.trim();
  const weekly = WEEKLY.exec(trimmed)?.groups;
  if (weekly) return parseWeekly(text, weekly);
  const once = ONCE.exec(trimmed)?.groups;
  if (once) return parseOnce(text, once);
  throw wrong(text, EXPECTED);
}

/** The time the window is open at `at`, or undefined when it is closed then. */
export function occurrenceAt(window: Window, at: number): Occurrence | undefined {
  return occurrencesAround(window, at, 0).find(({ start, end }) => start <= at && at < end);
}

/** The next time the window opens, later than `at`; undefined for a one-off window that has begun. */
export function nextOccurrence(window: Window, at: number): Occurrence | undefined {
  // The same weekday a week on, or two weeks on when a DST gap swallowed that one.
  return occurrencesAround(window, at, 15).find(({ start }) => start > at);
}

/** Whether the window is open at `at` (milliseconds since the epoch). */
export function isOpen(window: Window, at: number): boolean {
  return occurrenceAt(window, at) !== undefined;
}

/** Occurrences that start from the day before `at` (it may run over midnight) to `daysAhead` days after it, in order. */
function occurrencesAround(window: Window, at: number, daysAhead: number): Occurrence[] {
  if (window.kind === "once") return [{ start: window.start, end: window.end }];
  const today = Math.floor(wallClockAt(window.zone, at) / DAY);
  const found: Occurrence[] = [];
  for (let day = today - 1; day <= today + daysAhead; day++) {
    if (!window.days.has(new Date(day * DAY).getUTCDay())) continue;
    const start = firstInstantReading(window.zone, day * DAY + window.startMinute * MINUTE);
    const end = lastInstantReading(window.zone, day * DAY + window.endMinute * MINUTE);
    // Both inside the hour that the clocks jump over: on this day it does not exist.
    if (start < end) found.push({ start, end });
  }
  return found;
}

function parseWeekly(text: string, parts: Record<string, string | undefined>): WeeklyWindow {
  const zone = zoneOf(text, parts.zone);
  const startMinute = minuteOf(text, parts.from, MINUTES_A_DAY - 1);
  const endOfDay = minuteOf(text, parts.to, MINUTES_A_DAY);
  if (startMinute === endOfDay) {
    throw wrong(text, "expected an end that differs from the start (a whole day is 00:00-24:00)");
  }
  const endMinute = endOfDay > startMinute ? endOfDay : endOfDay + MINUTES_A_DAY;
  return { kind: "weekly", text: text.trim(), days: daysOf(text, parts.days), startMinute, endMinute, zone };
}

function parseOnce(text: string, parts: Record<string, string | undefined>): OneOffWindow {
  const zone = zoneOf(text, parts.zone);
  const from = dateOf(text, parts.fromDate) + minuteOf(text, parts.from, MINUTES_A_DAY - 1) * MINUTE;
  const to = dateOf(text, parts.toDate) + minuteOf(text, parts.to, MINUTES_A_DAY) * MINUTE;
  const start = firstInstantReading(zone, from);
  const end = lastInstantReading(zone, to);
  if (start >= end) throw wrong(text, "expected an end that is later than the start");
  return { kind: "once", text: text.trim(), start, end };
}

/** `Mon-Fri,Sun`, in any case; a range may run over the week's end (`Sat-Mon`). Nothing means every day. */
function daysOf(text: string, days: string | undefined): ReadonlySet<number> {
  if (days === undefined) return new Set([0, 1, 2, 3, 4, 5, 6]);
  const found = new Set<number>();
  for (const part of days.split(",")) {
    const [first, last, ...rest] = part.split("-").map((name) => DAY_NAMES.indexOf(name.toLowerCase()));
    const to = last ?? first;
    if (first === undefined || to === undefined || first < 0 || to < 0 || rest.length > 0) {
      throw wrong(
        text,
        `"${part}" is no day: expected Mon, Tue, Wed, Thu, Fri, Sat, Sun, a range or a list of them`,
      );
    }
    for (let day = first; ; day = (day + 1) % 7) {
      found.add(day);
      if (day === to) break;
    }
  }
  return found;
}

function minuteOf(text: string, time: string | undefined, latest: number): number {
  const [hours = Number.NaN, minutes = Number.NaN] = (time ?? "").split(":").map(Number);
  const minute = hours * 60 + minutes;
  if (minutes < 60 && minute <= latest) return minute;
  throw wrong(
    text,
    `"${time}" is no time of day: expected 00:00 to ${latest === MINUTES_A_DAY ? "24:00" : "23:59"}`,
  );
}

/** The date's midnight as if it were UTC; rejects dates that do not exist (30 February). */
function dateOf(text: string, date: string | undefined): number {
  const midnight = Date.parse(`${date}T00:00:00Z`);
  if (Number.isFinite(midnight) && new Date(midnight).toISOString().startsWith(`${date}T`)) return midnight;
  throw wrong(text, `"${date}" is no date`);
}

function zoneOf(text: string, zone: string | undefined): string {
  if (zone !== undefined && isTimeZone(zone)) return zone;
  throw wrong(
    text,
    `"${zone}" is no IANA time zone: expected a name such as Asia/Tokyo, Europe/Berlin or UTC`,
  );
}

function wrong(text: string, why: string): Misconfigured {
  return new Misconfigured(`found the time window "${text}", ${why}`);
}
