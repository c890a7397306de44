import fc from "fast-check";
import { expect, it } from "vitest";
import {
  elements,
  isWholeObject,
  jsonOf,
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

it("is made of its parts, texts and bytes, one after the other", () => {
  expect(jsonOf('{"é":', Buffer.from('"ü"'), "}").toString()).toBe('{"é":"ü"}');
});

const ofObject = (json: string) =>
  [...members(Buffer.from(json))].map(([name, value]) => `${name}=${value.toString()}`);
const ofList = (json: string) => [...elements(Buffer.from(json))].map((value) => value.toString());

it.each([
  ['{"a":1}"x":2', ["a=1"]],
  ['{"a":1 ,"b":true\n,"c":null}', ["a=1", "b=true", "c=null"]],
  ['{"a":"}","b":[1,[2]],"c":{"d":{}}}', ['a="}"', "b=[1,[2]]", 'c={"d":{}}']],
  ['{"a":"x\\"y" , "b":""}', ['a="x\\"y"', 'b=""']],
  ["{}", []],
])("the members of %s end where the object does", (json, expected) => {
  expect(ofObject(json)).toEqual(expected);
});

it.each([
  ['[1]"x"', ["1"]],
  ["[1", ["1"]],
  ["[", []],
  ["[]", []],
  ['["a","b"]', ['"a"', '"b"']],
  ['[ "a" , 2 ,null]', ['"a"', "2", "null"]],
  ["[1\t,2 ]", ["1", "2"]],
  ['[{"a":"]"},[1,[2]]]', ['{"a":"]"}', "[1,[2]]"]],
])("the elements of %s end where the list does", (json, expected) => {
  expect(ofList(json)).toEqual(expected);
});

it.each([
  ['{"a":1}', true],
  [' {"a":1} \n', true],
  ["{}", true],
  ['{"a":1} x', false],
  ['{"a":1}{}', false],
  ['{"a":1', false],
  ['{"a":"x', false],
  ['{"a":{}', false],
  ['{"a":[1}', false],
  ["{", false],
  ["[1]", false],
  ['"{}"', false],
  ["", false],
])("%s is one whole object: %s", (json, isWhole) => {
  expect(isWholeObject(Buffer.from(json))).toBe(isWhole);
});
