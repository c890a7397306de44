/**
 * Wall clocks in IANA time zones, by the zone data that Node carries (`Intl`).
 *
 * A wall-clock reading is a number too: the milliseconds since the epoch that the same reading would be in
 * UTC. So a zone's offset is `reading - instant`, and days and weekdays are plain arithmetic.
 */

const SECOND = 1000;
const DAY = 86_400_000;

/** `Intl.DateTimeFormat` costs some 50 µs to make and 2 µs to use: one for each zone, kept. */
const formats = new Map<string, Intl.DateTimeFormat>();

/** Whether `zone` names a zone (`Asia/Tokyo`, `UTC`). Plain offsets such as `+09:00` are no zone here. */
export function isTimeZone(zone: string): boolean {
  if (!/^[A-Za-z]/.test(zone)) return false;
  try {
    formatFor(zone);
    return true;
  } catch {
    return false;
  }
}

/** What the clocks in `zone` read at `at`, in whole seconds, as milliseconds (see above). */
export function wallClockAt(zone: string, at: number): number {
  const fields: Record<string, number> = {};
  for (const { type, value } of formatFor(zone).formatToParts(at)) fields[type] = Number(value);
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = fields;
  return Date.UTC(year, month - 1, day, hour, minute, second);
}

/** The first instant at which the clocks read `reading`; the jump itself when they jump over it. */
export function firstInstantReading(zone: string, reading: number): number {
  return Math.min(...instantsReading(zone, reading));
}

/** The last instant at which the clocks read `reading`; the jump itself when they jump over it. */
export function lastInstantReading(zone: string, reading: number): number {
  return Math.max(...instantsReading(zone, reading));
}

/** One instant, two when an hour comes twice, the moment of the jump when it does not come. */
function instantsReading(zone: string, reading: number): number[] {
  // No zone is a day away from UTC, so these two lie on either side of every candidate.
  const offsets = [offsetAt(zone, reading - DAY), offsetAt(zone, reading + DAY)];
  const instants = offsets
    .filter((offset) => offsetAt(zone, reading - offset) === offset)
    .map((offset) => reading - offset);
  return instants.length > 0 ? instants : [jumpBetween(zone, reading, offsets)];
}

/** The first whole second at which the clocks read `reading` or later. */
function jumpBetween(zone: string, reading: number, offsets: readonly number[]): number {
  let before = reading - Math.max(...offsets);
  let after = reading - Math.min(...offsets);
  while (after - before > SECOND) {
    const middle = before + Math.floor((after - before) / 2 / SECOND) * SECOND;
    if (wallClockAt(zone, middle) >= reading) after = middle;
    else before = middle;
  }
  return after;
}

function offsetAt(zone: string, at: number): number {
  return wallClockAt(zone, at) - Math.floor(at / SECOND) * SECOND;
}

function formatFor(zone: string): Intl.DateTimeFormat {
  const kept = formats.get(zone);
  if (kept) return kept;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(zone, made);
  return made;
}
