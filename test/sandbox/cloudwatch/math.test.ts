import { describe, expect, test } from "vitest";
import { evaluate, referencesOf } from "../../../sandbox/cloudwatch/math/evaluate.ts";
import type { Series, Value } from "../../../sandbox/cloudwatch/math/value.ts";

const MINUTE = 60_000;

function series(...values: (number | undefined)[]): Series {
  const points = new Map<number, number>();
  for (const [i, value] of values.entries()) if (value !== undefined) points.set(i * MINUTE, value);
  return { kind: "series", label: "", periodMs: MINUTE, points };
}

/** Evaluates over four minutes. */
function compute(expression: string, metrics: Record<string, Value>): Value {
  return evaluate(expression, {
    grid: { from: 0, to: 4 * MINUTE },
    valueOf: (id) => metrics[id] ?? { kind: "list", items: [] },
    metricIds: () => Object.keys(metrics),
    search: () => ({ kind: "list", items: [] }),
  });
}

/** The values of a series by minute, or the number. */
function result(expression: string, metrics: Record<string, Value> = {}): unknown {
  const value = compute(expression, metrics);
  if (value.kind === "scalar") return value.value;
  if (value.kind !== "series") return value;
  return [0, 1, 2, 3].map((minute) => value.points.get(minute * MINUTE));
}

const m1 = series(1, undefined, 3, 4);
const m2 = series(10, 20, 30, undefined);

describe("arithmetic", () => {
  test.each([
    ["1 + 2 * 3", 7],
    ["(1 + 2) * 3", 9],
    ["8 / 4 / 2", 1],
    ["2 - 3 - 4", -5],
    ["-2 + 5", 3],
    ["2 ^ 3 * 2", 16],
    ["1.5e3 / .5", 3000],
    ["1 < 2 && 3 >= 4 || 5 == 5", 1],
    ["1 > 2 OR 2 != 2", 0],
  ])("%s", (expression, expected) => {
    expect(result(expression)).toBe(expected);
  });

  test("between series has a value only where both have one", () => {
    expect(result("m1 + m2", { m1, m2 })).toEqual([11, undefined, 33, undefined]);
  });

  test("between a number and a series keeps its order", () => {
    expect(result("100 - m1", { m1 })).toEqual([99, undefined, 97, 96]);
  });

  test("drops what is divided by 0", () => {
    expect(result("m1 / zero", { m1, zero: series(0, 1, 1, 0) })).toEqual([
      undefined,
      undefined,
      3,
      undefined,
    ]);
  });
});

describe("functions", () => {
  test.each([
    ["FILL(m1, 0)", [1, 0, 3, 4]],
    ["FILL(m2, REPEAT)", [10, 20, 30, 30]],
    ["FILL(m1, LINEAR)", [1, 2, 3, 4]],
    ["MAX([m1, m2])", [10, 20, 30, 4]],
    ["MIN([m1, m2])", [1, 20, 3, 4]],
    ["SUM([m1, m2])", [11, 20, 33, 4]],
    ["AVG([m1, m2])", [5.5, 20, 16.5, 4]],
    ["SUM(METRICS())", [11, 20, 33, 4]],
    ['SUM(METRICS("m2"))', [10, 20, 30, undefined]],
    ["IF(m1 > 2, m1, 0)", [0, undefined, 3, 4]],
    ["IF(m1 > 2, m1)", [undefined, undefined, 3, 4]],
    ["IF(1 > 2, m1, m2)", [10, 20, 30, undefined]],
    ["DIFF(m2)", [undefined, 10, 10, undefined]],
    ["RATE(m2) * 60", [undefined, 10, 10, undefined]],
    ["RUNNING_SUM(m2)", [10, 30, 60, undefined]],
    ["ABS(0 - m2)", [10, 20, 30, undefined]],
    ["m2 / PERIOD(m2)", [10 / 60, 20 / 60, 0.5, undefined]],
    ["MAX([m1 / 2, m2 / 40, 0.4])", [0.5, 0.5, 1.5, 2]],
    ["TIME_SERIES(5)", [5, 5, 5, 5]],
  ])("%s", (expression, expected) => {
    expect(result(expression, { m1, m2 })).toEqual(expected);
  });

  test.each([
    ["SUM(m1)", 8],
    ["MAX(m2)", 30],
    ["METRIC_COUNT(METRICS())", 2],
  ])("%s is one number", (expression, expected) => {
    expect(result(expression, { m1, m2 })).toBe(expected);
  });

  test("FILL fills a metric without any datapoint, but REPEAT has nothing to repeat", () => {
    expect(result("FILL(m, 7)", { m: series() })).toEqual([7, 7, 7, 7]);
    expect(result("FILL(m, REPEAT)", { m: series() })).toEqual([undefined, undefined, undefined, undefined]);
  });

  test("keep a list a list", () => {
    expect(compute("FILL(METRICS(), 0)", { m1, m2 })).toMatchObject({ kind: "list", items: [{}, {}] });
  });
});

describe("an error names the expression and the place", () => {
  test.each([
    ["m1 +", 'The expression "m1 +": at 5: found its end, expected a number, an id, a function, [ or (.'],
    ["m1 m2", 'at 4: found "m2", expected an operator or the end'],
    ["(m1", 'expected ")"'],
    ["m1 % 2", 'at 3: cannot read " % 2"'],
    ["ANOMALY_DETECTION_BAND(m1)", "has no function ANOMALY_DETECTION_BAND; it has ABS, AVG"],
    ['FILL(m1, "SOMETIMES")', "fills with a number, REPEAT or LINEAR"],
    ["MAX(m1, m2)", "MAX takes one argument"],
    ["SELECT AVG(x) FROM y", "Metrics Insights queries are not simulated"],
  ])("%s", (expression, message) => {
    expect(() => compute(expression, { m1, m2 })).toThrow(message);
  });
});

test("an expression's references are its ids, not its functions and words", () => {
  expect([...referencesOf("FILL(a, REPEAT) + MAX([b, c / 2]) - (-a)").ids]).toEqual(["a", "b", "c"]);
});
