import { expect, test } from "vitest";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import { parseDuration } from "../../../shared/time/duration.ts";

test.each([
  ["90s", 90_000],
  ["10m", 600_000],
  ["1h30m", 5_400_000],
  ["2d", 172_800_000],
  ["0s", 0],
])("%s is %d ms", (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each(["", "10", "m", "10 m", "1.5h", "-1m", "10m!"])('"%s" is no duration', (text) => {
  expect(() => parseDuration(text)).toThrow(Misconfigured);
  expect(() => parseDuration(text)).toThrow(`found "${text}", expected a duration such as "90s"`);
});
