import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import {
  forecastOf,
  peakOfDays,
  profileAfter,
} from "../../../../functions/reshard-streams/decide/measure/demand-profile.ts";
import { type DemandProfile, SLOT_MS } from "../../../../functions/reshard-streams/model/demand-profile.ts";
import { HOUR, history, MINUTE, NOW, policy, stream } from "../stream.ts";

const DAY_SLOTS = 96;

/** So many days up to now, each slot by its hour of the day and its day, 0 is the last. */
function profile(days: number, peakAt: (hour: number, daysAgo: number) => number | null): DemandProfile {
  const end = Math.floor(NOW / SLOT_MS);
  const firstSlot = end - days * DAY_SLOTS;
  return {
    firstSlot,
    peaks: Array.from({ length: days * DAY_SLOTS }, (_, index) => {
      const at = (firstSlot + index) * SLOT_MS;
      return peakAt(new Date(at).getUTCHours(), Math.floor((NOW - 1 - at) / (24 * HOUR)));
    }),
  };
}

/** A batch at noon, which is now. */
const atNoon = (hour: number) => (hour === 12 ? 9 : 1);
const SOON = NOW - 5 * MINUTE;

describe("the profile", () => {
  const demands = (shards: number) =>
    Array.from({ length: 60 }, (_, index) => ({
      at: NOW - (60 - index) * MINUTE,
      shards: shards + index / 100,
      ...{ unit: "bytes" as const, accepted: shards },
    }));

  test("begins with the whole quarters of an hour of the look-back, and goes on with those that ended since", () => {
    const seen = stream(4, 2);
    const begun = profileAfter(seen, demands(2), 60, NOW);
    // The quarter that ended at noon may still get metrics.
    expect(begun?.peaks).toEqual([2.14, 2.29, 2.44]);
    expect(begun && profileAfter({ ...seen, profile: begun }, demands(2), 60, NOW + MINUTE)).toBeUndefined();
    const later = begun && profileAfter({ ...seen, profile: begun }, demands(2), 60, NOW + 4 * MINUTE);
    expect(later).toMatchObject({ firstSlot: begun?.firstSlot, peaks: [2.14, 2.29, 2.44, 2.59] });
  });

  test("has gaps where nothing was observed, and where no datapoint proves nothing", () => {
    const begun = profileAfter(stream(4, 2), demands(2), 60, NOW - 2 * HOUR - 30 * MINUTE);
    const later = begun && profileAfter({ ...stream(4, 2), profile: begun }, demands(2), 60, NOW);
    expect(later?.peaks.filter((peak) => peak === null).length).toBeGreaterThan(0);
    expect(profileAfter(stream(4, 0, { minutes: [] }), [], 60, NOW)?.peaks).toEqual([null, null, null]);
    expect(profileAfter(stream(4, 0, { minutes: [], heartbeat: true }), [], 60, NOW)?.peaks).toEqual([
      0, 0, 0,
    ]);
  });

  test("keeps eight days", () => {
    const full = profile(9, () => 1);
    const after = profileAfter({ ...stream(4, 2), profile: full }, demands(2), 60, NOW + 20 * MINUTE);
    expect(after?.peaks).toHaveLength(8 * DAY_SLOTS);
    expect(after?.peaks.at(-1)).not.toBe(1);
  });

  test("knows a peak once it has a day", () => {
    expect(peakOfDays(profile(0.5, atNoon))).toBeUndefined();
    expect(peakOfDays(profile(1, atNoon))).toBe(9);
  });
});

describe("the forecast", () => {
  test("is what was measured a day ago, within the time that a change takes", () => {
    expect(forecastOf(profile(2, atNoon), "daily", SOON, 10 * MINUTE)).toMatchObject({
      soon: 9,
      isTrusted: true,
    });
    expect(forecastOf(profile(2, atNoon), "daily", SOON - HOUR, 10 * MINUTE)).toMatchObject({ soon: 1 });
  });

  test("a week's is of a week ago", () => {
    const weekly = profile(8, (hour, daysAgo) => (daysAgo === 7 ? atNoon(hour) : 1));
    expect(forecastOf(weekly, "weekly", SOON - 24 * HOUR, 10 * MINUTE).soon).toBe(9);
    expect(forecastOf(weekly, "daily", SOON - 24 * HOUR, 10 * MINUTE).soon).toBe(1);
  });

  test("is not trusted once the rises that it predicted did not come", () => {
    const once = profile(4, (hour, daysAgo) => (daysAgo === 2 ? atNoon(hour) : 1));
    expect(forecastOf(once, "daily", SOON, MINUTE)).toMatchObject({
      predicted: 1,
      came: 0,
      isTrusted: false,
    });
    const daily = profile(4, atNoon);
    expect(forecastOf(daily, "daily", SOON, MINUTE)).toMatchObject({ predicted: 3, came: 3, error: 0 });
  });
});

describe("a stream whose batch came every day at noon", () => {
  const before = NOW - 5 * MINUTE;
  const seen = (known: DemandProfile) => stream(2, 1, { now: before, profile: known });
  const decided = (known: DemandProfile, keys: Record<string, unknown> = {}) =>
    decide(seen(known), policy(keys), history(), before);

  test("is scaled out before it, and the reason says how often that was right", () => {
    const decision = decided(profile(4, atNoon));
    expect(decision).toMatchObject({ kind: "UpdateShardCount", direction: "out", from: 2, to: 4 });
    expect(decision.reasons[0]).toContain("a day ago it rose now to 450 % of them (3 of 3 rises");
    expect(decision.evidence).toMatchObject({ forecastDemandShards: 9, forecastError: 0 });
  });

  test("is not, when forecasts are off or were wrong", () => {
    expect(decided(profile(4, atNoon), { forecast: "off" })).toMatchObject({ kind: "hold" });
    const wrong = profile(4, (hour, daysAgo) => (daysAgo % 2 === 0 ? atNoon(hour) : 1));
    expect(decided(wrong)).toMatchObject({ kind: "hold" });
  });

  test("is never smaller than what is measured, whatever is predicted", () => {
    const quiet = profile(4, () => 0.1);
    const busy = decide(stream(2, 3, { profile: quiet }), policy(), history(), NOW);
    expect(busy).toMatchObject({ direction: "out", to: 4, goal: 5 });
  });

  test("is observed in time for it, whatever its scan interval: a change takes eight minutes and more", () => {
    const early = NOW - 40 * MINUTE;
    const quiet = stream(2, 1, { now: early, profile: profile(4, atNoon) });
    const at = (keys: Record<string, unknown> = {}) => decide(quiet, policy(keys), history(), early);
    expect(at()).toMatchObject({ kind: "hold", observeAt: NOW - (8 + 2 / 30) * MINUTE });
    expect(at({ forecast: "off" })).not.toHaveProperty("observeAt");
    const wide = stream(12, 6, { now: early, profile: profile(4, atNoon) });
    expect(decide(wide, policy(), history(), early)).not.toHaveProperty("observeAt");
  });

  test("is not observed earlier for a batch that comes on some days only", () => {
    const early = NOW - 40 * MINUTE;
    const some = profile(4, (hour, daysAgo) => (daysAgo === 3 || daysAgo === 0 ? atNoon(hour) : 1));
    const quiet = stream(2, 1, { now: early, profile: some });
    expect(decide(quiet, policy(), history(), early)).not.toHaveProperty("observeAt");
  });

  test("is not scaled in within the hour before it", () => {
    const idle = stream(16, 1, { now: before - 30 * MINUTE, profile: profile(4, atNoon) });
    const decision = decide(idle, policy(), history(), before - 30 * MINUTE);
    // Nine shards' worth at 60 %, but never more than 80 % of the known peak needs.
    expect(decision).toMatchObject({ kind: "UpdateShardCount", direction: "in", to: 12 });
  });
});

test("no more shards than a fixed count has are opened for a peak that is known from days", () => {
  const known = profile(2, () => 10);
  const decision = decide(stream(10, 10, { profile: known }), policy({ forecast: "off" }), history(), NOW);
  expect(decision).toMatchObject({ direction: "out", to: 13 });
  const beyond = decide(stream(10, 12, { profile: known }), policy({ forecast: "off" }), history(), NOW);
  expect(beyond).toMatchObject({ direction: "out", to: 20 });
});

test("a peak that the shards take anyway does not bound what refused records ask for", () => {
  const known = profile(2, () => 1.1);
  const refusing = stream(1, 1, { throttled: 200_000, profile: known });
  const decision = decide(refusing, policy(), history(), NOW);
  expect(decision.evidence.demandShards).toBeGreaterThan(1.1);
});

describe("time windows", () => {
  const windows = [{ during: "Sat 11:00-13:00 UTC", min: 6, max: 8 }];

  test("have bounds of their own while they are open, and the stream's before and after", () => {
    expect(decide(stream(3, 1), policy({ windows }), history(), NOW)).toMatchObject({
      ...{ verdict: "raise-to-min", to: 6 },
    });
    expect(decide(stream(8, 8), policy({ windows }), history(), NOW)).toMatchObject({ verdict: "at-max" });
    const later = NOW + 2 * HOUR;
    expect(decide(stream(3, 1, { now: later }), policy({ windows }), history(), later).verdict).not.toBe(
      "raise-to-min",
    );
  });

  test.each([
    [[{ during: "Sat 11:00-13:00 UTC" }], /min or max/],
    [[{ during: "noon", min: 2 }], /Mon-Fri/],
    [[{ during: "Sat 11:00-13:00 UTC", min: 101 }], /at most max \(100\)/],
  ])("that hold nothing, are no time or contradict the bounds are refused: %j", (wrong, said) => {
    expect(() => policy({ windows: wrong })).toThrow(said);
  });
});
