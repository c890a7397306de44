import { describe, expect, it } from "vitest";
import type { Item } from "../../../../functions/ingest-events/plan/encoded-item.ts";
import { sameItem as same } from "../../../../functions/ingest-events/plan/same-item.ts";
import { encodedItem, storedItem } from "../dynamo-answers.ts";

const item: Item = {
  id: { S: "e" },
  n: { N: "1.50" },
  m: { M: { a: { BOOL: true }, b: { L: [{ NULL: true }, { S: "" }] } } },
};

const sameItem = (a: Item, b: Item, except?: readonly string[]) =>
  same(encodedItem(a), storedItem(b), except);

describe("sameItem", () => {
  it("holds whatever the order of attributes and the spelling of numbers", () => {
    expect(
      sameItem(item, {
        m: { M: { b: { L: [{ NULL: true }, { S: "" }] }, a: { BOOL: true } } },
        n: { N: "1.5" },
        id: { S: "e" },
      }),
    ).toBe(true);
  });

  it.each<[string, Item]>([
    ["one more attribute", { ...item, x: { S: "" } }],
    ["one less", { id: { S: "e" }, n: { N: "1.5" } }],
    ["another name", { id: { S: "e" }, k: { N: "1.5" }, m: item.m ?? { NULL: true } }],
    ["another type", { ...item, n: { S: "1.50" } }],
    ["another number", { ...item, n: { N: "1.51" } }],
    [
      "another boolean inside",
      { ...item, m: { M: { a: { BOOL: false }, b: { L: [{ NULL: true }, { S: "" }] } } } },
    ],
    ["a shorter list inside", { ...item, m: { M: { a: { BOOL: true }, b: { L: [{ NULL: true }] } } } }],
    [
      "a longer list inside",
      { ...item, m: { M: { a: { BOOL: true }, b: { L: [{ NULL: true }, { S: "" }, { S: "" }] } } } },
    ],
    [
      "another text in a list",
      { ...item, m: { M: { a: { BOOL: true }, b: { L: [{ NULL: true }, { S: "x" }] } } } },
    ],
    [
      "a list in another order",
      { ...item, m: { M: { a: { BOOL: true }, b: { L: [{ S: "" }, { NULL: true }] } } } },
    ],
    [
      "another map inside a list",
      { ...item, m: { M: { a: { BOOL: true }, b: { L: [{ NULL: true }, { M: {} }] } } } },
    ],
    ["another text", { ...item, id: { S: "f" } }],
    ["a binary", { ...item, n: { B: new Uint8Array() } }],
  ])("does not hold with %s", (_what, other) => expect(sameItem(item, other)).toBe(false));

  it.each<[string, Item, Item]>([
    ["a map with another name", { m: { M: { a: { S: "" } } } }, { m: { M: { b: { S: "" } } } }],
    [
      "a map with a name more",
      { m: { M: { a: { S: "x" } } } },
      { m: { M: { a: { S: "x" }, b: { S: "" } } } },
    ],
    ["a list with another length", { l: { L: [] } }, { l: { L: [{ S: "" }] } }],
    ["a list for a map", { m: { M: {} } }, { m: { L: [] } }],
    ["no null", { n: { NULL: true } }, { n: { BOOL: true } }],
    ["a number for a text, inside", { m: { M: { x: { N: "1" } } } }, { m: { M: { x: { S: "1" } } } }],
    ["no null, inside", { m: { M: { x: { NULL: true } } } }, { m: { M: { x: { BOOL: true } } } }],
    ["a list for a map, inside", { m: { M: { x: { M: {} } } } }, { m: { M: { x: { L: [] } } } }],
    ["a list for a text, inside", { m: { M: { x: { L: [] } } } }, { m: { M: { x: { S: "" } } } }],
    ["a set for a list, inside", { m: { M: { x: { L: [] } } } }, { m: { M: { x: { SS: ["a"] } } } }],
    ["sets, as nothing of Reflex has any", { x: { SS: ["a", "b"] } }, { x: { SS: ["b", "a"] } }],
  ])("does not hold with %s, either way round", (_what, one, other) => {
    expect([sameItem(one, other), sameItem(other, one)]).toEqual([false, false]);
  });

  it("holds without what is left out, in either", () => {
    const other = { ...item, v: { N: "7" } };
    expect(sameItem({ ...item, w: { N: "8" } }, other, ["v", "w"])).toBe(true);
    expect(sameItem({ ...item, v: { N: "8" } }, other, ["v"])).toBe(true);
    expect(sameItem(item, other, ["w"])).toBe(false);
  });
});
