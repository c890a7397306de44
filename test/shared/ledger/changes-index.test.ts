import { describe, expect, it } from "vitest";
import { daysBetween } from "../../../shared/ledger/changes-index.ts";

const at = (text: string) => Date.parse(text);

describe("the days of an audit", () => {
  it.each([
    [
      "the last moment of a day to the first of the next",
      "2026-11-27T23:59:59.999Z",
      "2026-11-28T00:00:00Z",
      2,
    ],
    ["one day", "2026-11-28T00:00:00Z", "2026-11-28T23:59:59.999Z", 1],
    ["one moment", "2026-11-28T12:00:00Z", "2026-11-28T12:00:00Z", 1],
    ["over a leap day", "2028-02-28T12:00:00Z", "2028-03-01T11:00:00Z", 3],
    ["a span that ends before it begins", "2026-11-28T00:00:00Z", "2026-11-27T00:00:00Z", 0],
  ])("%s: each once, in order", (_, from, to, days) => {
    const found = daysBetween(at(from), at(to));
    expect(found).toHaveLength(days);
    expect(found).toEqual([...new Set(found)].toSorted());
    expect([found[0], found.at(-1)]).toEqual(
      days === 0 ? [undefined, undefined] : [from.slice(0, 10), to.slice(0, 10)],
    );
  });
});
