import { ExactNumber, numberBytes, numberFault, parseDecimal } from "../decode/decimal.ts";
import { Unfit } from "../decode/event.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import { EncodedItem } from "./encoded-item.ts";
import { JsonWriter } from "./json-writer.ts";
import type { KeyValue } from "./key.ts";
import type { Version } from "./version.ts";

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
export const MAX_ITEM_BYTES = 400 * 1024;

/**
 * Makes one item of JSON values: the JSON of their attribute values, and in the same pass the size DynamoDB will count and
 * what it would refuse. One refused item in a BatchWriteItem rejects the 24 others. It stops at the first byte beyond the
 * limit, so that nothing larger than an item is ever built; and it builds no attribute values as objects, which take up to
 * 70 times the memory of their text.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export class ItemBuilder {
  readonly names: string[] = [];
  /** Bytes of names and values so far, as DynamoDB counts them. */
  bytes = 0;
  readonly #bounds: number[] = [];

  /** Begins an item. The one that was begun before takes no more attributes. */
  constructor() {
    begun = this;
    JSON_WRITER.clear();
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }

  /** The JSON of an attribute's value. */
  valueText(name: string): string | undefined {
    const place = this.names.indexOf(name);
    const [from, to] = this.#bounds.slice(2 * place, 2 * place + 2);
    if (place === -1 || from === undefined || to === undefined) return undefined;
    return this.#json.read(from, to);
  }

  /**
   * Adds an attribute; its name counts too.
   * @throws Unfit naming the attribute that DynamoDB would refuse.
   */
  add(name: string, value: JsonValue): void {
    this.#writeName(name, this.names.length === 0 ? "{" : ",");
    const from = this.#json.length;
    this.#write(value, name, 0);
    this.#push(name, from);
  }

  /** Adds an attribute whose value is known to be taken: a key, a version. */
  addValue(name: string, value: KeyValue | Version, bytes: number): void {
    this.#writeName(name, this.names.length === 0 ? "{" : ",");
    this.#count(bytes);
    const from = this.#json.length;
    for (const [type, text] of Object.entries(value)) {
      this.#json.ascii(`{"${type}":`);
      this.#json.text(text);
    }
    this.#json.ascii("}");
    this.#push(name, from);
  }

  /** The item with all that was added. */
  build(): EncodedItem {
    this.#json.ascii(this.names.length === 0 ? "{}" : "}");
    return new EncodedItem(this.names, this.#json.copy(), this.#bounds);
  }

  /** One writer for all: an item is built from its begin to its end without a pause. */
  get #json(): JsonWriter {
    if (begun !== this) throw new Error("another item was begun before this one was built");
    return JSON_WRITER;
  }

  #push(name: string, from: number): void {
    this.names.push(name);
    this.#bounds.push(from, this.#json.length);
  }

  #count(bytes: number): void {
    this.bytes += bytes;
    if (this.bytes > MAX_ITEM_BYTES) {
      refuse(`the item has ${this.bytes} bytes or more, DynamoDB takes ${MAX_ITEM_BYTES}`);
    }
  }

  /** Writes the JSON of an attribute value. */
  #write(value: JsonValue, name: string, depth: number): void {
    if (typeof value === "string") {
      this.#json.ascii('{"S":');
      this.#writeText(value, name);
      this.#json.ascii("}");
    } else if (typeof value === "number") this.#writeNumber(String(value), name);
    else if (typeof value === "boolean" || value === null) {
      this.#count(1);
      this.#json.ascii(value === null ? '{"NULL":true}' : value ? '{"BOOL":true}' : '{"BOOL":false}');
    } else if (value instanceof ExactNumber) this.#writeNumber(value.text, name);
    else if (depth === MAX_DEPTH) refuse(`${name}: nested deeper than ${MAX_DEPTH} levels`);
    else if (Array.isArray(value)) this.#writeList(value, name, depth + 1);
    else this.#writeMap(value, depth + 1);
  }

  #writeList(values: readonly JsonValue[], name: string, depth: number): void {
    this.#count(COLLECTION_BYTES + values.length);
    this.#json.ascii('{"L":[');
    for (let index = 0; index < values.length; index += 1) {
      if (index > 0) this.#json.ascii(",");
      this.#write(values[index] as JsonValue, name, depth);
    }
    this.#json.ascii("]}");
  }

  #writeMap(object: JsonObject, depth: number): void {
    this.#count(COLLECTION_BYTES);
    this.#json.ascii('{"M":');
    let opening: "{" | "," = "{";
    // `in` lists own members only here: JSON.parse makes plain objects.
    for (const name in object) {
      this.#writeName(name, opening);
      this.#count(1);
      this.#write(object[name] as JsonValue, name, depth);
      opening = ",";
    }
    this.#json.ascii(opening === "," ? "}}" : "{}}");
  }

  #writeNumber(text: string, name: string): void {
    this.#countNumber(text, name);
    this.#json.ascii('{"N":"');
    this.#json.ascii(text);
    this.#json.ascii('"}');
  }

  #countNumber(text: string, name: string): void {
    if (text.length <= 15 && PLAIN_NUMBER.test(text)) {
      // Few digits, no exponent: always taken. An upper bound of its size is near enough.
      this.#count((text.length >> 1) + 2);
      return;
    }
    const decimal = parseDecimal(text);
    const fault = decimal === undefined ? `not a number: ${text}` : numberFault(decimal);
    if (fault !== undefined) refuse(`${name}: ${fault}`);
    if (decimal !== undefined) this.#count(numberBytes(decimal));
  }

  #writeName(name: string, opening: "{" | ","): void {
    if (name === "") refuse("an attribute with an empty name");
    // A plain object cannot hold a member of this name, so the SDK would send the item without it.
    if (name === "__proto__") refuse("an attribute named __proto__");
    this.#json.ascii(opening);
    this.#writeText(name, name);
    this.#json.ascii(":");
  }

  /**
   * Writes a text and counts its UTF-8 bytes. Half a surrogate pair is no text: DynamoDB would refuse it or store
   * something else.
   */
  #writeText(text: string, name: string): void {
    if (this.#json.shortText(text)) {
      this.#count(text.length);
      return;
    }
    if (!text.isWellFormed()) refuse(`${name}: half a surrogate pair`);
    this.#count(Buffer.byteLength(text));
    this.#json.text(text);
  }
}

const JSON_WRITER = new JsonWriter();
let begun: ItemBuilder | undefined;

function refuse(detail: string): never {
  throw new Unfit("refused", detail);
}

const COLLECTION_BYTES = 3;
/** "DynamoDB supports nested attributes up to 32 levels deep." */
const MAX_DEPTH = 32;
const PLAIN_NUMBER = /^-?[0-9]+(\.[0-9]+)?$/;
