import { describe, expect, test } from "vitest";
import { fieldsOf } from "../../../sandbox/logs/event.ts";
import { parsePattern } from "../../../sandbox/logs/filter-pattern.ts";
import { parseQuery } from "../../../sandbox/logs/insights.ts";

const row = (line: object, second = 0) =>
  fieldsOf({
    group: "/aws/lambda/f",
    stream: "s",
    id: `${second}`,
    timestamp: second * 1000,
    message: JSON.stringify(line),
  });

const ROWS = [
  row({ n: 1, name: "a", deep: { list: [{ x: "one" }] } }, 1),
  row({ n: 10, name: "b" }, 2),
  row({ n: 9, name: "b", text: "a | b" }, 3),
];

const run = (query: string) => parseQuery(query).run(ROWS).map(Object.fromEntries);
const names = (condition: string) =>
  run(`fields n | filter ${condition} | sort n asc`).map(({ n }) => Number(n));

describe("a query of Logs Insights", () => {
  test.each([
    ['name = "b"', [9, 10]],
    ["n > 9", [10]],
    ["n >= 9 and not n = 10", [9]],
    ['name != "b" or n = 9', [1, 9]],
    ["n = 1 or n = 9 and n = 10", [1]],
    ["(n = 1 or n = 9) and n < 5", [1]],
    ["ispresent(deep.list.0.x)", [1]],
    ["not ispresent(text)", [1, 10]],
    ['name in ["a", "c"]', [1]],
    ["text like /a \\| b/", [9]],
    ['text like "|"', [9]],
    ['name not like "b"', [1]],
    ['nothing = ""', []],
  ])("filters by %s", (condition, found) => {
    expect(names(condition)).toEqual(found);
  });

  test("shows its fields, sorts numbers as numbers, the largest first unless the query says otherwise, and stops at its limit", () => {
    expect(run("fields n, text | sort n | limit 2")).toEqual([{ n: "10" }, { n: "9", text: "a | b" }]);
    expect(run("filter n = 1")).toEqual([
      { "@timestamp": "1970-01-01 00:00:01.000", "@message": expect.stringContaining('"n":1') },
    ]);
  });

  test("counts by group", () => {
    expect(run("stats count(*) as lines, max(n), latest(n), sum(n) by name | sort name asc")).toEqual([
      { name: "a", lines: "1", "max(n)": "1", "latest(n)": "1", "sum(n)": "1" },
      { name: "b", lines: "2", "max(n)": "10", "latest(n)": "9", "sum(n)": "19" },
    ]);
    expect(run("dedup name | stats count(*)")).toEqual([{ "count(*)": "2" }]);
  });

  test.each([
    ["parse @message /x/", "no command parse"],
    ["stats pct(n, 99)", "expected ), found ,"],
    ["stats stddev(n)", "no function stddev"],
    ["filter n", "expected an operator, found the end"],
    ["filter n = name", "expected a text in quotes or a number"],
    ["filter n ~ 5", 'nothing is understood from "~ 5" on'],
    ["fields n | limit many", "limit takes a whole number"],
    ["fields n extra", "expected the end, found extra"],
    ["  ", "the query is empty"],
  ])("is refused where it is not understood: %s", (query, why) => {
    expect(() => parseQuery(query)).toThrow(why);
  });
});

describe("a filter pattern", () => {
  const line = JSON.stringify({ level: "WARN", deep: { code: 5, gone: null } });

  test.each([
    ['{ ($.level = "ERROR") || ($.level = "WARN") }', true],
    ['{ $.level = "ERROR" }', false],
    ['{ $.level != "ERROR" && $.deep.code >= 5 }', true],
    ["{ $.deep.code > 5 }", false],
    ['{ $.level = "W*" }', true],
    ['{ $.level != "W*" }', false],
    ["{ $.deep.none NOT EXISTS }", true],
    ["{ $.deep.gone IS NULL }", true],
    ["WARN", true],
    ["WARN -code", false],
    ['"code\\":5"', true],
    ["", true],
  ])("%s", (pattern, matches) => {
    expect(parsePattern(pattern)(line)).toBe(matches);
  });

  test("for JSON matches no line that is none", () => {
    expect(parsePattern('{ $.level != "x" }')("START RequestId")).toBe(false);
  });

  test.each([["?WARN"], ["{ level = 5 }"], ["{ $.level ~ 5 }"], ["[a, b]"], ["{ $.level IS odd }"]])(
    "is refused where it is not understood: %s",
    (pattern) => {
      expect(() => parsePattern(pattern)).toThrow(/expected|understood/);
    },
  );
});
