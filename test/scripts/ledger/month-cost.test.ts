import { join } from "node:path";
import { expect, test } from "vitest";
import { monthCost, shareOfMonth } from "../../../scripts/ledger/status/month-cost.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

test.each([
  ["its first moment", "2026-11-01T00:00:00Z", 0],
  ["the middle of 30 days", "2026-11-16T00:00:00Z", 0.5],
  ["the middle of 31 days, beyond the end of the year", "2026-12-16T12:00:00Z", 0.5],
  ["the middle of a February of 28 days", "2026-02-15T00:00:00Z", 0.5],
])("the share of the month that is over: %s", (_, at, share) => {
  expect(shareOfMonth(Date.parse(at))).toBe(share);
});

test("this month's cost is the bill of the config, for as much of the month as is over", async () => {
  const now = Date.parse("2026-11-16T00:00:00Z");
  const cost = await monthCost(ROOT, { stage: "dev", config: "config/dev.yml", now });
  expect(cost).toMatchObject({ config: "config/dev.yml" });
  expect(cost?.usdAMonth).toBeGreaterThan(1);
  expect(cost?.usdSoFar).toBeCloseTo((cost?.usdAMonth ?? 0) / 2, 10);
});

test("where there is no config for the stage nothing is said", async () => {
  const stage = { stage: "none", config: "config/none.yml", now: 0 };
  expect(await monthCost(ROOT, stage)).toBeUndefined();
});
