import type { AttributeValue } from "@aws-sdk/client-dynamodb";
import type { Item } from "./encoded-item.ts";
import { members } from "./json-bytes.ts";

/**
 * An item that stands in the table, as the bytes of its JSON. As objects it would take up to 70 times as much memory, and a
 * batch may meet hundreds of items of 400 KB; so only what is asked for is made.
 */
export class StoredItem {
  readonly json: Buffer;

  /** @param json may be a view of a whole answer: see `detached`. */
  constructor(json: Buffer) {
    this.json = json;
  }

  get attributes(): Item {
    return JSON.parse(this.json.toString());
  }

  get names(): readonly string[] {
    return [...members(this.json)].map(([name]) => name);
  }

  /** Some of its attributes. */
  pick(names: readonly string[]): Item {
    const picked: [string, AttributeValue][] = [];
    for (const [name, value] of members(this.json)) {
      if (names.includes(name)) picked.push([name, JSON.parse(value.toString())]);
    }
    return Object.fromEntries(picked);
  }

  /** The same with memory of its own: a view holds the whole answer for as long as it is held itself. */
  detached(): StoredItem {
    return new StoredItem(Buffer.from(this.json));
  }
}
