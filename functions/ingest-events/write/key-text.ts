import type { StreamPolicy } from "../config/policy.ts";
import { canonicalNumber } from "../decode/decimal.ts";
import type { EncodedItem, Item } from "../plan/encoded-item.ts";

type Key = StreamPolicy["key"];

/** One text for one key, whichever way its numbers are written. */
export function keyOfAttributes(item: Item, key: Key): string {
  return JSON.stringify(
    key.map(({ attribute, type }) => {
      const value = item[attribute];
      if (type === "N") return canonicalNumber(value?.N ?? "");
      // An item is read from its JSON, in which bytes are base64.
      return type === "B" ? String(value?.B) : value?.S;
    }),
  );
}

/** The same for an item that is to be sent. */
export function keyOfItem(item: EncodedItem, key: Key): string {
  const attributes = key.map(({ attribute }) => [
    attribute,
    JSON.parse(item.value(attribute)?.toString() ?? "{}"),
  ]);
  return keyOfAttributes(Object.fromEntries(attributes), key);
}

export function keyNames(key: Key): readonly string[] {
  return key.map(({ attribute }) => attribute);
}
