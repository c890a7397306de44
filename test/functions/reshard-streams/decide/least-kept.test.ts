import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import {
  demandWorthKept,
  largestJump,
  risesOfADay,
} from "../../../../functions/reshard-streams/decide/measure/least-kept.ts";
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

describe("the demand that shards are worth keeping for", () => {
  const PRICE = 125;
  const never = () => false;
  /** A jump from 1 to 32 shards' worth in the first quarter of an hour of so many equal parts of each day. */
  const jumps = (timesADay: number, numberOfDays = 2) =>
    Array.from({ length: 96 * numberOfDays }, (_, slot) =>
      timesADay > 0 && slot % (96 / timesADay) === 8 ? 32 : 1,
    );
  const worthKept = (
    peaks: readonly (number | null)[],
    isPredicted: (at: number) => boolean = never,
    price = PRICE,
  ) => demandWorthKept({ firstSlot: 0, peaks }, price, isPredicted);

  // A jump by 32 times refuses each shard's worth for 6 minutes and 1.5 for each of five doublings: 13.5, at 125 shard-minutes
  // 1,687. A shard kept for a day costs 1,440, less the hour and a quarter after each jump.
  test.each([
    [0.5, 0],
    [1, 32],
    [4, 32],
  ])("%d jumps a day: %i", (timesADay, worth) => {
    expect(worthKept(jumps(timesADay, 4))).toBe(worth);
  });

  test("weighs what is refused against the time in which the shards would not be open anyway", () => {
    // In two days, eight jumps refuse 108 minutes. Of 192 quarters, 40 are a jump's or within an hour of one: 2,280 minutes are idle.
    expect([21, 22].map((price) => worthKept(jumps(4), never, price))).toEqual([0, 32]);
    // Below one shard there is nothing to be saved, and from 4 shards' worth a jump takes three doublings: 84 minutes.
    const from = (base: number) => jumps(4).map((peak) => (peak === 1 ? base : peak));
    expect([21, 22].map((price) => worthKept(from(0.5), never, price))).toEqual([0, 32]);
    expect([27, 28].map((price) => worthKept(from(4), never, price))).toEqual([0, 32]);
  });

  test("counts only jumps that begin below a level", () => {
    // One jump to 32, and in the last of four days four from 40 to 100: too few to be worth any of these.
    const peaks = Array.from({ length: 384 }, (_, slot) => {
      if (slot < 288) return slot === 50 ? 32 : 1;
      return slot % 24 === 8 ? 100 : 40;
    });
    expect(worthKept(peaks)).toBe(0);
  });

  test("is a question of the price", () => {
    expect([20, 200].map((price) => worthKept(jumps(2), never, price))).toEqual([0, 32]);
    expect(worthKept(jumps(12), never, 0)).toBe(0);
  });

  test("is the largest level that jumps reach often enough, not the largest jump", () => {
    const once = jumps(4).map((peak, slot) => (slot === 100 ? 64 : peak));
    expect(worthKept(once)).toBe(32);
  });

  test("is none after a first jump: one repeats nothing", () => {
    expect(worthKept([1, 1, 32, 1], never, 1e6)).toBe(0);
    expect(worthKept([1, 1, 32, 1, 1, 1, 1, 32], never, 1e6)).toBe(32);
  });

  test("counts what a first day has not shown yet as time in which the shards would be idle", () => {
    const first = jumps(4).slice(0, 40);
    expect([200, 40].map((price) => worthKept(first, never, price))).toEqual([32, 0]);
    expect(worthKept(jumps(4), never, 40)).toBe(32);
  });

  test("is none for jumps that shards are added for in time", () => {
    expect(worthKept(jumps(4), () => true)).toBe(0);
    // Of two days, the jumps of the first.
    expect(worthKept(jumps(1, 4), (at) => at >= 96)).toBe(0);
  });

  test("is none for jumps that have not come for four days", () => {
    expect(worthKept([...jumps(4), ...jumps(0, 3)])).toBe(32);
    expect(worthKept([...jumps(4), ...jumps(0, 4)])).toBe(0);
  });

  test("is none for jumps within one shard, and for what rises step by step", () => {
    expect(worthKept(jumps(12).map((peak) => peak / 32))).toBe(0);
    expect(worthKept(Array.from({ length: 192 }, (_, slot) => 10 + Math.abs((slot % 48) - 24)))).toBe(0);
  });

  test("is never more than was measured, and a higher price never keeps less", () => {
    const anyDays = fc.array(fc.option(fc.double({ min: 0, max: 500, noNaN: true })), { maxLength: 400 });
    fc.assert(
      fc.property(anyDays, fc.double({ min: 0, max: 1000, noNaN: true }), (peaks, price) => {
        const worth = worthKept(peaks, never, price);
        expect(worth).toBeLessThanOrEqual(Math.max(0, ...peaks.map((peak) => peak ?? 0)));
        expect(worthKept(peaks, never, 2 * price)).toBeGreaterThanOrEqual(worth);
      }),
      { numRuns: 50 },
    );
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
    expect(decided(25, 6.4, four)).toMatchObject({ kind: "UpdateShardCount", goal: 20 });
    expect(decided(40, 6.4, four)).toMatchObject({ kind: "MergeShards", goal: 20 });
    // A merge would leave a shard that is twice as wide as those of 20.
    expect(decided(21, 6.4, four)).toMatchObject({ kind: "hold" });
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
