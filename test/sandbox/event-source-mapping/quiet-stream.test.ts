import { expect, test } from "vitest";
import { isQuiet } from "../../../sandbox/event-source-mapping/quiet-stream.ts";

const NOW = 1_000_000;
const NEVER = Number.NEGATIVE_INFINITY;
const SETTLED = { writtenAt: NEVER, changedAt: NEVER };

test.each([
  ["written since it was read", { ...SETTLED, writtenAt: NOW - 1000, readAt: NOW - 2000 }, false],
  [
    "written in the millisecond of its read",
    { ...SETTLED, writtenAt: NOW - 1000, readAt: NOW - 1000 },
    false,
  ],
  ["read after it was written", { ...SETTLED, writtenAt: NOW - 1001, readAt: NOW - 1000 }, true],
  ["resharded a minute ago", { ...SETTLED, changedAt: NOW - 60_000, readAt: NOW - 1000 }, false],
  ["settled, and read lately", { ...SETTLED, changedAt: NOW - 60_001, readAt: NOW - 29_999 }, true],
  ["settled, and not read for half a minute", { ...SETTLED, readAt: NOW - 30_000 }, false],
  ["never written nor read", { ...SETTLED, readAt: NEVER }, false],
])("a stream that was %s is not read again yet: %s", (_, times, quiet) => {
  expect(isQuiet({ now: NOW, ...times })).toBe(quiet);
});
