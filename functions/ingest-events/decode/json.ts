import { isUtf8 } from "node:buffer";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { canonicalNumber, ExactNumber } from "./decimal.ts";

/** A JSON value as read from an event; a number that JavaScript cannot hold exactly stays as its text. */
export type JsonValue = null | boolean | number | string | ExactNumber | JsonValue[] | JsonObject;
export interface JsonObject {
  [name: string]: JsonValue;
}

export class NotJson extends Error {}

/** Read, it would take up to 60 times the memory of its text. */
export class TooManyValues extends Error {}

/** Any item has fewer: of 400 KB, each value takes a byte. A text of fewer than twice as many bytes cannot have so many. */
const MAX_VALUES = 500_000;

/**
 * Reads JSON without changing a number. `JSON.parse` turns the 64-bit id 1050118621198921728 of a tweet
 * into 1050118621198921700 and 1e400 into Infinity. Most texts hold no such number, and one look tells.
 * @throws NotJson saying what is wrong, and where.
 */
export function parseJson(text: string): JsonValue {
  try {
    return MAY_LOSE_DIGITS.test(text) ? JSON.parse(text, keepExact) : JSON.parse(text);
  } catch (error) {
    throw new NotJson(messageOf(error));
  }
}

/**
 * Reads JSON of its bytes, in UTF-8.
 * @throws NotJson also for other bytes: decoded all the same, they would become other characters in silence.
 * @throws TooManyValues
 */
export function readJson(bytes: Buffer): JsonValue {
  if (bytes.length > 2 * MAX_VALUES && hasMoreValuesThan(bytes, MAX_VALUES)) {
    throw new TooManyValues(`it holds more than ${MAX_VALUES} values, which is more than is read`);
  }
  if (!isUtf8(bytes)) throw new NotJson("not UTF-8 text");
  return parseJson(bytes.toString("utf8", hasByteOrderMark(bytes) ? 3 : 0));
}

/** Counts what begins a value or stands between two of them, outside of texts: it takes no memory, and need not be JSON. */
function hasMoreValuesThan(bytes: Buffer, limit: number): boolean {
  let count = 1;
  let isInText = false;
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index];
    if (isInText && byte === BACKSLASH) index += 1;
    else if (byte === QUOTE) isInText = !isInText;
    else if (!isInText && (byte === COMMA || byte === BRACKET || byte === BRACE)) {
      count += 1;
      if (count > limit) return true;
    }
  }
  return false;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;

/** Some producers on Windows begin a text with it; JSON has none. */
export function hasByteOrderMark(bytes: Buffer): boolean {
  return bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
}

/** A double keeps any 15 significant digits (DBL_DIG), and any power of ten of two digits. */
const MAY_LOSE_DIGITS = /[0-9.]{16}|[0-9][eE][+-]?[0-9]{3}/;

/** `context.source` is the number's own text (ECMAScript 2026, "JSON.parse source text access"). */
function keepExact(_name: string, value: unknown, context?: { source?: string }): unknown {
  const source = context?.source;
  if (typeof value !== "number" || source === undefined) return value;
  return sameNumber(value, source) ? value : new ExactNumber(source);
}

function sameNumber(value: number, source: string): boolean {
  const written = String(value);
  if (written === source) return true;
  return Number.isFinite(value) && canonicalNumber(written) === canonicalNumber(source);
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return (
    typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber)
  );
}

/** The JSON text of a value, with every number as it was written. */
export function toJson(value: JsonValue): string {
  return JSON.stringify(value, (_name, inner) =>
    inner instanceof ExactNumber ? rawJson(inner.text) : inner,
  );
}

/** A number's text as it is (ECMAScript 2026), which TypeScript's library does not know yet. */
const rawJson: (text: string) => unknown = Reflect.get(JSON, "rawJSON");
