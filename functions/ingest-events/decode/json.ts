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
 * into 1050118621198921700 and 1e400 into Infinity. Most texts hold no such number, and one look shows it.
 * @throws NotJson saying what is wrong, and where.
 */
export function parseJson(text: string): JsonValue {
  try {
    return MAY_LOSE_DIGITS.test(text) ? parseExactly(text) : JSON.parse(text);
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

/**
 * `JSON.parse` with a reviver, which is handed a number's own text, takes ten times the memory and seconds a record. So a number
 * that may lose digits stands in the text as its place in a list while it is parsed: as so many times 1E-250, which no other
 * number is near to.
 */
function parseExactly(text: string): JsonValue {
  const { rewritten, numbers } = withPlaces(text);
  if (numbers.length === 0) return JSON.parse(text);
  try {
    return withNumbers(JSON.parse(rewritten), numbers);
  } catch (error) {
    // What is wrong, and where, is to be said of the text itself.
    if (error instanceof SyntaxError) JSON.parse(text);
    throw error;
  }
}

const PLACE = 1e-250;
/** Below it there are only places: without an exponent of three digits, a number of 15 has no smaller value but 0. */
const MAX_PLACE = 1e-200;
const PIECES_A_PART = 1_000;
const QUOTE_OR_NUMBER = /"|[0-9+\-.][0-9+\-.eE]*/g;
const JSON_NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;

function withPlaces(text: string): { rewritten: string; numbers: readonly (number | ExactNumber)[] } {
  const numbers: (number | ExactNumber)[] = [];
  let pieces: string[] = [];
  const parts: string[] = [];
  const token = new RegExp(QUOTE_OR_NUMBER);
  let copied = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [found] = match;
    if (found === '"') token.lastIndex = endOfText(text, match.index);
    else if (MAY_LOSE_DIGITS.test(found) && JSON_NUMBER.test(found)) {
      const value = Number(found);
      numbers.push(sameNumber(value, found) ? value : new ExactNumber(found));
      pieces.push(text.slice(copied, match.index), `${numbers.length}e-250`);
      copied = token.lastIndex;
    }
    // Joined while they are young: half a million of them would be held to the end.
    if (pieces.length >= PIECES_A_PART) {
      parts.push(pieces.join(""));
      pieces = [];
    }
  }
  return { rewritten: [...parts, ...pieces, text.slice(copied)].join(""), numbers };
}

/** Behind the text in quotes that begins at `from`. */
function endOfText(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let first = end;
    while (text[first - 1] === "\\") first -= 1;
    if ((end - first) % 2 === 0) return end + 1;
  }
  return text.length;
}

/** Puts the numbers where their places stand. */
function withNumbers(value: JsonValue, numbers: readonly (number | ExactNumber)[]): JsonValue {
  if (typeof value === "number" && value > 0 && value < MAX_PLACE) {
    return numbers[Math.round(value / PLACE) - 1] ?? value;
  }
  if (Array.isArray(value)) {
    for (const [index, element] of value.entries()) value[index] = withNumbers(element, numbers);
  } else if (isObject(value)) {
    for (const name of Object.keys(value)) value[name] = withNumbers(value[name] as JsonValue, numbers);
  }
  return value;
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
