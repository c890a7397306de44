import { describe, expect, it } from "vitest";
import { risesOfADay } from "../../../../../functions/reshard-streams/decide/measure/least-kept.ts";
import { factsOf, leadMs } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import type { Minute, Observation } from "../../../../../functions/reshard-streams/model/observation.ts";
import type { History } from "../../../../../shared/ledger/entry.ts";
import { entry, HOUR, history, MINUTE, minute, NOW, policy, SHARD_MINUTE, stream } from "../../stream.ts";

const SLOT = 15 * MINUTE;

/** So many quiet minutes up to now, with what is said of some of them, by how many minutes ago they began. */
function minutes(some: Readonly<Record<number, Partial<Minute>>>, quiet: Partial<Minute> = {}): Minute[] {
  return Array.from({ length: 60 }, (_, index) => {
    const ago = 60 - index;
    return minute(NOW - ago * MINUTE, { ...quiet, ...some[ago] });
  });
}

const facts = (
  rest: Partial<Observation>,
  keys: Record<string, unknown> = {},
  past: Partial<History> = {},
  open = 2,
) =>
  factsOf(
    stream(open, 0, rest),
    policy({ scaleOutMinutes: 5, lookBackMinutes: 60, ...keys }),
    history(past),
    NOW,
  );

/** A profile of so many days up to now, with this peak in each quarter of an hour. */
const days = (count: number, peakAt: (slot: number) => number) => ({
  firstSlot: NOW / SLOT - count * 96,
  peaks: Array.from({ length: count * 96 }, (_, slot) => peakAt(slot % 96)),
});

describe("refused records", () => {
  const refusing = minutes({
    2: { throttled: 5, records: 95, throttledReads: 7 },
    3: { throttled: 5, records: 5 },
  });

  it("are counted of writes, with their share of what was offered, and the worst minute's", () => {
    const { throttled, throttledShare, throttledPeakShare } = facts({ minutes: refusing });
    expect({ throttled, throttledShare, throttledPeakShare }).toEqual({
      throttled: 10,
      throttledShare: 10 / 110,
      throttledPeakShare: 0.5,
    });
  });

  it("are counted of reads where the policy is about reads", () => {
    expect(facts({ minutes: refusing }, { reads: true })).toMatchObject({
      throttled: 17,
      throttledShare: 10 / 110,
    });
  });

  it("count in the minutes of scale-out only", () => {
    expect(facts({ minutes: minutes({ 30: { throttled: 5 } }) })).toMatchObject({
      throttled: 0,
      throttledShare: 0,
    });
  });

  it("are all that was offered where nothing was taken, and none where nothing was refused", () => {
    expect(facts({ minutes: minutes({ 2: { throttled: 5 } }) })).toMatchObject({
      throttledShare: 1,
      throttledPeakShare: 1,
    });
    expect(facts({ minutes: minutes({}) })).toMatchObject({ throttledShare: 0, throttledPeakShare: 0 });
    expect(facts({ minutes: [] })).toMatchObject({ throttled: 0, throttledShare: 0, throttledPeakShare: 0 });
  });

  it.each<[string, (at: number) => [Partial<Observation>, Partial<History>]]>([
    ["was made", (at) => [{}, { lastScaleOut: at }]],
    ["was seen", (at) => [{ lastSeenUpdatingAt: at }, {}]],
    ["was seen after one was made", (at) => [{ lastSeenUpdatingAt: at }, { lastScaleOut: at - HOUR }]],
  ])("count from the minute after the last change %s", (_, changed) => {
    const at = (ms: number) => {
      const [seen, past] = changed(NOW - 3 * MINUTE + ms);
      return facts({ minutes: refusing, ...seen }, {}, past).throttled;
    };
    expect([at(-MINUTE), at(1 - MINUTE), at(0), at(1)]).toEqual([10, 5, 5, 0]);
  });
});

describe("the demand", () => {
  const bytes = (shards: number) => ({ bytes: shards * SHARD_MINUTE });

  it("is that of the minutes of scale-out, of the look-back, and of its last third", () => {
    const seen = { minutes: minutes({ 40: bytes(8), 15: bytes(4), 3: bytes(2) }) };
    expect(facts(seen)).toMatchObject({ recent: 2, recentUnit: "bytes", lookBack: 8, lately: 4 });
    expect(facts({ minutes: minutes({ 20: bytes(4) }) }).lately).toBe(4);
    expect(facts({ minutes: minutes({ 21: bytes(4) }) }).lately).toBe(0);
    expect(facts({ minutes: [] })).toMatchObject({ recent: 0, recentUnit: "bytes", lookBack: 0, lately: 0 });
  });

  it("counts by the newest minute that has metrics", () => {
    const late = minutes({ 8: bytes(3) }).slice(0, -7);
    expect(facts({ minutes: late }).recent).toBe(3);
    expect(facts({ minutes: late, knownUntil: NOW - MINUTE }).recent).toBe(0);
  });

  it("is bounded by a known peak where records were refused, as far as that says anything", () => {
    const refused = (shards: number) => ({
      minutes: minutes({}, { ...bytes(shards), records: 100, throttled: 100 }),
    });
    const free = facts(refused(2)).recent;
    expect(free).toBeGreaterThan(2.5);
    expect(facts({ ...refused(2), profile: days(1, () => 2.5) }).recent).toBe(2.5);
    // The shards take it anyway; and a peak that is exceeded is none.
    expect(facts({ ...refused(2), profile: days(1, () => 2.4) }).recent).toBe(free);
    expect(facts({ ...refused(3), profile: days(1, () => 2.6) }).recent).toBeGreaterThan(3);
    const measured = entry(NOW - HOUR, { direction: "in", evidence: { lookBackDemandShards: 2.5 } });
    expect(facts(refused(2), {}, { entries: [measured] }).recent).toBe(2.5);
  });
});

describe("what is expected", () => {
  const steady = { minutes: minutes({}, { bytes: SHARD_MINUTE }) };
  const rising = (rest: Partial<Minute> = {}) => ({
    minutes: Array.from({ length: 60 }, (_, index) =>
      minute(NOW - (60 - index) * MINUTE, { bytes: (1 + index / 60) * SHARD_MINUTE, records: 100, ...rest }),
    ),
  });

  it("is what is measured where nothing rises", () => {
    expect(facts(steady)).toMatchObject({ expected: 1, sizedFor: 1, rises: false, forecast: undefined });
  });

  it("is more where it rises, but for what records were refused in the last ten minutes", () => {
    const { recent, expected, rises } = facts(rising());
    expect([expected > recent, rises]).toEqual([true, true]);
    const refusedAgo = (ago: number) => {
      const seen = rising();
      const some = seen.minutes.map((one) =>
        one.at === NOW - ago * MINUTE ? { ...one, throttled: 1 } : one,
      );
      const found = facts({ minutes: some });
      return found.expected > found.recent;
    };
    expect([refusedAgo(10), refusedAgo(11)]).toEqual([false, true]);
  });

  it("is no more than the peak of the days that are known, unless that is exceeded", () => {
    const { recent, expected } = facts(rising());
    const between = (recent + expected) / 2;
    expect(facts({ ...rising(), profile: days(1, () => between) })).toMatchObject({
      expected: between,
      sizedFor: between,
      peakOfDays: between,
    });
    const exceeded = facts({ ...rising(), profile: days(1, () => recent - 0.1) });
    expect([exceeded.expected, exceeded.peakOfDays]).toEqual([expected, undefined]);
  });

  it("is bounded by no peak of days that the look-back exceeded", () => {
    const busyBefore = { minutes: minutes({ 40: { bytes: 4 * SHARD_MINUTE } }, { bytes: SHARD_MINUTE }) };
    expect(facts({ ...busyBefore, profile: days(1, () => 3) }).peakOfDays).toBeUndefined();
    expect(facts({ ...busyBefore, profile: days(1, () => 4) }).peakOfDays).toBe(4);
  });

  it("is sized for no more than the peak of the days that are known", () => {
    const entries = [entry(NOW - 10 * MINUTE), entry(NOW - 20 * MINUTE)];
    const { expected, sizedFor } = facts(rising(), {}, { entries });
    const between = (expected + sizedFor) / 2;
    const bounded = facts({ ...rising(), profile: days(1, () => between) }, { forecast: "off" }, { entries });
    expect([bounded.expected, bounded.sizedFor]).toEqual([expected, between]);
  });

  it("is sized for what lies further ahead, once a rise has taken two calls within the hour", () => {
    const calls = (...minutesAgo: readonly number[]) => ({
      entries: minutesAgo.map((ago) => entry(NOW - ago * MINUTE)),
    });
    const aheadAfter = (...minutesAgo: readonly number[]) => {
      const { sizedFor, expected } = facts(rising(), {}, calls(...minutesAgo));
      return sizedFor > expected;
    };
    expect([aheadAfter(10), aheadAfter(10, 59), aheadAfter(10, 61)]).toEqual([false, true, false]);
  });

  it("is what a forecast predicts, where that is trusted", () => {
    const daily = (slot: number) => (slot === 0 ? 6 : 1);
    const trusted = facts({ ...steady, profile: days(3, daily) }, { forecast: "daily" });
    expect(trusted).toMatchObject({ expected: 6, sizedFor: 6, forecast: { isTrusted: true, soon: 6 } });
    const off = facts({ ...steady, profile: days(3, daily) }, { forecast: "off" });
    expect([off.expected, off.forecast]).toEqual([1, undefined]);
    expect(facts(steady, { forecast: "daily" }).forecast).toBeUndefined();
    const once = {
      firstSlot: NOW / SLOT - 288,
      peaks: [...days(1, () => 1).peaks, 6, ...days(1, () => 1).peaks.slice(1), ...days(1, () => 1).peaks],
    };
    expect(facts({ ...steady, profile: once }, { forecast: "daily" })).toMatchObject({
      expected: 1,
      forecast: { isTrusted: false },
    });
  });

  it("is acted upon so long before its time as steps of a larger stream take", () => {
    expect([leadMs(0), leadMs(30), leadMs(300)]).toEqual([8 * MINUTE, 9 * MINUTE, 18 * MINUTE]);
  });
});

describe("the fewest shards that are kept", () => {
  const steady = { minutes: minutes({}, { bytes: SHARD_MINUTE }) };

  it("is one where no day is known, and nothing has jumped", () => {
    expect(facts(steady, { keptShareOfPeak: 0.5 })).toMatchObject({ kept: { least: 1, callsForRises: 0 } });
    expect(facts({ ...steady, profile: days(0.5, () => 10) }, { keptShareOfPeak: 0.5 })).toMatchObject({
      kept: { least: 1, callsForRises: 0, because: "nothing" },
    });
  });

  it("is the policy's share of what the largest jump of the days needs, rounded up", () => {
    const kept = (keptShareOfPeak: number) =>
      facts(
        { ...steady, profile: days(2, (slot) => (slot === 40 ? 10 : 1)) },
        { keptShareOfPeak, forecast: "off", refusalPrice: 0 },
      ).kept.least;
    // 10 shards' worth at 80 %: 13 shards.
    expect([kept(0.5), kept(0.25), kept(0)]).toEqual([7, 4, 1]);
  });

  it("is what takes jumps that come again and again without a scale-out, except where a forecast has them", () => {
    const kept = (forecast: string) =>
      facts(
        // Every three hours.
        { ...steady, profile: days(3, (slot) => (slot % 12 === 5 ? 10 : 1)) },
        { keptShareOfPeak: 0, forecast, refusalPrice: 125, targetUtilisation: 0.7, scaleOutAt: 0.8 },
      ).kept.least;
    // 10 shards' worth up to 80 %: 13 shards.
    expect(kept("off")).toBe(13);
    expect(kept("daily")).toBeLessThan(13);
  });
});

describe("rises that repeat daily", () => {
  // A batch every two hours, from next to nothing.
  const profile = days(3, (slot) => (slot % 8 === 7 ? 40 : 1));
  const kept = (forecast: string) =>
    facts(
      { minutes: minutes({}, { bytes: SHARD_MINUTE }), profile },
      { forecast, keptShareOfPeak: 0, refusalPrice: 0 },
    );

  it("keep as many shards as their calls need, at the utilisation of a known peak", () => {
    const { least, calls } = risesOfADay(profile, 0.8);
    expect(least).toBeGreaterThan(1);
    expect(kept("daily")).toMatchObject({
      kept: { least, callsForRises: calls, because: "rises that repeat" },
    });
  });

  it("keep none where nothing is forecast", () => {
    expect(kept("off")).toMatchObject({ kept: { least: 1, callsForRises: 0 } });
  });
});

describe("the evidence", () => {
  it("has the numbers that the reasons are read from, in three digits", () => {
    const seen = {
      minutes: minutes({ 2: { throttled: 1, records: 299, bytes: SHARD_MINUTE / 3 } }),
      iteratorAgeMs: 1234,
      profile: days(2, (slot) => (slot === 0 ? 2 : 1)),
    };
    const { evidence } = facts(seen, { forecast: "daily" }, { entries: [entry(NOW - HOUR)] }, 3);
    expect(evidence).toEqual({
      ...{ openShards: 3, widestShare: 0.333, demandUnit: "bytes", iteratorAgeMs: 1234, quotaUsed: 1 },
      ...{ demandShards: 0.334, utilisation: 0.111, lookBackDemandShards: 0.334, lookBackUtilisation: 0.111 },
      ...{ expectedDemandShards: 2, forecastDemandShards: 2, forecastError: 0 },
      ...{ throttled: 1, throttledInLookBack: 1, throttledShare: 0.003, throttledPeakShare: 0.003 },
    });
  });

  it("says nothing of what there is not", () => {
    expect(facts({ minutes: minutes({}) }).evidence).toEqual({
      ...{ openShards: 2, widestShare: 0.5, demandUnit: "bytes", iteratorAgeMs: null, quotaUsed: 0 },
      ...{ demandShards: 0, utilisation: 0, lookBackDemandShards: 0, lookBackUtilisation: 0 },
      ...{ expectedDemandShards: 0, throttled: 0, throttledShare: 0 },
    });
  });

  it("names the hot shard, and when consumers that stopped last read", () => {
    const last = NOW - 20 * MINUTE;
    const reads = Array.from({ length: 15 }, (_, index) => last - (14 - index) * MINUTE);
    const earlier = reads.map((at) => at - 5 * MINUTE);
    const { evidence } = facts({
      minutes: minutes({}, { bytes: 1000, records: 1 }),
      reads: { polling: reads, fanOut: earlier },
      shardLoads: [
        { shardId: "shardId-000000000000", bytes: 0.95 * SHARD_MINUTE, records: 0, throttled: 0 },
        { shardId: "shardId-000000000001", bytes: 0, records: 0, throttled: 0 },
      ],
    });
    expect(evidence).toMatchObject({
      hotShard: "shardId-000000000000",
      hotShardTimesTheRest: 1e6,
      consumersLastReadAt: "2026-11-21T11:35Z",
    });
  });
});
