import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { entryFor, isPattern } from "../../../shared/config/patterns.ts";

describe("the entry for a name", () => {
  it("is its own before that of a pattern, wherever it stands", () => {
    expect(entryFor({ "orders-*": "pattern", "orders-eu": "own" }, "orders-eu")).toBe("own");
  });

  it("is that of the first pattern in the file that matches", () => {
    expect(entryFor({ "*-eu": 1, "orders-*": 2 }, "orders-eu")).toBe(1);
  });

  it("is none when nothing matches", () => {
    expect(entryFor({ "orders-*": 1, clicks: 2 }, "payments")).toBeUndefined();
  });

  it.each(["constructor", "__proto__", "toString"])("is none for %s, which every object has", (name) => {
    expect(entryFor({}, name)).toBeUndefined();
  });

  it("is that of the pattern a naive regular expression would find", () => {
    const letters = fc.string({ unit: fc.constantFrom("a", "b", ".", "-"), maxLength: 6 });
    const pattern = fc.string({ unit: fc.constantFrom("a", "b", ".", "-", "*"), maxLength: 6 });
    fc.assert(
      fc.property(fc.uniqueArray(pattern, { maxLength: 4 }), letters, (keys, name) => {
        const entries = Object.fromEntries(keys.map((key) => [key, key]));
        const matches = (key: string) =>
          new RegExp(`^${key.replace(/[.-]/g, "\\$&").replaceAll("*", ".*")}$`).test(name);
        expect(entryFor(entries, name)).toBe(
          keys.includes(name) ? name : keys.filter(isPattern).find(matches),
        );
      }),
      { numRuns: 2000 },
    );
  });

  it("is found at once, also where a regular expression would take years", () => {
    const pattern = `${"a*".repeat(40)}b`;
    expect(entryFor({ [pattern]: 1 }, "a".repeat(128))).toBeUndefined();
  });
});
