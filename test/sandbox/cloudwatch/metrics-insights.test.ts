import { describe, expect, it } from "vitest";
import { createMetricStore } from "../../../sandbox/cloudwatch/metrics/store.ts";
import { parseInsightsQuery, runInsightsQuery } from "../../../sandbox/cloudwatch/metrics-insights.ts";

const MINUTE = 60_000;
const grid = { from: 0, to: 3 * MINUTE };

function found(query: string): Record<string, number[]> {
  const store = createMetricStore();
  const put = (dimensions: Record<string, string>, value: number, minute: number, name = "Stale") =>
    store.put("Reflex", name, dimensions, { value }, "Count", minute * MINUTE);
  put({ service: "a", Resource: "x" }, 5, 0);
  put({ service: "b", Resource: "x" }, 9, 0);
  put({ service: "b", Resource: "y" }, 2, 1);
  put({ service: "b" }, 100, 1);
  put({ service: "b", Resource: "y" }, 7, 1, "Other");
  const { items } = runInsightsQuery(query, 60, store, grid);
  return Object.fromEntries(
    items.flatMap((item) =>
      item.kind === "series" ? [[item.label, [...item.points.values()]] as const] : [],
    ),
  );
}

describe("a Metrics Insights query", () => {
  it.each([
    ['SELECT MAX(Stale) FROM SCHEMA("Reflex", Resource, service) GROUP BY Resource', { x: [9], y: [2] }],
    ["SELECT SUM(Stale) FROM SCHEMA(Reflex, service, Resource)", { Stale: [14, 2] }],
    [
      `SELECT COUNT("Stale") FROM SCHEMA("Reflex", Resource, service) WHERE service = 'b' GROUP BY service, Resource`,
      { "b x": [1], "b y": [1] },
    ],
    ['SELECT MIN(Stale) FROM "Reflex"', { Stale: [5, 2] }],
    [`SELECT AVG(Stale) FROM SCHEMA("Reflex", service) WHERE service = 'a' AND Resource = 'x'`, {}],
  ])("%s", (query, expected) => {
    expect(found(query)).toEqual(expected);
  });

  it.each([
    "SELECT MAX(Stale) FROM SCHEMA(Reflex, service) ORDER BY MAX() DESC",
    "SELECT MAX(Stale) FROM SCHEMA(Reflex, service) LIMIT 5",
    `SELECT MAX(Stale) FROM SCHEMA(Reflex, service) WHERE service = 'a' OR service = 'b'`,
    "SELECT Stale FROM Reflex",
  ])("%s is refused, not misunderstood", (query) => {
    expect(() => parseInsightsQuery(query)).toThrow(/The Metrics Insights query/);
  });
});
