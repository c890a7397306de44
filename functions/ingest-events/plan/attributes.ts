import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ExactNumber, numberBytes, numberFault, parseDecimal } from "../decode/decimal.ts";
import { Unfit } from "../decode/event.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import type { EncodedItem } from "./encoded-item.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const MAX_ITEM_BYTES = 400 * 1024;

/**
 * Makes one item of JSON values: their attribute values as text, and in the same pass the size DynamoDB will count and
 * what it would refuse. One refused item in a BatchWriteItem rejects the 24 others. It stops at the first byte beyond the
 * limit, so that nothing larger than an item is ever built.
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
    this.#push(name, this.#value(value, name, 0));
  }

  /** Adds an attribute whose value is known to be taken: a key, a version. */
  addValue(name: string, value: AttributeValue, bytes: number): void {
    this.#count(Buffer.byteLength(name) + bytes);
    this.#push(name, value);
  }

  #push(name: string, value: AttributeValue): void {
    this.names.push(name);
    this.values.push(JSON.stringify(value));
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > MAX_ITEM_BYTES) {
      refuse(`the item has ${this.bytes} bytes or more, DynamoDB takes ${MAX_ITEM_BYTES}`);
    }
  }

  #value(value: JsonValue, name: string, depth: number): AttributeValue {
    if (typeof value === "string") {
      this.#count(this.#textBytes(value, name));
      return { S: value };
    }
    if (typeof value === "number") return { N: this.#number(String(value), name) };
    if (typeof value === "boolean") {
      this.#count(1);
      return { BOOL: value };
    }
    if (value === null) {
      this.#count(1);
      return { NULL: true };
    }
    if (value instanceof ExactNumber) return { N: this.#number(value.text, name) };
    if (depth === MAX_DEPTH) refuse(`${name}: nested deeper than ${MAX_DEPTH} levels`);
    return Array.isArray(value) ? this.#list(value, name, depth + 1) : this.#map(value, depth + 1);
  }

  #list(values: readonly JsonValue[], name: string, depth: number): AttributeValue {
    this.#count(COLLECTION_BYTES + values.length);
    const list: AttributeValue[] = [];
    for (const value of values) list.push(this.#value(value, name, depth));
    return { L: list };
  }

  #map(object: JsonObject, depth: number): AttributeValue {
    this.#count(COLLECTION_BYTES);
    const map: Record<string, AttributeValue> = {};
    for (const name in object) {
      this.#name(name);
      this.#count(1);
      // `in` lists own members only here: JSON.parse makes plain objects.
      map[name] = this.#value(object[name] as JsonValue, name, depth);
    }
    return { M: map };
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

  #name(name: string): void {
    if (name === "") refuse("an attribute with an empty name");
    // A plain object cannot hold a member of this name, so the SDK would send the item without it.
    if (name === "__proto__") refuse("an attribute named __proto__");
    this.#count(this.#textBytes(name, name));
  }

  /** UTF-8 bytes. Half a surrogate pair is no text: DynamoDB would refuse it or store something else. */
  #textBytes(text: string, name: string): number {
    if (text.length > SHORT_TEXT) {
      if (!text.isWellFormed()) refuse(`${name}: half a surrogate pair`);
      return Buffer.byteLength(text);
    }
    for (let index = 0; index < text.length; index += 1) {
      if (text.charCodeAt(index) < 0x80) continue;
      if (!text.isWellFormed()) refuse(`${name}: half a surrogate pair`);
      return Buffer.byteLength(text);
    }
    return text.length;
  }
}

function refuse(detail: string): never {
  throw new Unfit("refused", detail);
}

const COLLECTION_BYTES = 3;
/** "DynamoDB supports nested attributes up to 32 levels deep." */
const MAX_DEPTH = 32;
const PLAIN_NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;
/** Below this many characters a loop is faster than two calls out of JavaScript. */
const SHORT_TEXT = 64;
