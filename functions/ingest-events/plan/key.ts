import type { KeyPart, KeyType } from "../config/policy.ts";
import { sourceText } from "../config/source.ts";
import { canonicalNumber, ExactNumber, numberFault, parseDecimal } from "../decode/decimal.ts";
import { Unfit } from "../decode/event.ts";
import { decimalText } from "../decode/event-time.ts";
import type { JsonValue } from "../decode/json.ts";
import type { EventValues } from "./values.ts";

/** As JSON has it: bytes in base64. */
export type KeyValue = { readonly S: string } | { readonly N: string } | { readonly B: string };

/** A key attribute of an item. */
export interface KeyAttribute {
  readonly attribute: string;
  readonly value: KeyValue;
  /** The value's size in the item, in bytes. */
  readonly bytes: number;
  /** One text for one value; a number has it whichever way it is written. */
  readonly canonical: string;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;

/**
 * The event's key: the partition key, then the sort key if the table has one.
 * @throws Unfit if a key attribute has no value, or one that DynamoDB would refuse.
 */
export function keyOf(values: EventValues, id: string, parts: readonly KeyPart[]): readonly KeyAttribute[] {
  return parts.map((part, index) =>
    keyAttribute(values, id, part, index === 0 ? MAX_PARTITION_KEY_BYTES : MAX_SORT_KEY_BYTES),
  );
}

/** The key as a tuple in one text: equal for the same key, and for no other. */
export function tupleText(key: readonly KeyAttribute[]): string {
  return key.map(({ canonical }) => `${canonical.length}:${canonical}`).join("");
}

function keyAttribute(
  values: EventValues,
  id: string,
  { attribute, type, from }: KeyPart,
  limit: number,
): KeyAttribute {
  const found = keyText(from === "$id" ? id : values.at(from), type);
  if ("fault" in found) {
    const place = from === "$id" ? "the id" : sourceText(from);
    throw new Unfit("no-key", `no value for the key attribute ${attribute}: ${place} ${found.fault}`);
  }
  const bytes = Buffer.byteLength(found.text, type === "B" ? "base64" : "utf8");
  if (bytes > limit) {
    throw new Unfit("refused", `the key attribute ${attribute} has ${bytes} bytes, DynamoDB takes ${limit}`);
  }
  return { attribute, value: keyValue(type, found.text), bytes, canonical: found.canonical };
}

function keyValue(type: KeyType, text: string): KeyValue {
  if (type === "N") return { N: text };
  return type === "B" ? { B: text } : { S: text };
}

type KeyText = { readonly text: string; readonly canonical: string } | { readonly fault: string };

function keyText(value: JsonValue | undefined, type: KeyType): KeyText {
  if (value === undefined) return { fault: "is missing" };
  if (type === "B") return binaryKey(value);
  return type === "N" ? numberKey(value) : textKey(value);
}

function binaryKey(value: JsonValue): KeyText {
  if (value === "") return { fault: "is empty" };
  const text = typeof value === "string" ? Buffer.from(value, "base64").toString("base64") : undefined;
  // What is no base64 is skipped when it is decoded, and another key would come of it.
  return text !== undefined && text === value ? { text, canonical: text } : { fault: "is not base64" };
}

function numberKey(value: JsonValue): KeyText {
  const text = decimalText(value);
  const decimal = text === undefined ? undefined : parseDecimal(text);
  if (text === undefined || decimal === undefined) return { fault: "is not a number" };
  const fault = numberFault(decimal);
  return fault === undefined ? { text, canonical: canonicalNumber(text) } : { fault: `is ${fault}` };
}

function textKey(value: JsonValue): KeyText {
  if (value === "") return { fault: "is empty" };
  if (value === null) return { fault: "is null" };
  if (value instanceof ExactNumber) return { text: value.text, canonical: value.text };
  if (typeof value === "object") return { fault: "is neither a text nor a number" };
  const text = String(value);
  return text.isWellFormed() ? { text, canonical: text } : { fault: "holds half a surrogate pair" };
}
