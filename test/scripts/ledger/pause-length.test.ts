import { expect, test } from "vitest";
import { pauseLength } from "../../../scripts/ledger/pause/pause-length.ts";

test.each([
  ["30m", 30 * 60_000],
  ["7d", 7 * 24 * 3_600_000],
  ["0s", "--for: found 0s, expected more than nothing and at most 7d"],
  ["8d", "--for: found 8d, expected more than nothing and at most 7d"],
  ["soon", '--for: found "soon", expected a duration such as "90s", "10m" or "1h30m"'],
])("--for %s", (text, length) => {
  expect(pauseLength(text)).toBe(length);
});
