import { join } from "node:path";
import { expect, it, test } from "vitest";
import { type JsonObject, parseJson } from "../../../../functions/ingest-events/decode/json.ts";
import { ItemBuilder, MAX_ITEM_BYTES } from "../../../../functions/ingest-events/plan/attributes.ts";
import { toWrite } from "../../../../functions/ingest-events/plan/item.ts";
import { StoredItem } from "../../../../functions/ingest-events/plan/stored-item.ts";
import { policyOf } from "../policies.ts";
import { decodedEvent, PLACE } from "../records.ts";
import { EVENTS, type SentEvent } from "./events.ts";

/** What becomes of the event, in one line. */
function becomes({ json, stream = { mode: "append", id: "id" }, table, origin, change }: SentEvent): string {
  const decoded = decodedEvent(parseJson(json) as JsonObject, "7", 3);
  const event = { ...decoded, origin: { ...decoded.origin, ...origin }, ...(change && { change }) };
  const made = toWrite(event, policyOf(stream, table), PLACE);
  if ("reason" in made) return `${made.reason}: ${short(made.detail)}`;
  const { item, bytes, key, version, action, idFromPosition, withoutTime } = made;
  const flags = [...(idFromPosition ? ["id from its place"] : []), ...(withoutTime ? ["without time"] : [])];
  const about = [
    `${bytes} bytes`,
    `key ${short(key)}`,
    ...(version ? [`version ${JSON.stringify(version)}`] : []),
  ];
  return `${action} ${short(String(item.json))} (${[...about, ...flags].join(", ")})`;
}

const short = (text: string) => (text.length > 300 ? `${text.slice(0, 100)}…${text.slice(-50)}` : text);

/** `vitest -u` writes them anew: read the diff. */
test.each(Object.entries(EVENTS))("events with %s become what they are to", async (group, events) => {
  const found = Object.fromEntries(events.map((one) => [one.name, becomes(one)]));
  const path = join(import.meta.dirname, "golden", `${group.replaceAll(/[ ,]+/g, "-")}.json`);
  await expect(`${JSON.stringify(found, undefined, 2)}\n`).toMatchFileSnapshot(path);
});

it("takes an item of exactly as many bytes as DynamoDB does, and none of one more", () => {
  const add = (bytes: number) => new ItemBuilder().add("a", "x".repeat(bytes - 1));
  expect(() => add(MAX_ITEM_BYTES)).not.toThrow();
  expect(() => add(MAX_ITEM_BYTES + 1)).toThrow(
    `the item has ${MAX_ITEM_BYTES + 1} bytes or more, DynamoDB takes ${MAX_ITEM_BYTES}`,
  );
});

it("counts the name and the value of a key, and knows what it has", () => {
  const builder = new ItemBuilder();
  builder.addValue("größe", { S: "abc" }, 3);
  expect(builder.bytes).toBe(10);
  expect([builder.has("größe"), builder.has("g")]).toEqual([true, false]);
});

test("a stored item is read in parts or as a whole, and can be held without the answer around it", () => {
  const answer = Buffer.from('[{"a":{"S":"1"},"b":{"N":"2"},"c":{"NULL":true}}]');
  const stored = new StoredItem(answer.subarray(1, -1));
  expect(stored.attributes).toEqual({ a: { S: "1" }, b: { N: "2" }, c: { NULL: true } });
  expect(stored.names).toEqual(["a", "b", "c"]);
  expect(stored.pick(["c", "a", "x"])).toEqual({ a: { S: "1" }, c: { NULL: true } });
  const own = stored.detached();
  answer.fill(0x20);
  expect(own.names).toEqual(["a", "b", "c"]);
});
