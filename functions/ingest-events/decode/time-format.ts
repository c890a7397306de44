import { ExactNumber, numberFault, parseDecimal } from "./decimal.ts";
import { decimalText, isoToMilliseconds, type TimeFormat } from "./event-time.ts";
import type { JsonValue } from "./json.ts";

/** How a time is written in the event, and how it is to be stored. */
export interface TimeConversion {
  readonly format: TimeFormat;
  readonly as: TimeFormat;
}

/**
 * The same moment in another format, to its last digit. `iso` is written in UTC, with three digits of a second or more.
 * @returns `undefined` if the value is no time of this format, or in no year from 0000 to 9999. Milliseconds that are read
 * as seconds are beyond these.
 */
export function convertTime(
  value: JsonValue,
  { format, as }: TimeConversion,
): string | ExactNumber | undefined {
  const moment = momentOf(value, format);
  if (moment === undefined) return undefined;
  if (as === "iso") return isoText(moment);
  const digits = as === "seconds" ? moment.digits + 3 : moment.digits;
  return new ExactNumber(numberText(moment.units, digits));
}

/** Milliseconds since the epoch: units of 10^-digits. */
interface Moment {
  readonly units: bigint;
  readonly digits: number;
}

/** What RFC 3339 has a text for. */
const FIRST_MS = BigInt(Date.parse("0000-01-01T00:00:00.000Z"));
const END_MS = BigInt(Date.parse("9999-12-31T23:59:59.999Z")) + 1n;
/** Of a millisecond: a time of RFC 3339 is read with 20 of a second. */
const MAX_DIGITS = 17;

function momentOf(value: JsonValue, format: TimeFormat): Moment | undefined {
  const text = format === "iso" ? isoMilliseconds(value) : decimalText(value);
  const decimal = text === undefined ? undefined : parseDecimal(text);
  if (decimal === undefined || numberFault(decimal) !== undefined) return undefined;
  const lastPower = decimal.exponent - decimal.digits.length + 1 + (format === "seconds" ? 3 : 0);
  const digits = Math.max(0, -lastPower);
  if (digits > MAX_DIGITS) return undefined;
  const units = BigInt(decimal.sign) * BigInt(decimal.digits) * 10n ** BigInt(Math.max(0, lastPower));
  const scale = 10n ** BigInt(digits);
  return units >= FIRST_MS * scale && units < END_MS * scale ? { units, digits } : undefined;
}

function isoMilliseconds(value: JsonValue): string | undefined {
  return typeof value === "string" ? isoToMilliseconds(value) : undefined;
}

function isoText({ units, digits }: Moment): string {
  const scale = 10n ** BigInt(digits);
  const below = ((units % scale) + scale) % scale;
  const text = new Date(Number((units - below) / scale)).toISOString();
  return digits === 0 ? text : `${text.slice(0, -1)}${String(below).padStart(digits, "0")}Z`;
}

function numberText(units: bigint, digits: number): string {
  const text = String(units < 0n ? -units : units).padStart(digits + 1, "0");
  const point = text.length - digits;
  const fraction = text.slice(point).replace(/0+$/, "");
  return `${units < 0n ? "-" : ""}${text.slice(0, point)}${fraction === "" ? "" : `.${fraction}`}`;
}
