import type { StreamPolicy } from "../config/policy.ts";
import type { DecodedEvent, Origin, Poison } from "../decode/decode.ts";
import { decimalText, toEpochSeconds } from "../decode/event-time.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import { type Path, valueAt } from "../decode/path.ts";
import { AttributeWriter, type Item } from "./attributes.ts";
import { keyOf, tupleText } from "./key.ts";
import { Unfit } from "./unfit.ts";
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
  /** The policy sets a time to live, and the event has no time to count it from. */
  readonly withoutTime: boolean;
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html */
const MAX_ITEM_BYTES = 400 * 1024;

/**
 * The item of one event: a function of the event and the policy alone, so that a second delivery makes the
 * same item. (Where the event has no id, of its place in the stream; in `latest` by sequence, of that too.)
 * What DynamoDB would refuse is found here.
 * @param place the stream and the shard, `orders/shardId-000000000000`: two streams may share a table.
 */
export function toWrite(decoded: DecodedEvent, policy: StreamPolicy, place: string): Write | Poison {
  try {
    return fittingWrite(decoded, policy, place);
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return { origin: decoded.origin, reason: error.reason, detail: error.message };
  }
}

/** @throws Unfit */
function fittingWrite({ origin, event }: DecodedEvent, policy: StreamPolicy, place: string): Write {
  const ownId = ownIdOf(event, policy);
  const id = ownId ?? `${place}:${origin.sequenceNumber}:${origin.subSequenceNumber}`;
  const key = keyOf(event, id, policy.key);
  const version = policy.version && versionOf(event, origin, policy.version);
  const expiresAt = policy.timeToLive && expiryOf(event, policy.timeToLive);

  const writer = new AttributeWriter();
  const item: Item = {};
  for (const { attribute, value, bytes } of key) {
    item[attribute] = value;
    writer.bytes += Buffer.byteLength(attribute) + bytes;
  }
  if (policy.version && version) {
    item[policy.version.attribute] = version;
    writer.bytes += Buffer.byteLength(policy.version.attribute) + (version.S ?? version.N).length;
  }
  if (policy.timeToLive && expiresAt !== undefined) {
    item[policy.timeToLive.attribute] = writer.attribute(policy.timeToLive.attribute, expiresAt);
  }
  Object.assign(item, ownAttributes(event, policy, writer, item));

  if (writer.bytes > MAX_ITEM_BYTES) {
    throw new Unfit("refused", `the item has ${writer.bytes} bytes, DynamoDB takes ${MAX_ITEM_BYTES}`);
  }
  return {
    origin,
    item,
    bytes: writer.bytes,
    key: tupleText(key),
    version,
    idFromPosition: policy.id !== undefined && ownId === undefined,
    withoutTime: policy.timeToLive !== undefined && expiresAt === undefined,
  };
}

/**
 * The event's own id: a text that is not empty, or a number. `undefined` if its place in the stream is to stand for it.
 * @throws Unfit if the policy asks for an id and the event has none.
 */
function ownIdOf(event: JsonObject, { id, withoutId }: StreamPolicy): string | undefined {
  if (id === undefined) return undefined;
  const value = valueAt(event, id);
  const text = typeof value === "string" && value !== "" ? value : decimalText(value);
  if (text === undefined && withoutId === "quarantine") {
    throw new Unfit("no-id", `no id at ${id.join(".")}`);
  }
  return text;
}

/** The attributes the event brings: the fields the policy chooses, or all of its members. */
function ownAttributes(event: JsonObject, policy: StreamPolicy, writer: AttributeWriter, taken: Item): Item {
  if (policy.fields === undefined) return allMembers(event, policy, writer, taken);
  const attributes: Item = {};
  for (const { attribute, from } of policy.fields) {
    const value = valueAt(event, from);
    if (value !== undefined) attributes[attribute] = writer.attribute(attribute, value);
  }
  return attributes;
}

/**
 * The event's own members. One whose name is taken is left out if it is the very value that is written there;
 * otherwise the event is unfit: dropping the member would lose a part of the event in silence.
 */
function allMembers(event: JsonObject, policy: StreamPolicy, writer: AttributeWriter, taken: Item): Item {
  const attributes: Item = {};
  for (const name of Object.keys(event)) {
    const isTaken = Object.hasOwn(taken, name) || policy.reserved.includes(name);
    if (!isTaken) attributes[name] = writer.attribute(name, event[name] as JsonValue);
    else if (!isSourceOf(policy, name)) {
      const detail = `the event's own ${name} would be lost: the policy writes an attribute of that name. Name it otherwise with fields`;
      throw new Unfit("refused", detail);
    }
  }
  return attributes;
}

/** Whether the attribute `name` is a key attribute that is made from the event's own top-level `name`. */
function isSourceOf(policy: StreamPolicy, name: string): boolean {
  const isThis = (path: Path | undefined) => path?.length === 1 && path[0] === name;
  return policy.key.some(
    ({ attribute, from }) => attribute === name && isThis(from === "$id" ? policy.id : from),
  );
}

/** Seconds since the epoch; `undefined` if the event has no time. */
function expiryOf(
  event: JsonObject,
  { from, format, seconds }: NonNullable<StreamPolicy["timeToLive"]>,
): number | undefined {
  const at = toEpochSeconds(valueAt(event, from), format);
  return at === undefined ? undefined : at + seconds;
}
