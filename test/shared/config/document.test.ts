import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stringify } from "yaml";
import { readDocument } from "../../../shared/config/document.ts";

const read = (text: string) => readDocument(text, "dev.yml");

/** `a: [1, 1, …]`, then nine levels that each name the one before ten times. */
const BOMB = [
  "a0: &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]",
  ...Array.from({ length: 9 }, (_, n) => `a${n + 1}: &a${n + 1} [${Array(10).fill(`*a${n}`).join(", ")}]`),
].join("\n");

describe("a config file's YAML", () => {
  it.each([
    ["nothing", "", {}],
    ["comments only", "# nothing yet\n", {}],
    ["a key that looks like a number", "007: { max: 1 }", { "007": { max: 1 } }],
    ["a key that looks like a boolean", "yes: 1", { yes: 1 }],
    ["a pattern that does not begin with *", "orders-*: 1", { "orders-*": 1 }],
    ["an empty entry", "orders:", { orders: null }],
    [
      "a merged base, whose keys the own ones replace",
      "a: &a { x: 1, y: 1 }\nb: { <<: *a, y: 2 }",
      { a: { x: 1, y: 1 }, b: { x: 1, y: 2 } },
    ],
    ["a key that JavaScript knows", "constructor: 1", { constructor: 1 }],
  ])("%s", (_, text, value) => {
    expect(read(text).value).toEqual(value);
  });

  it.each([
    [
      "a pattern without quotes",
      "streams:\n  *: { max: 10 }",
      '2:6: a name that begins with * must be in quotes: "*"',
    ],
    ["a tab", "streams:\n\torders: 1", "2:1: a line is indented with a tab, expected spaces"],
    ["a key twice", "a: 1\na: 2", "2:1: found the key a twice, expected it once"],
    ["an alias of nothing", "a: *b", "1:4: found *b, expected the name of an anchor above"],
    ["a list as a key", "? [a]\n: 1", "1:3: found a list or a map as a key, expected a name"],
    [
      "an alias within itself",
      "a: &a { b: *a }",
      "opens to more than 200000 values or 50 levels, expected a config file",
    ],
    [
      "aliases of aliases of aliases",
      BOMB,
      "opens to more than 200000 values or 50 levels, expected a config file",
    ],
    ["an open bracket", "a: [1", "is not YAML: "],
  ])("%s is refused with its place", (_, text, message) => {
    expect(() => read(text)).toThrow(message);
    expect(() => read(text)).toThrow(/^dev\.yml:\d+:\d+: /);
  });

  it("says where a value stands, or the nearest thing above it", () => {
    const { positionOf } = read("streams:\n  orders:\n    max: 4\n    tags:\n      - a\n      - b\n");
    expect(positionOf(["streams", "orders", "max"])).toEqual({ line: 3, column: 5 });
    expect(positionOf(["streams", "orders", "tags", 1])).toEqual({ line: 6, column: 9 });
    expect(positionOf(["streams", "orders", "min"])).toEqual({ line: 2, column: 3 });
  });

  it("is read back as it was written, whatever the names and values", () => {
    const value = fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => key !== "<<" && key !== "__proto__"),
      fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string())),
    );
    fc.assert(
      fc.property(value, (config) => {
        expect(read(stringify(config)).value).toEqual({ ...config });
      }),
    );
  });
});
