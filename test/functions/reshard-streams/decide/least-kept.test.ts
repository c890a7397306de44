import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import { largestJump, risesOfADay } from "../../../../functions/reshard-streams/decide/measure/least-kept.ts";
import { history, MINUTE, NOW, policy, stream } from "../stream.ts";

const KEYS = { targetUtilisation: 0.75, scaleOutAt: 0.85, max: 200, prefer: "balanced" };
const profileOf = (peakAt: (slot: number) => number, slots = 96) => ({
  firstSlot: Math.floor(NOW / (15 * MINUTE)) - slots,
  peaks: Array.from({ length: slots }, (_, slot) => peakAt(slot)),
});
/** So many times a day, for half an hour, from 6.4 to 64 shards' worth, which 80 shards take at 80 %. */
const risesADay = (times: number) => {
  const every = 96 / times;
  return profileOf((slot) => (Math.floor(((slot + every / 2) % every) / 2) === 0 ? 64 : 6.4));
};

describe("the fewest shards from which the rises of a day take 8 calls", () => {
  test.each([
    [1, { least: 1, calls: 4 }],
    [2, { least: 1, calls: 8 }],
    [4, { least: 20, calls: 8 }],
    [8, { least: 40, calls: 8 }],
  ])("%i rises a day: %o", (times, found) => {
    // From half of them it would take more calls.
    expect(risesOfADay(risesADay(times), 0.8)).toEqual(found);
  });

  test("are none before a day is known", () => {
    expect(
      risesOfADay(
        profileOf(() => 64, 95),
        0.8,
      ),
    ).toEqual({ least: 1, calls: 0 });
  });

  test("are never more than the peak needs, and a larger peak keeps no fewer", () => {
    const anyDay = fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 96, maxLength: 96 });
    fc.assert(
      fc.property(anyDay, (peaks) => {
        const { least, calls } = risesOfADay({ firstSlot: 0, peaks }, 0.8);
        expect(least).toBeLessThanOrEqual(Math.max(1, Math.ceil(Math.max(...peaks) / 0.8)));
        expect(calls).toBeLessThanOrEqual(8);
      }),
      { numRuns: 50 },
    );
  });
});

describe("the largest jump of the days that are known", () => {
  const jumpIn = (peaks: readonly (number | null)[]) => largestJump({ firstSlot: 0, peaks });

  test.each<[string, (number | null)[], number]>([
    ["is what came at once", [10, 10, 64, 30, 10, 10, 10, 25], 64],
    ["is known on the first day", [1, 5], 5],
    ["is none in a rise that scale-out can follow", [10, 20, 40, 80], 0],
    ["is none where the hour before it had as much", [50, 10, 10, 10, 64], 0],
    ["is one where it had as much earlier", [50, 10, 10, 10, 10, 64], 64],
    ["is none after what is not known", [10, null, null, null, null, 64, null], 0],
    ["is one after an idle hour", [0, 0, 0, 0, 3], 3],
  ])("%s: %j", (_, peaks, jump) => {
    expect(jumpIn(peaks)).toBe(jump);
  });
});

const decided = (open: number, demand: number, profile: object, keys: object = {}) =>
  decide(
    stream(open, demand, { profile: profileOf(() => 0), ...profile }),
    policy({ ...KEYS, ...keys }),
    history(),
    NOW,
  );

describe("a scale-in", () => {
  test("stops where the rises of the day would take more calls than there are", () => {
    const four = { profile: risesADay(4) };
    expect(decided(20, 6.4, four)).toMatchObject({ kind: "hold" });
    expect(decided(21, 6.4, four)).toMatchObject({ direction: "in", goal: 20 });
  });

  test.each([
    [0, 2],
    [0.1, 8],
    [0.25, 20],
    [1, 80],
  ])("leaves keptShareOfPeak %d of what the largest jump needs: %i", (keptShareOfPeak, goal) => {
    const once = { profile: profileOf((slot) => (slot === 40 ? 64 : 1)) };
    const decision = decided(80, 1, once, { keptShareOfPeak, forecast: "off" });
    // By merges, or to half at most in one call: where the plan leads.
    expect("goal" in decision ? decision.goal : 80).toBeGreaterThanOrEqual(goal);
    expect(decision.kind === "hold").toBe(goal === 80);
    expect(decided(goal, 1, once, { keptShareOfPeak, forecast: "off" }).kind).toBe("hold");
  });
});

test("what rises step by step keeps nothing: it can be followed", () => {
  const steps = { profile: profileOf((slot) => Math.max(1, 64 - 2 * Math.abs(slot - 48))) };
  const decision = decided(80, 1, steps, { keptShareOfPeak: 1, forecast: "off" });
  expect(decision).toMatchObject({ direction: "in" });
  expect(decided(2, 1, steps, { keptShareOfPeak: 1, forecast: "off" }).kind).toBe("hold");
});

test("up to the peak of known days, shards are used as far as that peak may use them: none is added for nothing", () => {
  const keys = { targetUtilisation: 0.6, scaleOutAt: 0.75 };
  const week = { profile: profileOf((slot) => (slot === 40 ? 64 : 1)) };
  expect(decided(80, 64, week, keys).kind).toBe("hold");
  expect(decided(80, 64, { ...week, throttled: 500_000 }, keys)).toMatchObject({ direction: "out" });
  expect(decided(80, 70, week, keys)).toMatchObject({ direction: "out" });
});
