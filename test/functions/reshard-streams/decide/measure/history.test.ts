import { describe, expect, it } from "vitest";
import { burstsLately } from "../../../../../functions/reshard-streams/decide/measure/bursts.ts";
import { quotaOf } from "../../../../../functions/reshard-streams/decide/measure/quota.ts";
import { newestInAll, recentSince } from "../../../../../functions/reshard-streams/decide/measure/recent.ts";
import { regretsUntil } from "../../../../../functions/reshard-streams/decide/measure/regret.ts";
import { calls, entry, HOUR, history, MINUTE, NOW } from "../../stream.ts";

const DAY = 24 * HOUR;

describe("bursts that made a stream larger", () => {
  const burst = (hoursAgo: number, evidence = {}, intent = {}, outcome = {}) =>
    entry(
      NOW - hoursAgo * HOUR,
      {
        ...{ from: 2, to: 3, direction: "out" },
        evidence: {
          throttledShare: 0.02,
          throttledPeakShare: 0.05,
          utilisation: 0.5,
          demandShards: 1.5,
          ...evidence,
        },
        ...intent,
      },
      outcome,
    );
  const lately = (...entries: ReturnType<typeof burst>[]) => burstsLately(undefined, { entries }, NOW);

  it("are those of the ledger, with what they showed", () => {
    expect(lately(burst(2))).toEqual([{ at: NOW - 2 * HOUR, from: 2, to: 3, demand: 1.5, share: 0.05 }]);
    expect(lately(burst(2, { throttledPeakShare: undefined }))).toMatchObject([{ share: 0.02 }]);
    expect(lately(burst(2, { utilisation: 1 }))).toHaveLength(1);
  });

  it.each([
    ["a scale-in", burst(2, {}, { direction: "in" })],
    ["a call that was refused", burst(2, {}, {}, { result: "refused" })],
    ["few refused records", burst(2, { throttledShare: 0.005 })],
    ["a stream that was full", burst(2, { utilisation: 1.01 })],
    ["a change without numbers", entry(NOW - HOUR)],
  ])("are not %s", (_, one) => {
    expect(lately(one)).toEqual([]);
  });

  it("are those that the profile keeps as well, each once, the newest first, of eight days", () => {
    const kept = (at: number) => ({ at, from: 1, to: 2, demand: 1, share: 0.01 });
    const bursts = [kept(NOW - 8 * DAY), kept(NOW - 8 * DAY + 1), kept(NOW - HOUR), kept(NOW - 2 * HOUR)];
    expect(burstsLately({ bursts }, { entries: [burst(2), burst(3)] }, NOW).map(({ at }) => at)).toEqual([
      NOW - HOUR,
      NOW - 2 * HOUR,
      NOW - 3 * HOUR,
      NOW - 8 * DAY + 1,
    ]);
  });
});

describe("the calls of UpdateShardCount that are left", () => {
  const refusal = (secondsAgo: number, code: string, intent = {}) =>
    entry(NOW - secondsAgo * 1000, intent, { result: "refused", at: NOW - secondsAgo * 1000, code });
  const left = (...entries: ReturnType<typeof refusal>[]) => quotaOf(history({ entries }), NOW);

  it("are ten in a day, by a clock that may be a minute off", () => {
    expect(left(...calls(9))).toEqual({ used: 9, left: 1, nextAt: NOW });
    const [oldest] = calls(10).slice(-1);
    expect(left(...calls(10))).toEqual({
      ...{ used: 10, left: 0 },
      nextAt: (oldest?.outcome.at ?? 0) + DAY + MINUTE,
    });
    expect(left(entry(NOW - DAY - MINUTE)).used).toBe(0);
    expect(left(entry(NOW - DAY - MINUTE + 1)).used).toBe(1);
  });

  it("are none for an hour after AWS has refused one for the day's quota", () => {
    const at = NOW - HOUR + 1000;
    expect(left(refusal(3599, "daily-quota"))).toEqual({ used: 10, left: 0, nextAt: at + HOUR });
    expect(left(refusal(3600, "daily-quota")).left).toBe(10);
    expect(left(refusal(60, "daily-quota", { action: "kinesis:SplitShard" })).left).toBe(10);
  });

  it("are none when AWS refused two in a row for their rate, half a minute apart: of those at once it takes one later", () => {
    expect(left(refusal(60, "call-rate"), refusal(90, "call-rate")).left).toBe(0);
    expect(left(refusal(90, "call-rate"), refusal(60, "call-rate")).left).toBe(0);
    expect(left(refusal(60, "call-rate"), refusal(89, "call-rate")).left).toBe(10);
    expect(left(refusal(60, "call-rate")).left).toBe(10);
    const between = entry(NOW - 75_000, {}, { at: NOW - 75_000 });
    expect(left(refusal(60, "call-rate"), between, refusal(90, "call-rate")).left).toBe(9);
    const lost = entry(NOW - 75_000, {}, { at: NOW - 75_000, result: "lost" });
    expect(left(refusal(60, "call-rate"), lost, refusal(90, "call-rate")).left).toBe(0);
  });
});

describe("the minutes of scale-out", () => {
  it("end with the newest metrics, however late those are, up to a limit", () => {
    expect(recentSince(NOW - MINUTE, 5, NOW)).toBe(NOW - 6 * MINUTE);
    expect(recentSince(NOW - 4 * MINUTE, 5, NOW)).toBe(NOW - 8 * MINUTE);
    expect(recentSince(NOW - 4 * MINUTE, 1, NOW)).toBe(NOW - 4 * MINUTE);
    const limit = recentSince(NOW - 600 * MINUTE, 5, NOW);
    expect(recentSince(NOW - 300 * MINUTE, 5, NOW)).toBe(limit);
    expect(limit).toBeLessThan(NOW - 6 * MINUTE);
  });

  it("are those that all series have; one that is far behind has stopped", () => {
    const late = NOW - 6 * MINUTE - recentSince(0, 5, NOW);
    expect(newestInAll([NOW, NOW - 2 * MINUTE, NOW - MINUTE])).toBe(NOW - 2 * MINUTE);
    expect(newestInAll([NOW, NOW - late])).toBe(NOW - late);
    expect(newestInAll([NOW, NOW - late - 1])).toBe(NOW);
    expect(newestInAll([])).toBeUndefined();
  });
});

describe("a scale-in that was regretted", () => {
  const back = (hoursAgo: number, evidence = {}, outcome = {}) =>
    entry(
      NOW - hoursAgo * HOUR,
      { direction: "out", evidence: { throttled: 9, demandShards: 9, widestShare: 0.5, ...evidence } },
      outcome,
    );
  const scaledIn = (hoursAgo: number, from = 9, to = 2) =>
    entry(NOW - hoursAgo * HOUR, { direction: "in", from, to });
  const until = (price: number, ...entries: ReturnType<typeof back>[]) =>
    regretsUntil(history({ entries }), price, NOW);

  // Refused: 4 minutes of 9 - 2 shards' worth. Saved: 7 shards for an hour.
  it("is one whose return refused more than its shards saved", () => {
    expect(until(15.1, scaledIn(3), back(2))).toBe(NOW + HOUR);
    expect(until(15, scaledIn(3), back(2))).toBe(0);
    expect(until(14.9, scaledIn(3), back(2))).toBe(0);
  });

  it("counts the shards that the return needed, of all scale-ins before it", () => {
    expect(until(15.1, scaledIn(3, 99, 2), back(2))).toBe(NOW + HOUR);
    expect(until(15.1, scaledIn(3, 5, 2), scaledIn(3, 9, 5), back(2))).toBe(NOW + HOUR);
    expect(until(8, scaledIn(3, 5, 2), back(2))).toBe(NOW + HOUR);
    expect(until(0.01, scaledIn(3, 99, 50), back(2))).toBe(NOW + HOUR);
  });

  it("is none without refused records, without a scale-in, or where a call was not made", () => {
    expect(until(99, scaledIn(3), back(2, { throttled: 0 }))).toBe(0);
    expect(until(99, back(2))).toBe(0);
    expect(until(99, scaledIn(5), back(4, { throttled: 0 }), back(2))).toBe(0);
    expect(until(99, scaledIn(3), back(2, {}, { result: "refused" }))).toBe(0);
  });

  it("takes a stream whose widest share is not known for one shard", () => {
    // 4 minutes of 9 - 1 shards' worth against 420 shard-minutes.
    expect(until(13.2, scaledIn(3), back(2, { widestShare: undefined }))).toBe(NOW + HOUR);
    expect(until(13, scaledIn(3), back(2, { widestShare: undefined }))).toBe(0);
  });

  it("waits twice as long after each further one within a day", () => {
    const twice = [scaledIn(7), back(6), scaledIn(3), back(2)];
    expect(until(15.1, ...twice)).toBe(NOW + 4 * HOUR);
    expect(until(15.1, ...twice.toReversed())).toBe(NOW + 4 * HOUR);
    expect(until(15.1, scaledIn(25), back(24), scaledIn(3), back(2))).toBe(NOW + HOUR);
  });
});
