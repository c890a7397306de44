import { ExactNumber, numberBytes, numberFault, parseDecimal } from "../decode/decimal.ts";
import { Unfit } from "../decode/event.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import type { EncodedItem } from "./encoded-item.ts";
import type { KeyValue } from "./key.ts";
import type { Version } from "./version.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const MAX_ITEM_BYTES = 400 * 1024;

/**
 * Makes one item of JSON values: their attribute values as text, and in the same pass the size DynamoDB will count and
 * what it would refuse. One refused item in a BatchWriteItem rejects the 24 others. It stops at the first byte beyond the
 * limit, so that nothing larger than an item is ever built; and it builds no attribute values as objects, which take up to
 * 70 times the memory of their text.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export class ItemBuilder implements EncodedItem {
  readonly names: string[] = [];
  readonly values: string[] = [];
  /** Bytes of names and values so far. */
  bytes = 0;

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /**
   * Adds an attribute; its name counts too.
   * @throws Unfit naming the attribute that DynamoDB would refuse.
   */
  add(name: string, value: JsonValue): void {
    this.#name(name);
    const pieces: string[] = [];
    this.#write(value, name, 0, pieces);
    this.#push(name, pieces.length === 1 ? (pieces[0] ?? "") : pieces.join(""));
  }

  /** Adds an attribute whose value is known to be taken: a key, a version. */
  addValue(name: string, value: KeyValue | Version, bytes: number): void {
    this.#count(Buffer.byteLength(name) + bytes);
    this.#push(name, JSON.stringify(value));
  }

  #push(name: string, text: string): void {
    this.names.push(name);
    this.values.push(text);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > MAX_ITEM_BYTES) {
      refuse(`the item has ${this.bytes} bytes or more, DynamoDB takes ${MAX_ITEM_BYTES}`);
    }
  }

  /** Appends the JSON of the attribute value to `pieces`: joined once, they make no text for each step on the way. */
  #write(value: JsonValue, name: string, depth: number, pieces: string[]): void {
    if (typeof value === "string") pieces.push(`{"S":${this.#quoted(value, name)}}`);
    else if (typeof value === "number") pieces.push(`{"N":"${this.#number(String(value), name)}"}`);
    else if (typeof value === "boolean" || value === null) {
      this.#count(1);
      pieces.push(value === null ? '{"NULL":true}' : value ? '{"BOOL":true}' : '{"BOOL":false}');
    } else if (value instanceof ExactNumber) pieces.push(`{"N":"${this.#number(value.text, name)}"}`);
    else if (depth === MAX_DEPTH) refuse(`${name}: nested deeper than ${MAX_DEPTH} levels`);
    else if (Array.isArray(value)) this.#writeList(value, name, depth + 1, pieces);
    else this.#writeMap(value, depth + 1, pieces);
  }

  #writeList(values: readonly JsonValue[], name: string, depth: number, pieces: string[]): void {
    this.#count(COLLECTION_BYTES + values.length);
    pieces.push('{"L":[');
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) pieces.push(",");
      this.#write(values[index] as JsonValue, name, depth, pieces);
    }
    pieces.push("]}");
  }

  #writeMap(object: JsonObject, depth: number, pieces: string[]): void {
    this.#count(COLLECTION_BYTES);
    let opening = '{"M":{';
    // `in` lists own members only here: JSON.parse makes plain objects.
    for (const name in object) {
      pieces.push(`${opening}${this.#name(name)}:`);
      this.#count(1);
      this.#write(object[name] as JsonValue, name, depth, pieces);
      opening = ",";
    }
    pieces.push(opening === "," ? "}}" : '{"M":{}}');
  }

  #number(text: string, name: string): string {
    if (text.length <= 15 && PLAIN_NUMBER.test(text)) {
      // Few digits, no exponent: always taken. An upper bound of its size is near enough.
      this.#count((text.length >> 1) + 2);
      return text;
    }
    const decimal = parseDecimal(text);
    const fault = decimal === undefined ? `not a number: ${text}` : numberFault(decimal);
    if (fault !== undefined) refuse(`${name}: ${fault}`);
    if (decimal !== undefined) this.#count(numberBytes(decimal));
    return text;
  }

  /** @returns the name as JSON. */
  #name(name: string): string {
    if (name === "") refuse("an attribute with an empty name");
    // A plain object cannot hold a member of this name, so the SDK would send the item without it.
    if (name === "__proto__") refuse("an attribute named __proto__");
    return this.#quoted(name, name);
  }

  /**
   * The text as JSON; its UTF-8 bytes are counted. Half a surrogate pair is no text: DynamoDB would refuse it or store
   * something else.
   */
  #quoted(text: string, name: string): string {
    if (isShortPlain(text)) {
      this.#count(text.length);
      return `"${text}"`;
    }
    if (!text.isWellFormed()) refuse(`${name}: half a surrogate pair`);
    this.#count(Buffer.byteLength(text));
    return JSON.stringify(text);
  }
}

/** Whether the text is ASCII that JSON writes as it is. Below so many characters a loop is faster than calls out of JavaScript. */
function isShortPlain(text: string): boolean {
  if (text.length > SHORT_TEXT) return false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code < 0x20 || code === QUOTE || code === BACKSLASH || code >= 0x7f) return false;
  }
  return true;
}

function refuse(detail: string): never {
  throw new Unfit("refused", detail);
}

const COLLECTION_BYTES = 3;
/** "DynamoDB supports nested attributes up to 32 levels deep." */
const MAX_DEPTH = 32;
const PLAIN_NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;
const SHORT_TEXT = 64;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
