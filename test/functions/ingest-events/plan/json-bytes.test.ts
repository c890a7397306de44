import fc from "fast-check";
import { expect, it } from "vitest";
import {
  elements,
  isWholeObject,
  member,
  members,
} from "../../../../functions/ingest-events/plan/json-bytes.ts";

/** As DynamoDB could write it: with blanks or without, characters escaped or not. */
const text = fc
  .tuple(fc.json(), fc.constantFrom(undefined, 1))
  .map(([json, indent]) => JSON.stringify(JSON.parse(json), undefined, indent));

it("takes an object apart as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: "grapheme" }), text), (object) => {
      const json = Object.entries(object).map(([name, value]) => ` ${JSON.stringify(name)} : ${value} `);
      const bytes = Buffer.from(`{${json.join(",")}}`);
      expect(isWholeObject(bytes)).toBe(true);
      const found = [...members(bytes)].map(([name, value]) => [name, JSON.parse(value.toString())]);
      expect(found).toEqual(Object.entries(object).map(([name, value]) => [name, JSON.parse(value)]));
    }),
  );
});

it("takes a list apart as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.array(text), (list) => {
      const bytes = Buffer.from(` [ ${list.join(" , ")} ] `);
      expect([...elements(bytes)].map((value) => JSON.parse(value.toString()))).toEqual(
        list.map((value) => JSON.parse(value)),
      );
    }),
  );
});

it("knows a part of an object from the whole", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(), (object, cut) => {
      const bytes = Buffer.from(JSON.stringify(object));
      expect(isWholeObject(bytes.subarray(0, cut % bytes.length))).toBe(false);
    }),
  );
});

it("finds a member, and none where there is none", () => {
  const json = Buffer.from('{"a":{"b":[1]},"c":null}');
  expect(member(member(json, "a"), "b")?.toString()).toBe("[1]");
  expect(member(json, "b")).toBeUndefined();
  expect(member(member(json, "x"), "y")).toBeUndefined();
});
