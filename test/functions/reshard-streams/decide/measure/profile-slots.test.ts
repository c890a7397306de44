import { describe, expect, it } from "vitest";
import type { MinuteDemand } from "../../../../../functions/reshard-streams/decide/measure/demand.ts";
import {
  forecastOf,
  peakOfDays,
  predictedRiseAt,
  profileAfter,
} from "../../../../../functions/reshard-streams/decide/measure/demand-profile.ts";
import {
  type DemandProfile,
  SLOT_MS,
} from "../../../../../functions/reshard-streams/model/demand-profile.ts";
import { entry, HOUR, history, MINUTE, minute, NOW, stream } from "../../stream.ts";

const DAY = 96;
const END = NOW / SLOT_MS;

/** A profile whose last slot ended now. */
const upToNow = (peaks: readonly (number | null)[]): DemandProfile => ({
  firstSlot: END - peaks.length,
  peaks,
});

/** A day of one shard's worth, with these peaks at these slots. */
const day = (at: Readonly<Record<number, number | null>> = {}) =>
  Array.from({ length: DAY }, (_, slot) => (slot in at ? (at[slot] ?? null) : 1));

describe("the slots of a profile", () => {
  const demand = (at: number, shards: number): MinuteDemand => ({
    at,
    shards,
    unit: "bytes",
    accepted: shards,
  });
  const after = (now: number, profile?: DemandProfile, rest: Parameters<typeof stream>[2] = {}) =>
    profileAfter(
      stream(2, 1, {
        now,
        minutes: [minute(now - MINUTE, { bytes: 1 })],
        ...(profile && { profile }),
        ...rest,
      }),
      [demand(NOW, 2.3456), demand(NOW + 14 * MINUTE, 3.3333), demand(NOW + 15 * MINUTE, 9)],
      60,
      now,
    );

  it("are added once their last metrics are there, with their peak in three digits", () => {
    const known = upToNow([1]);
    expect(after(NOW + 18 * MINUTE - 1, known)).toBeUndefined();
    expect(after(NOW + 18 * MINUTE, known)).toMatchObject({ firstSlot: END - 1, peaks: [1, 3.33] });
  });

  it("are unknown where metrics are not complete", () => {
    const known = upToNow([1]);
    expect(after(NOW + 18 * MINUTE, known, { metricsComplete: false })?.peaks).toEqual([1, null]);
  });

  it("begin with the first that the look-back has all of", () => {
    const begun = after(NOW + 18 * MINUTE);
    expect(begun).toMatchObject({ firstSlot: END - 2, peaks: [0, 0, 3.33] });
  });

  it("begin anew where more than eight days are missing", () => {
    const old = { firstSlot: END - 10 * DAY, peaks: [7] };
    const anew = after(NOW + 18 * MINUTE, old);
    expect(anew?.peaks).toHaveLength(8 * DAY);
    expect(anew?.peaks).not.toContain(7);
    expect(anew?.firstSlot).toBe(END + 1 - 8 * DAY);
  });

  it("have their volumes by day, UTC, of what was seen of it", () => {
    const midnight = Date.parse("2026-11-22T00:00:00Z");
    const at = midnight + 18 * MINUTE;
    const minutes = [
      minute(midnight - 20 * MINUTE, { bytes: 1, records: 10 }),
      minute(midnight - MINUTE, { bytes: 2, records: 20 }),
      minute(midnight, { bytes: 4, records: 40 }),
      minute(midnight + 14 * MINUTE, { bytes: 8, records: 80 }),
      minute(midnight + 15 * MINUTE, { bytes: 16, records: 160 }),
    ];
    const today = midnight / (24 * HOUR);
    const before = { day: today - 1, slots: 90, bytes: 100, records: 1000 };
    const profile = { firstSlot: midnight / SLOT_MS - 4, peaks: [1, 1], days: [before] };
    const seen = profileAfter(stream(2, 1, { now: at, minutes, profile }), [], 60, at);
    expect(seen?.days).toEqual([
      { day: today - 1, slots: 92, bytes: 103, records: 1030 },
      { day: today, slots: 1, bytes: 12, records: 120 },
    ]);
    const days = Array.from({ length: 9 }, (_, index) => ({ ...before, day: today - 9 + index })).reverse();
    const kept = profileAfter(stream(2, 1, { now: at, minutes, profile: { ...profile, days } }), [], 60, at);
    expect(kept?.days?.map((each) => each.day)).toEqual(
      [...Array(8).keys()].map((index) => today - 7 + index),
    );
  });

  it("come with the scale-outs because of bursts, of which the ledger has the latest", () => {
    const evidence = { throttledShare: 0.02, utilisation: 0.4, demandShards: 1.2 };
    const past = history({ entries: [entry(NOW - HOUR, { evidence })] });
    const known = {
      ...upToNow([1]),
      bursts: [{ at: NOW - 30 * HOUR, from: 1, to: 2, demand: 1, share: 0.1 }],
    };
    const seen = profileAfter(stream(2, 1, { profile: known }), [], 60, NOW + 20 * MINUTE, past);
    expect(seen?.bursts?.map(({ at }) => at)).toEqual([NOW - HOUR, NOW - 30 * HOUR]);
    expect(after(NOW + 18 * MINUTE)).not.toHaveProperty("bursts");
  });
});

describe("the peak of days", () => {
  it("is known with a whole day, and is that of all that is known", () => {
    expect(peakOfDays(undefined)).toBeUndefined();
    expect(peakOfDays(upToNow(day({ 3: 5 }).slice(1)))).toBeUndefined();
    expect(peakOfDays(upToNow(day({ 3: 5, 4: null })))).toBe(5);
  });
});

describe("a forecast", () => {
  const daily = (peaks: readonly (number | null)[], leadMs = 10 * MINUTE) =>
    forecastOf(upToNow(peaks), "daily", NOW, leadMs);

  it("is of the time until a change takes effect, and of the next hour", () => {
    expect(daily(day({ 0: 2, 1: 3, 4: 5, 5: 9 }))).toMatchObject({ soon: 2, nextHour: 5 });
    expect(daily(day({ 0: 2, 1: 3, 4: 5, 5: 9 }), 15 * MINUTE)).toMatchObject({ soon: 3 });
    expect(daily([])).toMatchObject({ soon: 0, nextHour: 0, error: undefined, isTrusted: true });
  });

  it.each<[string, Record<number, number | null>, Record<number, number | null>, number, number]>([
    ["that came", { 40: 4 }, { 40: 4 }, 1, 1],
    ["of which three quarters came", { 40: 4 }, { 40: 3 }, 1, 1],
    ["of which less came", { 40: 4 }, { 40: 2.9 }, 1, 0],
    ["that came a quarter of an hour later", { 40: 4, 41: 4 }, { 41: 4 }, 1, 1],
    ["that lasts, once", { 40: 4, 41: 4, 42: 4 }, { 40: 4, 41: 4, 42: 4 }, 1, 1],
    ["that did not come for as long as it was predicted, once", { 40: 4, 41: 4, 42: 4 }, {}, 1, 0],
    ["that went on to more than came", { 40: 4, 41: 8 }, { 40: 2, 41: 4 }, 1, 0],
    ["at two times", { 40: 4, 60: 4 }, { 40: 4 }, 2, 1],
    ["of no more than a quarter", { 40: 1.25 }, { 40: 1.25 }, 0, 0],
    ["of a little more than a quarter", { 40: 1.26 }, { 40: 1.26 }, 1, 1],
    ["that nobody measured then", { 40: 4 }, { 40: null }, 0, 0],
    ["that nobody measured before", { 40: null }, { 40: 4 }, 0, 0],
    ["before which nothing was measured", { 40: 4 }, { 39: null, 40: 4 }, 0, 0],
  ])("counts a rise %s", (_, before, then, predicted, came) => {
    expect(daily([...day(before), ...day(then)])).toMatchObject({ predicted, came });
  });

  it.each([
    ["before the first rise", [0, 0], true],
    ["while the last day's came", [1, 1], true],
    ["not while the last day's did not", [1, 1, 1, 1, 0], false],
    ["while three of five came", [1, 1, 1, 0, 1, 0, 1, 1], true],
    ["not while one of three did", [1, 0, 1, 0, 1, 1], false],
  ])("is trusted %s: %j", (_, days, isTrusted) => {
    expect(daily(days.flatMap((rose) => day(rose ? { 40: 4 } : {}))).isTrusted).toBe(isTrusted);
  });

  it("is as wrong as the last day was, and not those before", () => {
    const constant = (peak: number) => Array<number>(DAY).fill(peak);
    expect(daily([...constant(4), ...constant(1), ...constant(2)]).error).toBe(0.5);
    expect(daily([...constant(2), ...constant(1)]).error).toBe(1);
    expect(daily([...constant(1), ...constant(0)]).error).toBeUndefined();
  });

  it("of a week compares with a week before", () => {
    const week = [day({ 40: 4 }), ...Array.from({ length: 6 }, () => day())].flat();
    const peaks = [...week, ...day({ 40: 4 })];
    expect(forecastOf(upToNow(peaks), "weekly", NOW, MINUTE)).toMatchObject({
      predicted: 1,
      came: 1,
      error: 0,
    });
  });
});

describe("when a change has to be decided for a rise that is predicted", () => {
  const at = (slots: Readonly<Record<number, number>>, above = 4) =>
    predictedRiseAt(upToNow(day(slots)), "daily", { now: NOW, leadMs: 10 * MINUTE, above });

  it.each([
    ["so long before it as a change takes", { 1: 5 }, NOW + 5 * MINUTE],
    ["for the first of several", { 3: 5, 2: 9 }, NOW + 20 * MINUTE],
    ["for one within the hour", { 4: 5 }, NOW + 50 * MINUTE],
    ["not for one beyond it", { 5: 9 }, undefined],
    ["not for one that a change now is in time for", { 0: 9 }, undefined],
    ["not for what is no more than that", { 1: 4 }, undefined],
  ])("%s", (_, slots, expected) => {
    expect(at(slots)).toBe(expected);
  });
});
