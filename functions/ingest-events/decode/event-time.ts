import { ExactNumber, parseDecimal } from "./decimal.ts";
import type { JsonValue } from "./json.ts";

/**
 * A time of RFC 3339, which is ISO 8601 with the offset written out: a time without one would mean another
 * moment on another machine.
 */
const RFC_3339 = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,20}))?(Z|[+-]\d{2}:\d{2})$/;

/**
 * An RFC 3339 time as the decimal text of milliseconds since the epoch, to its last digit: two versions a
 * microsecond apart stay apart. `undefined` if it is no such time.
 */
export function isoToMilliseconds(text: string): string | undefined {
  const [, toTheSecond, fraction = "", offset] = RFC_3339.exec(text) ?? [];
  const milliseconds = Date.parse(`${toTheSecond}${offset}`);
  if (Number.isNaN(milliseconds)) return undefined;
  const digits = fraction.padEnd(3, "0");
  const below = digits.length - 3;
  const scaled = BigInt(milliseconds) * 10n ** BigInt(below) + BigInt(digits);
  return below === 0 ? String(scaled) : `${scaled}E-${below}`;
}

/** Seconds since the epoch, for DynamoDB's time to live; `undefined` if the value is no time of this format. */
export function toEpochSeconds(
  value: JsonValue | undefined,
  format: "iso" | "seconds" | "milliseconds",
): number | undefined {
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
