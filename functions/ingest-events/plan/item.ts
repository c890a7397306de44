import type { DeletePolicy, FieldPolicy, StreamPolicy } from "../config/policy.ts";
import { TOMBSTONE } from "../config/reserved.ts";
import { type Source, sourceText } from "../config/source.ts";
import { type DecodedEvent, type Origin, type Poison, Unfit } from "../decode/event.ts";
import { decimalText, toEpochSeconds } from "../decode/event-time.ts";
import type { JsonObject, JsonValue } from "../decode/json.ts";
import { convertTime } from "../decode/time-format.ts";
import { ItemBuilder } from "./attributes.ts";
import type { EncodedItem } from "./encoded-item.ts";
import { keyOf, tupleText } from "./key.ts";
import { EventValues, type Place } from "./values.ts";
import { type Version, versionOf } from "./version.ts";

/** An event as the item it becomes. */
export interface Write {
  readonly origin: Origin;
  readonly item: EncodedItem;
  /** The item's size as DynamoDB counts it, rounded up. */
  readonly bytes: number;
  /** The key as a tuple in one text: equal for the same key, and for no other. */
  readonly key: string;
  /** Only in `latest`. */
  readonly version: Version | undefined;
  /** Only in `latest`: whether the item of this key is put or deleted. What is deleted has a tombstone as `item`. */
  readonly action: "put" | "delete";
  /** The event has no id; its place in the stream stands for it. */
  readonly idFromPosition: boolean;
  /** The policy sets a time to live, and the event has no time to count it from. */
  readonly withoutTime: boolean;
}

/**
 * The item of one event: a function of the event and the policy alone, so that a second delivery makes the
 * same item. (Where the event has no id, of its place in the stream; in `latest` by sequence, of that too.)
 * What DynamoDB would refuse is found here.
 */
export function toWrite(decoded: DecodedEvent, policy: StreamPolicy, place: Place): Write | Poison {
  try {
    return fittingWrite(decoded, policy, new EventValues(decoded, place));
  } catch (error) {
    if (!(error instanceof Unfit)) throw error;
    return { origin: decoded.origin, reason: error.reason, detail: error.message };
  }
}

/** @throws Unfit */
function fittingWrite(decoded: DecodedEvent, policy: StreamPolicy, values: EventValues): Write {
  const { origin, event } = decoded;
  const ownId = ownIdOf(values, policy);
  const key = keyOf(values, ownId ?? values.position, policy.key);
  const version = policy.version && versionOf(values, origin, policy.version);
  const isDelete = policy.deletes !== undefined && deletes(decoded, policy.deletes);
  if (!isDelete) checkRequired(values, policy.required);
  const expiresAt = isDelete ? tombstoneExpiry(origin, policy.deletes) : expiryOf(values, policy.timeToLive);

  const item = new ItemBuilder();
  for (const { attribute, value, bytes } of key) item.addValue(attribute, value, bytes);
  if (policy.version && version) {
    item.addValue(policy.version.attribute, version, (version.S ?? version.N).length);
  }
  if (expiresAt) item.add(expiresAt.attribute, expiresAt.seconds);
  if (isDelete) item.add(TOMBSTONE, true);
  else if (policy.fields === undefined) addMembers(item, event, policy);
  else addFields(item, values, policy.fields);
  return {
    origin,
    item: item.build(),
    bytes: item.bytes,
    key: tupleText(key),
    version,
    action: isDelete && policy.deletes?.leaves === "nothing" ? "delete" : "put",
    idFromPosition: policy.id !== undefined && ownId === undefined,
    withoutTime: policy.timeToLive !== undefined && expiresAt === undefined,
  };
}

/**
 * The event's own id: a text that is not empty, or a number. `undefined` if its place in the stream is to stand for it.
 * @throws Unfit if the policy asks for an id and the event has none.
 */
function ownIdOf(values: EventValues, { id, withoutId }: StreamPolicy): string | undefined {
  if (id === undefined) return undefined;
  const value = values.at(id);
  const text = typeof value === "string" && value !== "" ? value : decimalText(value);
  if (text === undefined && withoutId === "quarantine") {
    throw new Unfit("no-id", `no id at ${sourceText(id)}`);
  }
  return text;
}

function checkRequired(values: EventValues, required: readonly Source[]): void {
  for (const source of required) {
    const value = values.at(source);
    if (value === undefined || value === null) {
      throw new Unfit("no-field", `no value at ${sourceText(source)}, which the policy requires`);
    }
  }
}

function deletes({ event, change }: DecodedEvent, { when }: DeletePolicy): boolean {
  return change?.operation === "delete" || when?.(event) === true;
}

function addFields(item: ItemBuilder, values: EventValues, fields: readonly FieldPolicy[]): void {
  for (const field of fields) {
    const value = fieldValue(values, field);
    if (value !== undefined) item.add(field.attribute, value);
  }
}

/** @throws Unfit where a time is none of its format. One that is missing or null stays so. */
function fieldValue(values: EventValues, { from, time }: FieldPolicy): JsonValue | undefined {
  const value = values.at(from);
  if (time === undefined || value === undefined || value === null) return value;
  const converted = convertTime(value, time);
  if (converted !== undefined) return converted;
  throw new Unfit("no-field", `the value at ${sourceText(from)} is not a time in ${time.format}`);
}

/**
 * Adds the event's own members. One whose name is taken is left out if it is the very value that is written there;
 * otherwise the event is unfit: dropping the member would lose a part of the event in silence.
 */
function addMembers(item: ItemBuilder, event: JsonObject, policy: StreamPolicy): void {
  const taken = new Set([...item.names, ...policy.reserved]);
  for (const name of Object.keys(event)) {
    const value = event[name] as JsonValue;
    if (!taken.has(name)) item.add(name, value);
    else if (!isSourceOf(policy, name) && !isWritten(item, name, value)) {
      const detail = `the event's own ${name} would be lost: the policy writes an attribute of that name. Name it otherwise with fields`;
      throw new Unfit("refused", detail);
    }
  }
}

/** Whether the attribute `name` is a key attribute that is made from the event's own top-level `name`. */
function isSourceOf(policy: StreamPolicy, name: string): boolean {
  const isThis = (source: Source | undefined) =>
    Array.isArray(source) && source.length === 1 && source[0] === name;
  return policy.key.some(
    ({ attribute, from }) => attribute === name && isThis(from === "$id" ? policy.id : from),
  );
}

/** Whether the item has this very text under this name. */
function isWritten(item: ItemBuilder, name: string, value: JsonValue): boolean {
  return typeof value === "string" && item.valueText(name) === JSON.stringify({ S: value });
}

interface Expiry {
  readonly attribute: string;
  /** Since the epoch. */
  readonly seconds: number;
}

/** `undefined` if the policy sets none, or the event has no time. */
function expiryOf(values: EventValues, policy: StreamPolicy["timeToLive"]): Expiry | undefined {
  if (policy === undefined) return undefined;
  const at = toEpochSeconds(values.at(policy.from), policy.format);
  return at === undefined ? undefined : { attribute: policy.attribute, seconds: at + policy.seconds };
}

function tombstoneExpiry({ arrivalMs }: Origin, policy: DeletePolicy | undefined): Expiry | undefined {
  const { attribute, seconds } = policy?.expiry ?? {};
  if (attribute === undefined || seconds === undefined) return undefined;
  return { attribute, seconds: Math.floor(arrivalMs / 1000) + seconds };
}
