import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { KeyPart, StreamPolicy } from "../config/policy.ts";
import { canonicalNumber, ExactNumber, numberFault, parseDecimal } from "../decode/decimal.ts";
import type { DecodedEvent, Origin, Poison } from "../decode/decode.ts";
import { decimalText, toEpochSeconds } from "../decode/event-time.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import { type Path, valueAt } from "../decode/path.ts";
import { AttributeWriter, type Item } from "./attributes.ts";
import { type Version, versionOf } from "./version.ts";

/** An event as the item it becomes. */
export interface Write {
  readonly origin: Origin;
  readonly item: Item;
  /** The item's size as DynamoDB counts it, rounded up. */
  readonly bytes: number;
  /** The key as a tuple in one text: equal for the same key, and for no other. */
  readonly key: string;
  /** Only in `latest`. */
  readonly version: Version | undefined;
  /** The event has no id; its place in the stream stands for it. */
  readonly idFromPosition: boolean;
  /** The policy sets a time to live, and the event has no time to reckon it from. */
  readonly withoutTime: boolean;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;
const MAX_PARTITION_KEY_BYTES = 2048;
const MAX_SORT_KEY_BYTES = 1024;

/**
 * The item of one event: a function of the event and the policy alone, so that a second delivery makes the
 * same item. (Where the event has no id, of its place in the stream; in `latest` by sequence, of that too.)
 * What DynamoDB would refuse is found here.
 */
export function toWrite(
  { origin, event }: DecodedEvent,
  policy: StreamPolicy,
  shard: string,
): Write | Poison {
  const id = policy.id === undefined ? undefined : idText(valueAt(event, policy.id));
  if (policy.id !== undefined && id === undefined && policy.withoutId === "quarantine") {
    return { origin, reason: "no-id", detail: `no id at ${policy.id.join(".")}` };
  }
  const eventId = id ?? `${shard}:${origin.sequenceNumber}:${origin.subSequenceNumber}`;

  const writer = new AttributeWriter();
  const item: Item = {};
  let key = "";
  for (const [index, part] of policy.key.entries()) {
    const found = keyText(part.from === "$id" ? eventId : valueAt(event, part.from), part.type);
    if ("fault" in found) {
      const where = part.from === "$id" ? "the id" : part.from.join(".");
      return {
        origin,
        reason: "no-key",
        detail: `no value for the key attribute ${part.attribute}: ${where} ${found.fault}`,
      };
    }
    const bytes = Buffer.byteLength(found.text);
    const limit = index === 0 ? MAX_PARTITION_KEY_BYTES : MAX_SORT_KEY_BYTES;
    if (bytes > limit) {
      return {
        origin,
        reason: "refused",
        detail: `the key attribute ${part.attribute} has ${bytes} bytes, DynamoDB takes ${limit}`,
      };
    }
    item[part.attribute] = keyValue(part, found.text);
    writer.bytes += Buffer.byteLength(part.attribute) + bytes;
    key += `${found.same.length}:${found.same}`;
  }

  const version = policy.version && versionOf(event, origin, policy.version);
  if (policy.version !== undefined) {
    if (version === undefined) {
      const from = policy.version.from === "$sequence" ? "$sequence" : policy.version.from.join(".");
      return { origin, reason: "no-version", detail: `no version (${policy.version.format}) at ${from}` };
    }
    item[policy.version.attribute] = version;
    writer.bytes += Buffer.byteLength(policy.version.attribute) + (version.S ?? version.N).length;
  }

  const expires = policy.timeToLive && expiresAt(event, policy.timeToLive);
  if (policy.timeToLive !== undefined && expires !== undefined) {
    item[policy.timeToLive.attribute] = writer.attribute(policy.timeToLive.attribute, expires);
  }

  const collision = policy.fields === undefined ? addAll(item, event, policy, writer) : undefined;
  if (collision !== undefined) {
    const detail = `the event's own ${collision} would be lost: the policy writes an attribute of that name. Name it otherwise with fields`;
    return { origin, reason: "refused", detail };
  }
  for (const { attribute, from } of policy.fields ?? []) {
    const value = valueAt(event, from);
    if (value !== undefined) item[attribute] = writer.attribute(attribute, value);
  }

  if (writer.fault !== undefined) return { origin, reason: "refused", detail: writer.fault };
  if (writer.bytes > MAX_ITEM_BYTES) {
    return {
      origin,
      reason: "refused",
      detail: `the item has ${writer.bytes} bytes, DynamoDB takes ${MAX_ITEM_BYTES}`,
    };
  }
  return {
    origin,
    item,
    bytes: writer.bytes,
    key,
    version,
    idFromPosition: policy.id !== undefined && id === undefined,
    withoutTime: policy.timeToLive !== undefined && expires === undefined,
  };
}

/**
 * Adds the event's own members. One whose name is taken is left out if it is the very value that stands there,
 * and is otherwise returned: dropping it would lose a part of the event in silence.
 */
function addAll(
  item: Item,
  event: JsonObject,
  policy: StreamPolicy,
  writer: AttributeWriter,
): string | undefined {
  for (const name of Object.keys(event)) {
    if (Object.hasOwn(item, name)) {
      if (isSourceOf(policy, name)) continue;
      return name;
    }
    item[name] = writer.attribute(name, event[name] as JsonValue);
  }
  return undefined;
}

/** Whether the attribute `name` is a key attribute that is made from the event's own top-level `name`. */
function isSourceOf(policy: StreamPolicy, name: string): boolean {
  const isThis = (path: Path | undefined) => path?.length === 1 && path[0] === name;
  return policy.key.some(
    ({ attribute, from }) => attribute === name && isThis(from === "$id" ? policy.id : from),
  );
}

/** An id is a text that is not empty, or a number. */
function idText(value: JsonValue | undefined): string | undefined {
  if (typeof value === "string") return value === "" ? undefined : value;
  return decimalText(value);
}

/** `text` is the key's value; `same` is one text for one key, for numbers too. */
function keyText(
  value: JsonValue | undefined,
  type: "S" | "N",
): { readonly text: string; readonly same: string } | { readonly fault: string } {
  if (value === undefined) return { fault: "is missing" };
  if (type === "N") {
    const text = decimalText(value);
    const decimal = text === undefined ? undefined : parseDecimal(text);
    if (text === undefined || decimal === undefined) return { fault: "is not a number" };
    const fault = numberFault(decimal);
    return fault === undefined ? { text, same: canonicalNumber(text) } : { fault: `is ${fault}` };
  }
  if (value === "") return { fault: "is empty" };
  if (typeof value === "string") {
    return value.isWellFormed() ? { text: value, same: value } : { fault: "holds half a surrogate pair" };
  }
  if (typeof value === "number" || typeof value === "boolean")
    return { text: String(value), same: String(value) };
  if (value instanceof ExactNumber) return { text: value.text, same: value.text };
  return { fault: value === null ? "is null" : "is neither a text nor a number" };
}

function keyValue({ type }: KeyPart, text: string): AttributeValue {
  return type === "N" ? { N: text } : { S: text };
}

function expiresAt(
  event: JsonObject,
  { from, format, seconds }: NonNullable<StreamPolicy["timeToLive"]>,
): number | undefined {
  const at = toEpochSeconds(valueAt(event, from), format);
  return at === undefined ? undefined : at + seconds;
}
