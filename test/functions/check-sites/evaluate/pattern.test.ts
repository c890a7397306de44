import { expect, test } from "vitest";
import { loadPatternEngine, readPattern } from "../../../../functions/check-sites/evaluate/pattern.ts";

// This file imports no engine: it stands for the function, which loads it when a condition needs it.
test("a pattern that was read before the engine is loaded works once it is", async () => {
  const pattern = readPattern("/^OK|fine$/i");
  expect(() => pattern.test("ok")).toThrow("not loaded");
  await loadPatternEngine();
  expect([pattern.test("ok"), pattern.test("no")]).toEqual([true, false]);
});
