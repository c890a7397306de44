import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import { canonicalNumber } from "../decode/decimal.ts";
import type { Item } from "./encoded-item.ts";

/**
 * Whether two items hold the same: DynamoDB answers `1.50` as `1.5`, and attributes in any order.
 * @param except attributes that are not looked at, in either.
 */
export function sameItem(a: Item, b: Item, except: readonly string[] = []): boolean {
  const namesOf = (item: Item) => Object.keys(item).filter((name) => !except.includes(name));
  const names = namesOf(a);
  if (names.length !== namesOf(b).length) return false;
  return names.every((name) => Object.hasOwn(b, name) && sameValue(a[name], b[name]));
}

function sameValue(a: AttributeValue | undefined, b: AttributeValue | undefined): boolean {
  if (a === undefined || b === undefined) return false;
  if (a.S !== undefined) return a.S === b.S;
  if (a.N !== undefined) return b.N !== undefined && canonicalNumber(a.N) === canonicalNumber(b.N);
  if (a.BOOL !== undefined) return a.BOOL === b.BOOL;
  if (a.NULL !== undefined) return b.NULL !== undefined;
  if (a.M !== undefined) return b.M !== undefined && sameItem(a.M, b.M);
  if (a.L !== undefined) return b.L !== undefined && sameList(a.L, b.L);
  // Sets and binaries: nothing of ours has any.
  return false;
}

function sameList(a: readonly AttributeValue[], b: readonly AttributeValue[]): boolean {
  return a.length === b.length && a.every((value, index) => sameValue(value, b[index]));
}
