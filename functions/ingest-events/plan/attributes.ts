import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { ExactNumber, numberBytes, numberFault, parseDecimal } from "../decode/decimal.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import { Unfit } from "./unfit.ts";

/** An item as DynamoDB takes it. */
export type Item = Record<string, AttributeValue>;

/**
 * Turns JSON into DynamoDB's attribute values, and in the same pass adds up the size DynamoDB will count and
 * finds what it would refuse: one refused item in a BatchWriteItem rejects the 24 others.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export class AttributeWriter {
  /** Bytes of names and values so far. */
  bytes = 0;
  /**
   * A top-level attribute; its name counts too.
   * @throws Unfit naming the attribute that DynamoDB would refuse.
   */
  attribute(name: string, value: JsonValue): AttributeValue {
    this.#name(name);
    return this.#value(value, name, 0);
  }

  #value(value: JsonValue, name: string, depth: number): AttributeValue {
    if (typeof value === "string") {
      this.bytes += this.#textBytes(value, name);
      return { S: value };
    }
    if (typeof value === "number") return { N: this.#number(String(value), name) };
    if (typeof value === "boolean") {
      this.bytes += 1;
      return { BOOL: value };
    }
    if (value === null) {
      this.bytes += 1;
      return { NULL: true };
    }
    if (value instanceof ExactNumber) return { N: this.#number(value.text, name) };
    if (depth === MAX_DEPTH) refuse(`${name}: nested deeper than ${MAX_DEPTH} levels`);
    return Array.isArray(value) ? this.#list(value, name, depth + 1) : this.#map(value, depth + 1);
  }

  #list(values: readonly JsonValue[], name: string, depth: number): AttributeValue {
    this.bytes += COLLECTION_BYTES + values.length;
    const list: AttributeValue[] = [];
    for (const value of values) list.push(this.#value(value, name, depth));
    return { L: list };
  }

  #map(object: JsonObject, depth: number): AttributeValue {
    this.bytes += COLLECTION_BYTES;
    const map: Item = {};
    for (const name in object) {
      this.#name(name);
      this.bytes += 1;
      // `in` lists own members only here: JSON.parse makes plain objects.
      map[name] = this.#value(object[name] as JsonValue, name, depth);
    }
    return { M: map };
  }

  #number(text: string, name: string): string {
    if (text.length <= 15 && PLAIN_NUMBER.test(text)) {
      // Few digits, no exponent: always taken. An upper bound of its size is near enough.
      this.bytes += (text.length >> 1) + 2;
      return text;
    }
    const decimal = parseDecimal(text);
    const fault = decimal === undefined ? `not a number: ${text}` : numberFault(decimal);
    if (fault !== undefined) refuse(`${name}: ${fault}`);
    if (decimal !== undefined) this.bytes += numberBytes(decimal);
    return text;
  }

  #name(name: string): void {
    if (name === "") refuse("an attribute with an empty name");
    // A plain object cannot hold a member of this name, so the SDK would send the item without it.
    if (name === "__proto__") refuse("an attribute named __proto__");
    this.bytes += this.#textBytes(name, name);
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
