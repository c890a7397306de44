import { expect, test } from "vitest";
import { isQuiet } from "../../../sandbox/event-source-mapping/quiet-stream.ts";

const NOW = 1_000_000;

test.each([
  ["written a second ago", { changedAt: NOW - 1000, readAt: NOW - 1000 }, false],
  ["resharded a minute ago", { changedAt: NOW - 60_000, readAt: NOW - 1000 }, false],
  ["settled, and read lately", { changedAt: NOW - 60_001, readAt: NOW - 29_999 }, true],
  ["settled, and not read for half a minute", { changedAt: NOW - 60_001, readAt: NOW - 30_000 }, false],
  ["never read", { changedAt: NOW - 600_000, readAt: Number.NEGATIVE_INFINITY }, false],
])("a stream that was %s is read again: %s", (_, times, quiet) => {
  expect(isQuiet({ now: NOW, ...times })).toBe(quiet);
});
