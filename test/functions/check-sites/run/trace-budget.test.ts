import { expect, test } from "vitest";
import { TraceBudget } from "../../../../functions/check-sites/run/trace-budget.ts";

const count = (take: () => boolean, times = 1000) =>
  Array.from({ length: times }, take).filter(Boolean).length;

test("of a thousand probes and writes a trace has a part, of failing sites some in any case", () => {
  const budget = new TraceBudget();
  expect(count(() => budget.takeProbe("well"))).toBe(250);
  expect(count(() => budget.takeProbe("failed"))).toBe(50);
  expect(count(() => budget.takeCall())).toBe(250);
});
test("what all of it may hold is less than X-Ray's 500 KB, however much each probe has found", () => {
  const budget = new TraceBudget();
  const metadata = { hops: Array.from({ length: 6 }, () => ({ url: "x".repeat(200) })) };
  const bytes = JSON.stringify(metadata).length;
  expect(count(() => budget.takeMetadata(metadata)) * bytes).toBeLessThanOrEqual(120_000);
});
