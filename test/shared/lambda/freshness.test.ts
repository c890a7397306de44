import { describe, expect, it, vi } from "vitest";
import { createFreshness, publishStale } from "../../../shared/lambda/freshness.ts";

const MINUTE = 60_000;

function published(minutes: ReadonlyMap<string, number>): unknown[] {
  const record = vi.fn();
  publishStale(minutes, { metrics: { record, count: vi.fn(), note: vi.fn(), flush: vi.fn() } });
  return record.mock.calls;
}

describe("how long a resource was not served", () => {
  it("counts from the first failure, and ends with the first success", () => {
    const freshness = createFreshness();
    for (const minute of [1, 2, 3]) freshness.notServed("site/shop", minute * MINUTE);
    expect([...freshness.minutesStale(11 * MINUTE)]).toEqual([["site/shop", 10]]);
    freshness.served("site/shop");
    expect([...freshness.minutesStale(12 * MINUTE)]).toEqual([]);
  });

  it("is published by resource, the stalest first, and nothing of what is well", () => {
    expect(
      published(
        new Map([
          ["site/a", 0],
          ["site/b", 1],
          ["site/c", 9],
        ]),
      ),
    ).toEqual([
      ["MinutesStale", "Count", 9, { Resource: "site/c" }],
      ["MinutesStale", "Count", 1, { Resource: "site/b" }],
    ]);
  });

  it("is published of a hundred at most: an alarm keeps no more apart", () => {
    const all = new Map(Array.from({ length: 1000 }, (_, at) => [`site/${at}`, at] as const));
    expect(published(all)).toHaveLength(100);
  });
});
