import { describe, expect, test } from "vitest";
import type { Verdict } from "../../../../functions/check-sites/evaluate/verdict.ts";
import {
  availability,
  DAY_MS,
  daysOf,
  emptyHistory,
  type History,
  remember,
  SLOT_MS,
  slotsOf,
} from "../../../../functions/check-sites/state/uptime.ts";

const MIDNIGHT = Date.parse("2026-03-01T00:00:00Z");
const sample = (at: number, verdict: Verdict = "UP", duration?: number, inMaintenance = false) => ({
  at,
  verdict,
  inMaintenance,
  ...(duration !== undefined && { duration }),
});
const afterSamples = (...samples: ReturnType<typeof sample>[]): History =>
  samples.reduce(remember, emptyHistory(samples[0]?.at ?? MIDNIGHT));

describe("the last day", () => {
  test("has a slot for five minutes, with its beginning", () => {
    const history = afterSamples(sample(MIDNIGHT), sample(MIDNIGHT + 4 * 60_000), sample(MIDNIGHT + SLOT_MS));
    expect(slotsOf(history).map(({ at, mark }) => [at, mark])).toEqual([
      [MIDNIGHT, "U"],
      [MIDNIGHT + SLOT_MS, "U"],
    ]);
  });
  test("shows the worst of a slot", () => {
    const history = afterSamples(
      sample(MIDNIGHT),
      sample(MIDNIGHT + 1, "DOWN"),
      sample(MIDNIGHT + 2, "DEGRADED"),
    );
    expect(slotsOf(history).map(({ mark }) => mark)).toEqual(["D"]);
  });
  test("shows the longest duration of a slot, to 1 %", () => {
    const [slot] = slotsOf(
      afterSamples(
        sample(MIDNIGHT, "UP", 120),
        sample(MIDNIGHT + 1, "UP", 804),
        sample(MIDNIGHT + 2, "UP", 300),
      ),
    );
    expect(slot?.duration).toBeGreaterThan(804 * 0.99);
    expect(slot?.duration).toBeLessThan(804 * 1.01);
  });
  test("leaves slots without a check empty", () => {
    const history = afterSamples(sample(MIDNIGHT), sample(MIDNIGHT + 3 * SLOT_MS));
    expect(slotsOf(history).map(({ mark }) => mark)).toEqual(["U", "-", "-", "U"]);
  });
  test("has no more than 288 slots, the newest", () => {
    const history = afterSamples(sample(MIDNIGHT), sample(MIDNIGHT + 1000 * SLOT_MS, "DOWN"));
    expect(slotsOf(history)).toHaveLength(288);
    expect(slotsOf(history).at(-1)).toMatchObject({ at: MIDNIGHT + 1000 * SLOT_MS, mark: "D" });
  });
  test("marks a failure in a maintenance window as such", () => {
    expect(slotsOf(afterSamples(sample(MIDNIGHT, "DOWN", undefined, true))).map(({ mark }) => mark)).toEqual([
      "m",
    ]);
  });
});

describe("the days", () => {
  test("count the checks by verdict", () => {
    const history = afterSamples(
      sample(MIDNIGHT),
      sample(MIDNIGHT + 1),
      sample(MIDNIGHT + 2, "DEGRADED"),
      sample(MIDNIGHT + 3, "DOWN"),
      sample(MIDNIGHT + 4, "UNKNOWN"),
    );
    expect(daysOf(history)).toEqual([{ at: MIDNIGHT, good: 2, degraded: 1, down: 1, unknown: 1 }]);
  });
  test("do not count what failed in a maintenance window", () => {
    expect(
      availability(daysOf(afterSamples(sample(MIDNIGHT), sample(MIDNIGHT + 1, "DOWN", undefined, true)))),
    ).toBe(1);
  });
  test("are no more than 90, the newest", () => {
    const history = afterSamples(sample(MIDNIGHT), sample(MIDNIGHT + 200 * DAY_MS));
    expect(daysOf(history)).toHaveLength(90);
    expect(daysOf(history).at(-1)).toMatchObject({ at: MIDNIGHT + 200 * DAY_MS, good: 1 });
  });
});

describe("availability", () => {
  test("is the share of checks in which the site answered, UNKNOWN ones left out", () => {
    const history = afterSamples(
      sample(MIDNIGHT),
      sample(MIDNIGHT + 1, "DEGRADED"),
      sample(MIDNIGHT + 2, "UNKNOWN"),
      sample(MIDNIGHT + 3, "DOWN"),
    );
    expect(availability(daysOf(history))).toBeCloseTo(2 / 3);
  });
  test("is not known without any check", () => {
    expect(availability([])).toBeUndefined();
  });
});

test("a check that is older than the newest slot changes nothing", () => {
  const history = afterSamples(sample(MIDNIGHT + SLOT_MS));
  expect(remember(history, sample(MIDNIGHT, "DOWN"))).toEqual(history);
});
