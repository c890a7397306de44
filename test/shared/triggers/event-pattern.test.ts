import { describe, expect, it } from "vitest";
import { BadPattern, compilePattern, operatorsIn } from "../../../shared/triggers/event-pattern.ts";

/** Whether a field `a` with this value matches these conditions; without a value it is not there. */
const holds = (conditions: readonly unknown[], ...value: readonly unknown[]) =>
  compilePattern({ a: conditions })(value.length === 0 ? {} : { a: value[0] });

describe("a condition on a field", () => {
  it.each<[string, unknown, readonly unknown[], readonly unknown[]]>([
    ["a value", "x", ["x", ["y", "x"]], ["X", "xx", null, ["y"], [], {}]],
    ["a number", 1, [1, [2, 1]], ["1", true, 2]],
    ["null", null, [null, [null]], ["", 0, "null"]],
    ["exists", { exists: true }, ["x", null, "", [], {}], []],
    ["prefix", { prefix: "ab" }, ["ab", "abc", ["x", "abc"]], ["a", "cab", 12, null]],
    ["suffix", { suffix: "bc" }, ["bc", "abc", ["x", "abc"]], ["c", "bcd", 12, null]],
    ["equals-ignore-case", { "equals-ignore-case": "aB" }, ["ab", "AB", ["x", "Ab"]], ["a", "abc", null]],
    ["a wildcard at the end", { wildcard: "a*" }, ["a", "abc", "a\nb"], ["ba", 1]],
    ["a wildcard in the middle", { wildcard: "a*c" }, ["ac", "abc", "abcc"], ["abcd", "xac"]],
    [
      "a wildcard of which all else is literal",
      { wildcard: "a.(b)[c]+?{1}|^$\\*" },
      ["a.(b)[c]+?{1}|^$\\z"],
      ["axb"],
    ],
    ["anything-but a value", { "anything-but": "x" }, ["y", "xx", null, 1, []], ["x", ["y", "x"]]],
    ["anything-but values", { "anything-but": ["x", "y"] }, ["z"], ["x", "y"]],
    ["anything-but numbers", { "anything-but": [1, 2] }, ["1", 3], [1, 2]],
    ["anything-but a prefix", { "anything-but": { prefix: "a" } }, ["b", 1], ["a", "ab", ["b", "a"]]],
    ["anything-but prefixes", { "anything-but": { prefix: ["a", "b"] } }, ["c"], ["ax", "bx"]],
    ["anything-but a suffix", { "anything-but": { suffix: "a" } }, ["ab"], ["ba"]],
    ["anything-but a wildcard", { "anything-but": { wildcard: "a*c" } }, ["ab"], ["abc"]],
    ["anything-but any case", { "anything-but": { "equals-ignore-case": "a" } }, ["b"], ["A"]],
    ["numeric =", { numeric: ["=", 5] }, [5, [1, 5]], [4, 6, "5", null]],
    ["numeric <", { numeric: ["<", 5] }, [4.9, -1], [5, 6]],
    ["numeric <=", { numeric: ["<=", 5] }, [5, 4], [5.1]],
    ["numeric >", { numeric: [">", 5] }, [5.1], [5, 4]],
    ["numeric >=", { numeric: [">=", 5] }, [5, 6], [4.9]],
    ["a range", { numeric: [">", 0, "<=", 5] }, [0.1, 5, [9, 3]], [0, 5.1, "3", [-1, 6]]],
    ["a range without its ends", { numeric: [">=", 0, "<", 5] }, [0, 4.9], [-0.1, 5]],
  ])("%s", (_, condition, matching, others) => {
    expect(matching.filter((value) => !holds([condition], value))).toEqual([]);
    expect(others.filter((value) => holds([condition], value))).toEqual([]);
  });

  it("is not met by a field that is not there, but for `exists: false`", () => {
    const conditions = [
      "x",
      null,
      { exists: true },
      { prefix: "" },
      { "anything-but": "x" },
      { wildcard: "*" },
    ];
    expect(conditions.filter((condition) => holds([condition]))).toEqual([]);
    expect(holds([{ exists: false }])).toBe(true);
    expect(holds([{ exists: false }], "x")).toBe(false);
  });

  it("is one of several of which one has to be met", () => {
    const conditions = ["x", { numeric: ["=", 5] }, { exists: false }];
    expect([holds(conditions, "x"), holds(conditions, 5), holds(conditions)]).toEqual([true, true, true]);
    expect(holds(conditions, "y")).toBe(false);
  });
});

describe("a pattern", () => {
  const matches = (pattern: unknown, event: unknown) => compilePattern(pattern)(event);

  it("asks for every field that it names", () => {
    const pattern = { a: ["x"], b: { c: ["y"] } };
    expect(matches(pattern, { a: "x", b: { c: "y" }, d: 1 })).toBe(true);
    expect(matches(pattern, { a: "x", b: { c: "z" } })).toBe(false);
    expect(matches(pattern, { b: { c: "y" } })).toBe(false);
  });

  it("looks for an object in a list", () => {
    expect(matches({ b: { c: ["y"] } }, { b: [{ c: "x" }, { c: "y" }] })).toBe(true);
    expect(matches({ b: { c: ["y"] } }, { b: [{ c: "x" }] })).toBe(false);
  });

  it("finds nothing in what is no object, and nothing that the event itself does not have", () => {
    for (const event of ["x", null, undefined, 7, ["x"]]) {
      expect([
        matches({ length: [{ exists: true }] }, event),
        matches({ a: [{ exists: false }] }, event),
      ]).toEqual([false, true]);
    }
    expect(matches({ constructor: [{ exists: true }] }, {})).toBe(false);
    expect(matches({ a: { toString: [{ exists: false }] } }, { a: {} })).toBe(true);
  });

  it("has alternatives beside its other fields", () => {
    const pattern = { a: ["x"], $or: [{ b: ["y"] }, { c: { d: [1] } }] };
    expect(matches(pattern, { a: "x", b: "y" })).toBe(true);
    expect(matches(pattern, { a: "x", c: { d: 1 } })).toBe(true);
    expect(matches(pattern, { a: "x" })).toBe(false);
    expect(matches(pattern, { b: "y" })).toBe(false);
  });
});

describe("a pattern that AWS would not take is refused with its place", () => {
  it.each<[unknown, string]>([
    [{}, "the pattern: expected an object that is not empty; found {}"],
    [[], "the pattern: expected an object that is not empty; found []"],
    [null, "the pattern: expected an object that is not empty; found null"],
    [{ a: "x" }, 'a: expected an object that is not empty; found "x"'],
    [{ a: { b: {} } }, "a.b: expected an object that is not empty; found {}"],
    [{ a: { b: [] } }, "a.b: expected a list that is not empty; found []"],
    [{ a: [[]] }, "a: expected a value or an operator, no list in a list; found []"],
    [{ a: { $or: { b: ["x"] } } }, 'a.$or: expected a list of two patterns or more; found {"b":["x"]}'],
    [{ $or: [] }, "$or: expected a list of two patterns or more; found []"],
    [{ $or: [{ a: ["x"] }] }, '$or: expected a list of two patterns or more; found [{"a":["x"]}]'],
    [{ $or: [{ a: ["x"] }, {}] }, "$or: expected an object that is not empty; found {}"],
    [{ $or: [{ a: ["x"] }, { b: "y" }] }, '$or.b: expected an object that is not empty; found "y"'],
    [
      { a: [{ cidr: "10.0.0.0/8" }] },
      'a: expected one of exists, prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric in each {}; found {"cidr":"10.0.0.0/8"}',
    ],
    [{ a: [{}] }, "a: expected one of exists"],
    [{ a: [{ prefix: "x", suffix: "y" }] }, "a: expected one of exists"],
    [{ a: [{ toString: "x" }] }, "a: expected one of exists"],
  ])("%j", (pattern, message) => {
    expect(() => compilePattern(pattern)).toThrow(BadPattern);
    expect(() => compilePattern(pattern)).toThrow(message);
  });

  it.each<[string, unknown]>([
    ["exists", "true"],
    ["prefix", 1],
    ["suffix", null],
    ["equals-ignore-case", ["a"]],
    ["wildcard", undefined],
    ["anything-but", []],
    ["anything-but", null],
    ["anything-but", true],
    ["anything-but", ["a", 1]],
    ["anything-but", [{ prefix: "a" }]],
    ["anything-but", {}],
    ["anything-but", { prefix: "a", suffix: "b" }],
    ["anything-but", { prefix: [] }],
    ["anything-but", { prefix: ["a", 1] }],
    ["anything-but", { numeric: ["=", 1] }],
    ["numeric", 5],
    ["numeric", []],
    ["numeric", [">"]],
    ["numeric", [">", "5"]],
    ["numeric", ["toString", 5]],
    ["numeric", ["!=", 5]],
    ["numeric", [5, ">"]],
    ["numeric", [">", 0, "<"]],
    ["numeric", [">", 0, "<", "5"]],
    ["numeric", ["<", 5, ">", 0]],
    ["numeric", [">", 0, ">", 1]],
    ["numeric", ["=", 0, "<", 1]],
    ["numeric", [">", 5, "<", 5]],
    ["numeric", [">", 0, "<", 5, "<", 4]],
  ])("%s %j", (operator, operand) => {
    expect(() => compilePattern({ a: [{ [operator]: operand }] })).toThrow(
      `a: the operator ${operator} does not take this; found ${JSON.stringify({ [operator]: operand })}`,
    );
  });
});

describe("the operators of a pattern", () => {
  it.each<[unknown, readonly string[]]>([
    [{ a: ["x", 1, null] }, []],
    [{ a: [{ prefix: "x" }, "y", { exists: false }] }, ["prefix", "exists"]],
    [{ a: { b: { c: [{ numeric: ["=", 1] }] } } }, ["numeric"]],
    [{ a: [{ "anything-but": ["x"] }] }, ["anything-but"]],
    [{ a: [{ "anything-but": { prefix: "x" } }] }, ["anything-but prefix"]],
    [{ $or: [{ a: [{ suffix: "x" }] }, { b: ["y"] }] }, ["$or", "suffix"]],
    [{ a: "no pattern" }, []],
  ])("%j", (pattern, operators) => {
    expect(operatorsIn(pattern)).toEqual(operators);
  });
});
