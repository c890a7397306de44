import { ExactNumber, parseDecimal } from "./decimal.ts";
import type { JsonValue } from "./json.ts";

/** `iso` is RFC 3339, read with some latitude (`isoToMilliseconds`); the other two count from 1970. */
export type TimeFormat = "iso" | "seconds" | "milliseconds";

/**
 * A time of RFC 3339, and what is written in its place: a blank for the `T`, a comma before the fraction, no seconds, an offset
 * without a colon or without minutes (Java writes `+0000`). The offset must be there: a time without one would mean another
 * moment on another machine. `T` and `Z` may be small letters; the second may be 60, for a leap second.
 */
const TIME =
  /^(\d{4}-(?:0[1-9]|1[0-2])-(\d{2}))[T ]((?:[01]\d|2[0-3]):[0-5]\d)(?::([0-5]\d|60)(?:[.,](\d{1,20}))?)?(?:Z|([+-](?:[01]\d|2[0-3])):?([0-5]\d)?)$/i;

/**
 * A time as the decimal text of milliseconds since the epoch, to its last digit: two versions a
 * microsecond apart stay apart. A leap second is the first second of the next minute, as it is to POSIX.
 * `undefined` if it is no such time, or of a day that is not in its month.
 */
export function isoToMilliseconds(text: string): string | undefined {
  const [, date = "", day, time = "", second = "0", fraction = "", hours = "+00", minutes = "00"] =
    TIME.exec(text) ?? [];
  const midnight = new Date(`${date}T00:00:00Z`);
  // Date takes 30 February for 1 March.
  if (Number.isNaN(midnight.getTime()) || midnight.getUTCDate() !== Number(day)) return undefined;
  const minute = Date.parse(`${date}T${time}:00${hours}:${minutes}`);
  const digits = fraction.padEnd(3, "0");
  const below = digits.length - 3;
  const scaled = BigInt(minute + Number(second) * 1000) * 10n ** BigInt(below) + BigInt(digits);
  return below === 0 ? String(scaled) : `${scaled}E-${below}`;
}

/** Seconds since the epoch, for DynamoDB's time to live; `undefined` if the value is no time of this format. */
export function toEpochSeconds(value: JsonValue | undefined, format: TimeFormat): number | undefined {
  if (format === "iso") {
    const milliseconds = typeof value === "string" ? isoToMilliseconds(value) : undefined;
    return milliseconds === undefined ? undefined : Math.floor(Number(milliseconds) / 1000);
  }
  const text = decimalText(value);
  if (text === undefined) return undefined;
  const seconds = Math.floor(Number(text) / (format === "seconds" ? 1 : 1000));
  return Number.isSafeInteger(seconds) ? seconds : undefined;
}

/** A number's decimal text, from a JSON number or from a string that holds one (`"id_str": "1050118…"`). */
export function decimalText(value: JsonValue | undefined): string | undefined {
  if (typeof value === "number") return String(value);
  if (value instanceof ExactNumber) return value.text;
  return typeof value === "string" && parseDecimal(value) !== undefined ? value : undefined;
}
