/**
 * Takes JSON of DynamoDB apart without making objects of it, which take up to 70 times the memory of their text. What is
 * given is JSON: nothing is checked.
 */

/** JSON of its parts, one after the other. */
export function jsonOf(...parts: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
}

/** The members of the object that `json` begins with: the name and the bytes of the value, a view. */
export function* members(json: Buffer): Generator<readonly [name: string, value: Buffer]> {
  let at = skipSpace(json, 0) + 1;
  for (;;) {
    at = skipSpace(json, at);
    if (json[at] !== QUOTE) return;
    const nameEnd = endOfText(json, at);
    const name: string = JSON.parse(json.toString("utf8", at, nameEnd));
    const start = skipSpace(json, skipSpace(json, nameEnd) + 1);
    const end = endOfValue(json, start);
    yield [name, json.subarray(start, end)];
    at = skipSpace(json, end);
    if (json[at] === COMMA) at += 1;
  }
}

/** The elements of the list that `json` begins with, as views. */
export function* elements(json: Buffer): Generator<Buffer> {
  let at = skipSpace(json, skipSpace(json, 0) + 1);
  while (at < json.length && json[at] !== CLOSING_BRACKET) {
    const end = endOfValue(json, at);
    yield json.subarray(at, end);
    at = skipSpace(json, end);
    if (json[at] === COMMA) at = skipSpace(json, at + 1);
  }
}

/** The member's value of an object, or `undefined` if it has none of that name. */
export function member(json: Buffer | undefined, name: string): Buffer | undefined {
  if (json === undefined) return undefined;
  for (const [found, value] of members(json)) if (found === name) return value;
  return undefined;
}

/** Whether the bytes are one object to its end, and not a part of one or something else. */
export function isWholeObject(json: Buffer): boolean {
  const start = skipSpace(json, 0);
  if (json[start] !== OPENING_BRACE) return false;
  const end = endOfValue(json, start);
  return end <= json.length && skipSpace(json, end) === json.length;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPENING_BRACKET = 0x5b;
const CLOSING_BRACKET = 0x5d;
const OPENING_BRACE = 0x7b;
const CLOSING_BRACE = 0x7d;

function skipSpace(json: Buffer, from: number): number {
  let at = from;
  while (at < json.length && (json[at] ?? 0) <= 0x20) at += 1;
  return at;
}

/** Behind the text that begins at `from`. */
function endOfText(json: Buffer, from: number): number {
  let at = from + 1;
  for (;;) {
    const byte = json[at];
    if (byte === undefined) return json.length + 1;
    if (byte === QUOTE) return at + 1;
    at += byte === BACKSLASH ? 2 : 1;
  }
}

/** Behind the value that begins at `from`; beyond the last byte where it does not end. */
function endOfValue(json: Buffer, from: number): number {
  let at = from;
  let depth = 0;
  while (at < json.length) {
    const byte = json[at];
    if (byte === QUOTE) {
      at = endOfText(json, at);
      if (depth === 0) return at;
      continue;
    }
    if (byte === OPENING_BRACE || byte === OPENING_BRACKET) depth += 1;
    else if (byte === CLOSING_BRACE || byte === CLOSING_BRACKET) {
      depth -= 1;
      if (depth === 0) return at + 1;
      // The end of what it stands in: a number, `true`, `false` or `null` ends here.
      if (depth < 0) return at;
    } else if (depth === 0 && (byte === COMMA || (byte !== undefined && byte <= 0x20))) return at;
    at += 1;
  }
  return depth === 0 ? at : json.length + 1;
}
