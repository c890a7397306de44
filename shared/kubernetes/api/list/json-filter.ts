import type { Kept, KeptMembers } from "./kept.ts";

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/** What the functions below answer where the text ends before the value does. */
export const UNFINISHED = -1;

/** The place of the next byte that is no white space. */
export function skipSpace(text: Uint8Array, at: number): number {
  let next = at;
  while (next < text.length && (text[next] as number) <= 0x20) next += 1;
  return next;
}

/** The place behind the string that begins at `at`, or UNFINISHED. */
export function skipString(text: Uint8Array, at: number): number {
  const end = text.length;
  for (let next = at + 1; next < end; next += 1) {
    const byte = text[next];
    if (byte === QUOTE) return next + 1;
    if (byte === BACKSLASH) next += 1;
  }
  return UNFINISHED;
}

/** The place behind the value that begins at `at`, or UNFINISHED. What is in the value is not looked at. */
export function skipValue(text: Uint8Array, at: number): number {
  if (text[at] === QUOTE) return skipString(text, at);
  const isNested = text[at] === OPEN_OBJECT || text[at] === OPEN_ARRAY;
  return isNested ? skipNested(text, at) : skipWord(text, at);
}

/** A number, true, false or null: it ends where something else begins. */
function skipWord(text: Uint8Array, at: number): number {
  const end = text.length;
  for (let next = at; next < end; next += 1) {
    const byte = text[next] as number;
    if (byte === COMMA || byte === CLOSE_OBJECT || byte === CLOSE_ARRAY || byte <= 0x20) return next;
  }
  return UNFINISHED;
}

/** Most of a list's text goes through here: the length is read once, and strings are skipped in place. */
function skipNested(text: Uint8Array, at: number): number {
  const end = text.length;
  let depth = 0;
  for (let next = at; next < end; next += 1) {
    const byte = text[next] as number;
    if (byte === QUOTE) {
      for (next += 1; next < end && text[next] !== QUOTE; next += 1) if (text[next] === BACKSLASH) next += 1;
      continue;
    }
    // `[` and `{`, `]` and `}` differ in one bit, by which nothing else outside of strings becomes one of them.
    const bracket = byte | 0x20;
    if (bracket === OPEN_OBJECT) depth += 1;
    else if (bracket === CLOSE_OBJECT) {
      depth -= 1;
      if (depth === 0) return next + 1;
    }
  }
  return UNFINISHED;
}

/**
 * Copies JSON values without the members that are not kept. It checks no more than it needs to find its way. What is
 * kept and lies together is copied at once.
 */
export class JsonFilter {
  #out = Buffer.allocUnsafe(64 * 1024);
  #length = 0;
  /** What is kept and not copied yet. */
  #from = 0;
  #to = 0;

  /** Bytes copied since the last `take`. */
  get length(): number {
    return this.#length;
  }

  /** What was copied since the last `take`, as text. */
  take(): string {
    const text = this.#out.toString("utf8", 0, this.#length);
    this.#length = 0;
    return text;
  }

  /** Forgets what was copied behind this length. */
  cutTo(length: number): void {
    this.#length = length;
  }

  /**
   * Copies what is kept of the value that begins at `at`, behind a comma where it is not the first. Answers the place
   * behind it, or UNFINISHED where the text ends before: then a part of it may have been copied.
   *
   * @throws {SyntaxError} where no JSON value can go on like that
   */
  copy(text: Buffer, at: number, kept: Kept): number {
    if (this.#length > 0) this.#append(COMMA_TEXT, 0, 1);
    this.#from = this.#to = at;
    const next = this.#keep(text, at, kept);
    this.#append(text, this.#from, this.#to);
    return next;
  }

  #keep(text: Buffer, at: number, kept: Kept): number {
    if (kept !== "all") {
      if (text[at] === OPEN_OBJECT) return this.#keepObject(text, at, kept);
      if (text[at] === OPEN_ARRAY) return this.#keepArray(text, at, kept);
    }
    const next = skipValue(text, at);
    if (next !== UNFINISHED) this.#extend(text, at, next);
    return next;
  }

  #keepObject(text: Buffer, from: number, members: KeptMembers): number {
    this.#extend(text, from, from + 1);
    let at = skipSpace(text, from + 1);
    let isFirst = true;
    while (at < text.length) {
      if (text[at] === CLOSE_OBJECT) {
        this.#extend(text, at, at + 1);
        return at + 1;
      }
      const behindKey = keyEnd(text, at);
      const value = valueAt(text, behindKey);
      if (value === UNFINISHED) return UNFINISHED;
      const kept = memberAt(text, at, behindKey, members);
      if (kept === undefined) at = skipValue(text, value);
      else {
        if (!isFirst) this.#comma(text, at);
        isFirst = false;
        this.#extend(text, at, value);
        at = this.#keep(text, value, kept);
      }
      if (at === UNFINISHED) return UNFINISHED;
      at = behindComma(text, at, CLOSE_OBJECT);
    }
    return UNFINISHED;
  }

  #keepArray(text: Buffer, from: number, kept: Kept): number {
    this.#extend(text, from, from + 1);
    let at = skipSpace(text, from + 1);
    let isFirst = true;
    while (at < text.length) {
      if (text[at] === CLOSE_ARRAY) {
        this.#extend(text, at, at + 1);
        return at + 1;
      }
      if (!isFirst) this.#comma(text, at);
      isFirst = false;
      at = this.#keep(text, at, kept);
      if (at === UNFINISHED) return UNFINISHED;
      at = behindComma(text, at, CLOSE_ARRAY);
    }
    return UNFINISHED;
  }

  /** The comma before `at` where what lies before it is kept, too; otherwise one of its own. */
  #comma(text: Buffer, at: number): void {
    if (this.#to === at - 1) this.#to = at;
    else {
      this.#append(text, this.#from, this.#to);
      this.#append(COMMA_TEXT, 0, 1);
      this.#from = this.#to = at;
    }
  }

  #extend(text: Buffer, from: number, to: number): void {
    if (this.#to !== from) {
      this.#append(text, this.#from, this.#to);
      this.#from = from;
    }
    this.#to = to;
  }

  #append(text: Buffer, from: number, to: number): void {
    const count = to - from;
    const start = this.#length;
    if (start + count > this.#out.length) this.#grow(start + count);
    const out = this.#out;
    // The native copy costs more than the loop for the few bytes that most are.
    if (count > 64) text.copy(out, start, from, to);
    else for (let index = 0; index < count; index += 1) out[start + index] = text[from + index] as number;
    this.#length = start + count;
  }

  #grow(atLeast: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.#out.length * 2, atLeast));
    this.#out.copy(larger, 0, 0, this.#length);
    this.#out = larger;
  }
}

const COMMA_TEXT = Buffer.from(",");

/** The place behind the key that begins at `at`, or UNFINISHED. */
export function keyEnd(text: Uint8Array, at: number): number {
  if (text[at] !== QUOTE) throw new SyntaxError("expected a key");
  return skipString(text, at);
}

/** The place of the value whose key ends before `behindKey`, or UNFINISHED. */
export function valueAt(text: Uint8Array, behindKey: number): number {
  if (behindKey === UNFINISHED) return UNFINISHED;
  const colon = skipSpace(text, behindKey);
  if (colon >= text.length) return UNFINISHED;
  if (text[colon] !== COLON) throw new SyntaxError("expected a colon");
  const value = skipSpace(text, colon + 1);
  return value < text.length ? value : UNFINISHED;
}

/** What is kept of the member with the key from `at` to `behindKey`; undefined when it is left out. */
function memberAt(text: Uint8Array, at: number, behindKey: number, members: KeptMembers): Kept | undefined {
  const sameLength = members[behindKey - at - 2];
  if (sameLength === undefined) return undefined;
  for (const { key, kept } of sameLength) if (isKey(text, at, key)) return kept;
  return undefined;
}

/** Whether this key, of this length, stands at `at`. */
function isKey(text: Uint8Array, at: number, key: Uint8Array): boolean {
  for (let index = 0; index < key.length; index += 1) if (text[at + 1 + index] !== key[index]) return false;
  return true;
}

/** The place of the next member or element, or of `close`; the text's length where it ends there. */
export function behindComma(text: Uint8Array, at: number, close: number): number {
  const next = skipSpace(text, at);
  if (next >= text.length || text[next] === close) return next;
  if (text[next] !== COMMA) throw new SyntaxError("expected a comma");
  return skipSpace(text, next + 1);
}
