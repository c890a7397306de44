import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalNumber } from "../decode/decimal.ts";
import type { EncodedItem, Item } from "./encoded-item.ts";
import { members } from "./json-bytes.ts";
import type { StoredItem } from "./stored-item.ts";

/**
 * Whether two items hold the same: DynamoDB answers `1.50` as `1.5`, and attributes in any order.
 * @param except attributes that are not looked at, in either.
 */
export function sameItem(item: EncodedItem, stored: StoredItem, except: readonly string[] = []): boolean {
  const { names, values } = item;
  const own = new Map(names.map((name, index) => [name, values[index]]));
  for (const name of except) own.delete(name);
  let found = 0;
  for (const [name, value] of members(stored.json)) {
    if (except.includes(name)) continue;
    const mine = own.get(name);
    if (mine === undefined || !sameValueText(mine, value)) return false;
    found += 1;
  }
  return found === own.size;
}

/** Mostly the bytes are enough. Objects are made of one attribute only, and only where it does not. */
function sameValueText(mine: Buffer, stored: Buffer): boolean {
  if (mine.equals(stored)) return true;
  const type = typeOf(stored);
  if (type !== undefined && type !== typeOf(mine)) return false;
  return sameValue(JSON.parse(mine.toString()), JSON.parse(stored.toString()));
}

/** `{"BOOL":true}`: an attribute value begins with its type. */
function typeOf(value: Buffer): string | undefined {
  return TYPE.exec(value.toString("latin1", 0, MAX_TYPE_BYTES))?.[1];
}

const TYPE = /^\{\s*"([A-Z]+)"/;
const MAX_TYPE_BYTES = 32;

function sameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.S !== undefined) return a.S === b.S;
  if (a.N !== undefined) return b.N !== undefined && canonicalNumber(a.N) === canonicalNumber(b.N);
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL;
  if (a.NULL !== undefined) return b.NULL !== undefined;
  if (a.M !== undefined) return b.M !== undefined && sameMap(a.M, b.M);
  if (a.L !== undefined) return b.L !== undefined && sameList(a.L, b.L);
  // Sets and binaries: nothing of ours has any.
  return false;
}

function sameMap(a: Item, b: Item): boolean {
  const names = Object.keys(a);
  if (names.length !== Object.keys(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]));
}

function sameList(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((value, index) => sameValue(value, b[index]));
}
