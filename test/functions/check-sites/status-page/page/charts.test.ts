import { expect, test } from "vitest";
import { duration, share } from "../../../../../functions/check-sites/status-page/page/charts.ts";

test.each([
  [1, "100 %"],
  [0.99999, "99.99 %"],
  [0.5, "50.00 %"],
  [0, "0.00 %"],
  [undefined, "no data"],
])("an availability of %s is shown as %s: 100 % only when nothing failed", (availability, text) => {
  expect(share(availability)).toBe(text);
});

test.each([
  [999.4, "999 ms"],
  [1500, "1.5 s"],
])("a duration of %s ms is shown as %s", (ms, text) => {
  expect(duration(ms)).toBe(text);
});
