import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import { DAILY_QUOTA } from "../../../../functions/reshard-streams/decide/measure/quota.ts";
import { shareOf } from "../../../../functions/reshard-streams/decide/measure/shares.ts";
import {
  calls,
  entry,
  evenShards,
  HOUR,
  history,
  MINUTE,
  minute,
  NOW,
  policy,
  SHARD_MINUTE,
  shardsAfter,
  stream,
} from "../stream.ts";

const decided = (
  seen: Parameters<typeof decide>[0],
  keys: Record<string, unknown> = {},
  past: Parameters<typeof history>[0] = {},
) => decide(seen, policy(keys), history(past), NOW);

describe("can it be changed at all", () => {
  test.each(["UPDATING", "CREATING", "DELETING"])(
    "a stream that is %s is left and looked at again",
    (status) => {
      expect(decided(stream(1, 5, { status }))).toMatchObject({
        kind: "hold",
        verdict: "updating",
        requeue: true,
      });
    },
  );

  test("a stream that another run changed while this one looked is left: it may have been seen before that", () => {
    const changed = entry(NOW - 1000, { to: 4 }, { result: "applied", at: NOW + 200 });
    const decision = decided(stream(2, 5), {}, { entries: [changed] });
    expect(decision).toMatchObject({ kind: "hold", verdict: "updating", requeue: true });
    expect(decision.reasons[0]).toContain("4 shards");
  });

  test("an on-demand stream is left, with the price of both modes", () => {
    const decision = decided(stream(4, 3, { mode: "ON_DEMAND" }));
    expect(decision).toMatchObject({ kind: "hold", verdict: "on-demand" });
    // On-demand: $29.20 and 3 MiB/s for 730 h at $0.12 a GB. Provisioned: 5 shards at $10.95, no PUT units without records.
    expect(decision.reasons[0]).toMatch(
      /costs about \$9\d\d\.\d\d a month; provisioned with 5 shards it would be \$5\d\.\d\d/,
    );
  });

  test("after a refusal it waits a quarter of an hour and says what AWS said", () => {
    const refused = entry(
      NOW - 5 * MINUTE,
      {},
      { result: "refused", code: "account", detail: "shard limit of 10", at: NOW - 5 * MINUTE },
    );
    const decision = decided(stream(2, 5), {}, { entries: [refused] });
    expect(decision).toMatchObject({ kind: "hold", verdict: "refused-lately", notify: true });
    expect(decision.reasons[0]).toContain("shard limit of 10");
  });

  test("a refusal of more than a quarter of an hour ago does not hold it back", () => {
    const refused = entry(
      NOW - 16 * MINUTE,
      {},
      { result: "refused", code: "account", at: NOW - 16 * MINUTE },
    );
    expect(decided(stream(2, 5), {}, { entries: [refused] })).toMatchObject({ kind: "UpdateShardCount" });
  });
});

describe("bounds", () => {
  test("below min it is raised, under a name of its own", () => {
    expect(decided(stream(3, 0), { min: 4 })).toMatchObject({
      verdict: "raise-to-min",
      from: 3,
      to: 4,
      direction: "out",
    });
  });

  test("below min under load it is raised as far as the load asks for, in one call", () => {
    expect(decided(stream(3, 3), { min: 4 })).toMatchObject({ verdict: "raise-to-min", to: 5 });
  });

  test("above max and idle it is lowered, at most to half", () => {
    expect(decided(stream(9, 1), { max: 2 })).toMatchObject({
      verdict: "lower-to-max",
      to: 5,
      goal: 2,
      direction: "in",
    });
  });

  test("above max and busy it is left: max must not throttle what runs", () => {
    expect(decided(stream(9, 8), { max: 5 })).toMatchObject({
      kind: "hold",
      verdict: "above-max-and-busy",
      notify: true,
    });
  });

  test("a busy stream above max never shrinks by the way up", () => {
    expect(decided(stream(8, 8, { throttled: 50 }), { max: 4 })).toMatchObject({ kind: "hold" });
  });

  test("at max it says so to a person", () => {
    expect(decided(stream(4, 4), { max: 4 })).toMatchObject({
      kind: "hold",
      verdict: "at-max",
      notify: true,
    });
  });

  test("at min it does not shrink further", () => {
    expect(decided(stream(4, 0), { min: 4 })).toMatchObject({ kind: "hold", verdict: "at-min" });
  });
});

describe("scale-out", () => {
  test("at exactly scaleOutAt it holds, above it scales out", () => {
    expect(decided(stream(5, 4))).toMatchObject({ kind: "hold", verdict: "on-target" });
    const justAbove = stream(5, 0, { minutes: [minute(NOW - 2 * MINUTE, { bytes: 4 * SHARD_MINUTE + 1 })] });
    expect(decided(justAbove)).toMatchObject({ verdict: "scale-out", to: 7 });
  });

  test("an exactly full target buys no shard too many", () => {
    // 6 shards' worth at 60 % is exactly 10 shards.
    expect(decided(stream(6, 6))).toMatchObject({ to: 10, goal: 10 });
  });

  test("records count as well as bytes; the larger demand wins", () => {
    const seen = stream(2, 0.1, {
      minutes: [minute(NOW - 2 * MINUTE, { bytes: 1000, records: 2 * 60_000 })],
    });
    expect(decided(seen)).toMatchObject({
      verdict: "scale-out",
      goal: 4,
      evidence: { demandUnit: "records", demandShards: 2 },
    });
  });

  test("reads count where the policy asks for them", () => {
    const seen = stream(2, 0, { minutes: [minute(NOW - 2 * MINUTE, { readBytes: 2 * 60 * 2_097_152 })] });
    expect(decided(seen, { reads: true })).toMatchObject({ verdict: "scale-out", goal: 4 });
  });

  test("a shard's capacity can be set lower", () => {
    const seen = stream(1, 0, { minutes: [minute(NOW - 2 * MINUTE, { records: 8 })] });
    expect(decided(seen, { max: 2, shardCapacity: { recordsPerSecond: 0.1 } })).toMatchObject({
      verdict: "scale-out",
      to: 2,
    });
  });

  test("a peak before the minutes of scale-out no longer counts", () => {
    const seen = stream(2, 0, { minutes: [minute(NOW - 10 * MINUTE, { bytes: 4 * SHARD_MINUTE })] });
    expect(decided(seen)).toMatchObject({ kind: "hold" });
  });

  test("a rise beyond double is a plan of several steps", () => {
    const seen = stream(1, 0, { minutes: [minute(NOW - 2 * MINUTE, { records: 60_000 * 3 })] });
    const decision = decided(seen);
    expect(decision).toMatchObject({ from: 1, to: 2, goal: 5 });
    expect(decision.reasons[1]).toBe("one call goes from 1 to 2 at most: the next one goes on towards 5");
  });

  test("throttled and full: how much more there is cannot be known, so the largest step", () => {
    expect(decided(stream(3, 3, { throttled: 10 }))).toMatchObject({ verdict: "scale-out-throttled", to: 6 });
  });

  test("refused in bursts shorter than a minute: a quarter more", () => {
    // 3 of 8 shards' worth on average, and one record in fifty is refused.
    expect(decided(stream(8, 3, { throttled: 4000 }))).toMatchObject({
      verdict: "scale-out-throttled",
      to: 10,
    });
  });

  test("accepted and refused are the demand: 79 % and many refused ask for more than the accepted alone", () => {
    const minutes = [minute(NOW - 2 * MINUTE, { records: 7.9 * 60_000, throttled: 50_000 })];
    const past = { lastScaleOut: NOW - 30 * MINUTE };
    const decision = decided(stream(10, 0, { minutes }), {}, past);
    expect(decision).toMatchObject({ verdict: "scale-out-throttled", direction: "out" });
    expect(decision).toMatchObject({ goal: 15, evidence: { demandShards: 8.733 } });
  });

  test("one refused record at 81 % asks for what the demand needs, not for the double", () => {
    const minutes = [minute(NOW - 2 * MINUTE, { records: 81 * 60_000, throttled: 1 })];
    expect(decided(stream(100, 0, { minutes }), { max: 400 })).toMatchObject({ goal: 136 });
  });

  test("retries that pile up are not taken for ever more traffic", () => {
    // A demand of 2 on 1 shard: what is refused comes again, so 1, 2, 3, 4 shards' worth are refused.
    const minutes = [1, 2, 3, 4].map((refused) =>
      minute(NOW - (6 - refused) * MINUTE, { records: 60_000, throttled: refused * 60_000 }),
    );
    expect(decided(stream(1, 0, { minutes }))).toMatchObject({ goal: 4, evidence: { demandShards: 2 } });
  });

  test("a rise is carried on, so that the shards are there when it arrives; a jump is not", () => {
    const rising = (step: number) =>
      Array.from({ length: 20 }, (_, index) =>
        minute(NOW - (22 - index) * MINUTE, { bytes: (5.5 + index * step) * SHARD_MINUTE }),
      );
    expect(decided(stream(10, 0, { minutes: rising(0.12) }))).toMatchObject({ verdict: "scale-out" });
    expect(decided(stream(10, 0, { minutes: rising(0) }))).toMatchObject({ kind: "hold" });
    const jump = rising(0).map((one, index) => (index < 15 ? { ...one, bytes: SHARD_MINUTE } : one));
    expect(decided(stream(10, 0, { minutes: jump }))).toMatchObject({ kind: "hold" });
  });

  test("what was refused before the last scale-out does not count", () => {
    const seen = stream(2, 1, {
      minutes: [minute(NOW - 3 * MINUTE, { bytes: SHARD_MINUTE, throttled: 99 })],
    });
    expect(decided(seen, {}, { lastScaleOut: NOW - 2 * MINUTE })).toMatchObject({ kind: "hold" });
  });

  test("what was refused while it was UPDATING does not count either", () => {
    const seen = stream(2, 1, {
      lastSeenUpdatingAt: NOW - MINUTE,
      minutes: [minute(NOW - 2 * MINUTE, { bytes: SHARD_MINUTE, throttled: 99 })],
    });
    expect(decided(seen)).toMatchObject({ kind: "hold" });
  });

  test("still refused after a scale-out, at low utilisation: resharding does not help, and a person hears it", () => {
    const decision = decided(stream(8, 1, { throttled: 10 }), {}, { lastScaleOut: NOW - 20 * MINUTE });
    expect(decision).toMatchObject({ kind: "hold", verdict: "resharding-does-not-help", notify: true });
  });
});

describe("scale-in", () => {
  const quiet = () => stream(10, 1.2);

  test("by merges, which have no daily quota, as far as two neighbours fit into one shard", () => {
    expect(decided(quiet())).toMatchObject({
      kind: "MergeShards",
      verdict: "scale-in",
      from: 10,
      to: 9,
      goal: 2,
      direction: "in",
    });
  });

  test.each([
    [3, 2],
    [5, 3],
    [7, 4],
  ])("by UpdateShardCount to the ceiling of half: %d -> %d", (from, to) => {
    // Two neighbours would be above the target, half of the shards are not.
    expect(decided(stream(from, 0.31 * from))).toMatchObject({ kind: "UpdateShardCount", to });
  });

  test("no call where it saves less than a fifth of the shards: 41 stay, 100 stay", () => {
    expect(decided(stream(41, 24))).toMatchObject({ kind: "hold", verdict: "on-target" });
    expect(decided(stream(100, 59))).toMatchObject({ kind: "hold", verdict: "on-target" });
  });

  test("one busy minute in the look-back keeps the shards", () => {
    const seen = stream(10, 1, { minutes: [minute(NOW - 50 * MINUTE, { bytes: 6 * SHARD_MINUTE })] });
    expect(decided(seen)).toMatchObject({ kind: "hold", verdict: "on-target" });
  });

  test("not when the metrics have gaps", () => {
    expect(decided(stream(10, 1, { metricsComplete: false }))).toMatchObject({
      verdict: "metrics-incomplete",
    });
  });

  test("not for a stream younger than the look-back", () => {
    expect(decided(stream(10, 1, { createdAt: NOW - 30 * MINUTE }))).toMatchObject({ verdict: "too-new" });
  });

  test("not when anything was refused in the look-back", () => {
    const seen = stream(10, 1, { minutes: [minute(NOW - 40 * MINUTE, { throttled: 1 })] });
    expect(decided(seen)).toMatchObject({ verdict: "busy-in-look-back" });
  });

  test("not while one shard alone is busy", () => {
    const seen = stream(10, 1, {
      shardLoads: evenShards(10).map(({ id }, index) => ({
        shardId: id,
        bytes: (index < 5 ? 0.85 : 0.5) * SHARD_MINUTE,
        records: 0,
        throttled: 0,
      })),
    });
    expect(decided(seen, { shardMetrics: true })).toMatchObject({ verdict: "busy-in-look-back" });
  });

  test("not while the consumers are behind", () => {
    expect(decided(stream(10, 1, { iteratorAgeMs: 61_000 }))).toMatchObject({ verdict: "consumers-behind" });
  });

  test.each([
    ["lastScaleOut", () => quiet(), "no scale-in before 2026-11-21T12:01Z"],
    // Merges of one plan follow each other; a call of UpdateShardCount waits.
    ["lastScaleIn", () => stream(10, 3.5), "no UpdateShardCount to scale in before 2026-11-21T12:01Z"],
  ])("not within the cool-down after %s", (last, seen, why) => {
    const decision = decided(seen(), {}, { [last]: NOW - 59 * MINUTE });
    expect(decision).toMatchObject({ kind: "hold", verdict: "cooling-down" });
    expect(decision.reasons[0]).toContain(why);
  });

  test("not while the traffic rises", () => {
    const minutes = Array.from({ length: 58 }, (_, index) =>
      minute(NOW - (60 - index) * MINUTE, { bytes: (0.5 + index / 60) * SHARD_MINUTE }),
    );
    expect(decided(stream(10, 0, { minutes }))).toMatchObject({ kind: "hold", verdict: "busy-in-look-back" });
  });

  test("not without a single datapoint, which proves nothing; unless CloudWatch has Reflex's own metric", () => {
    expect(decided(stream(10, 0, { minutes: [] }))).toMatchObject({ verdict: "metrics-incomplete" });
    expect(decided(stream(10, 0, { minutes: [], heartbeat: true }))).toMatchObject({ verdict: "scale-in" });
  });

  describe("that was regretted", () => {
    const day = (refusedShards: number, savedMinutes: number) => [
      entry(NOW - 2 * HOUR, {
        direction: "out",
        evidence: { throttled: 9, demandShards: 1 + refusedShards, widestShare: 1 },
      }),
      entry(NOW - 2 * HOUR - savedMinutes * MINUTE, { direction: "in", from: 9, to: 1 }),
    ];
    const past = (entries: ReturnType<typeof day>) => ({ entries, lastScaleOut: NOW - 2 * HOUR });

    test("waits longer than the cool-down: what was refused on the return cost more than the shards saved", () => {
      expect(decided(quiet(), {}, past(day(8, 60)))).toMatchObject({ kind: "hold", verdict: "cooling-down" });
    });

    test("does not, where the shards saved more", () => {
      expect(decided(quiet(), {}, past(day(8, 20 * 60)))).toMatchObject({ verdict: "scale-in" });
      expect(decided(quiet(), { refusalPrice: 5 }, past(day(8, 60)))).toMatchObject({ verdict: "scale-in" });
    });
  });

  test("not to a count that refused bursts within a day at a like demand, as the ledger knows", () => {
    const burst = entry(NOW - 5 * HOUR, {
      from: 1,
      to: 2,
      evidence: { throttled: 900, throttledShare: 0.03, utilisation: 0.45, demandShards: 0.45 },
    });
    const past = { entries: [burst], lastScaleOut: NOW - 5 * HOUR };
    expect(decided(stream(2, 0.4), {}, past)).toMatchObject({ kind: "hold", verdict: "busy-in-look-back" });
    expect(decided(stream(2, 0.1), {}, past)).toMatchObject({ verdict: "scale-in" });
  });

  test("once the cool-down is over it scales in", () => {
    expect(decided(quiet(), {}, { lastScaleOut: NOW - 60 * MINUTE })).toMatchObject({ verdict: "scale-in" });
  });
});

describe("the daily quota", () => {
  test("the last calls are kept for scale-out", () => {
    // Two neighbours do not fit into one shard, so only UpdateShardCount can.
    const uneven = stream(10, 3.5);
    expect(decided(uneven, {}, { entries: calls(5) })).toMatchObject({ verdict: "scale-in" });
    expect(decided(uneven, {}, { entries: calls(6) })).toMatchObject({
      kind: "hold",
      verdict: "quota-reserved",
    });
    expect(decided(stream(10, 10), {}, { entries: calls(9) })).toMatchObject({ verdict: "scale-out" });
  });

  test("when spent it says when the next call is allowed, and splits go on", () => {
    const decision = decided(stream(10, 10), {}, { entries: calls(10) });
    expect(decision).toMatchObject({ kind: "SplitShard", verdict: "split-without-quota", goal: 20 });
    // The oldest of the ten was 10.5 hours ago.
    expect(decision.reasons[0]).toContain("the next is allowed at 2026-11-22T01:3");
  });

  test("a call falls out of the count after 24 hours", () => {
    // And a minute: AWS counts by its own clock.
    const old = entry(NOW - 24 * HOUR - MINUTE);
    expect(decided(stream(10, 10), {}, { entries: [...calls(9), old] })).toMatchObject({
      verdict: "scale-out",
    });
  });

  test("refused and lost calls do not count", () => {
    const entries = [
      ...calls(9),
      entry(NOW - 2 * HOUR, {}, { result: "lost" }),
      entry(NOW - 3 * HOUR, {}, { result: "refused" }),
    ];
    expect(decided(stream(10, 10), {}, { entries })).toMatchObject({ verdict: "scale-out" });
  });

  test("it is learnt from a refusal, for an hour", () => {
    const learnt = (ago: number) =>
      entry(NOW - ago, {}, { result: "refused", code: DAILY_QUOTA, at: NOW - ago });
    expect(decided(stream(10, 10), {}, { entries: [learnt(59 * MINUTE)] })).toMatchObject({
      verdict: "split-without-quota",
    });
    expect(decided(stream(10, 10), {}, { entries: [learnt(61 * MINUTE)] })).toMatchObject({
      verdict: "scale-out",
    });
  });

  test("spent and throttled: the widest shard is split, which has no daily quota", () => {
    const shards = evenShards(4);
    const [first, second, ...others] = shards;
    if (!first || !second) throw new Error("four shards");
    const widened = [{ ...first, to: second.to }, ...others];
    const decision = decided(stream(3, 3, { throttled: 5, shards: widened }), {}, { entries: calls(10) });
    expect(decision).toMatchObject({
      kind: "SplitShard",
      verdict: "split-without-quota",
      shardId: first.id,
      from: 3,
      to: 4,
    });
    expect(decision).toMatchObject({ newStartingHashKey: second.from.toString() });
  });

  test("spent and throttled: the hottest shard is split where that is measured", () => {
    const shardLoads = evenShards(4).map(({ id }, index) => ({
      shardId: id,
      bytes: (0.85 + index / 100) * SHARD_MINUTE,
      records: 0,
      throttled: 1,
    }));
    const decision = decided(
      stream(4, 3.6, { throttled: 5, shardLoads }),
      { shardMetrics: true },
      { entries: calls(10) },
    );
    expect(decision).toMatchObject({ kind: "SplitShard", shardId: "shardId-000000000003" });
  });

  test("split follows split as soon as the stream is ACTIVE, until no shard is above scaleOutAt", () => {
    let shards = evenShards(2);
    const made: string[] = [];
    for (let step = 0; step < 20; step += 1) {
      const past = { entries: calls(10), lastScaleOut: NOW - MINUTE / 2 };
      const decision = decided(stream(2, 2.5, { shards }), {}, past);
      if (decision.kind === "hold") break;
      made.push(decision.kind);
      shards = shardsAfter(shards, decision);
    }
    expect(made).toEqual(["SplitShard", "SplitShard"]);
    expect(shards.map(shareOf)).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  test("no split beyond max", () => {
    expect(decided(stream(3, 3, { throttled: 5 }), { max: 3 }, { entries: calls(10) })).toMatchObject({
      verdict: "at-max",
    });
  });

  test("a scale-in by merges needs no call", () => {
    const merged = decided(stream(4, 1), {}, { entries: calls(10) });
    expect(merged).toMatchObject({ kind: "MergeShards", from: 4, to: 3, direction: "in" });
  });

  test("where merges do not fit it waits for a call", () => {
    expect(decided(stream(10, 3.5), {}, { entries: calls(10) })).toMatchObject({
      kind: "hold",
      verdict: "quota-spent",
    });
  });
});

describe("shards of unequal width", () => {
  /** Seven shards of which three own a quarter of the keys each and four a sixteenth. */
  const uneven = () => {
    const sixteenths = evenShards(16);
    const quarter = (index: number) => {
      const first = sixteenths[4 * index];
      const last = sixteenths[4 * index + 3];
      if (!first || !last) throw new Error("sixteen shards");
      return { ...first, id: `wide-${index}`, to: last.to };
    };
    return [quarter(0), quarter(1), quarter(2), ...sixteenths.slice(12)];
  };

  test("are full when the widest is: 7 open at a demand of 3.9 are at 98 %, not at 56 %", () => {
    const decision = decided(stream(7, 3.9, { shards: uneven() }), {}, { entries: calls(10) });
    expect(decision).toMatchObject({
      kind: "SplitShard",
      shardId: "wide-0",
      evidence: { utilisation: 0.975 },
    });
  });

  test("are never merged into one that is above the target: 8 equal ones at a demand of 4.2 stay 8", () => {
    const past = { entries: calls(10) };
    expect(decided(stream(8, 4.2), {}, past)).toMatchObject({ kind: "hold" });
  });

  test("of our own splits are no hot shard: the wide one carries more because it owns more keys", () => {
    const shards = uneven();
    const shardLoads = shards.map((shard) => ({
      shardId: shard.id,
      bytes: 3.9 * shareOf(shard) * SHARD_MINUTE,
      records: 0,
      throttled: 0,
    }));
    const decision = decided(stream(7, 3.9, { shards, shardLoads }), { shardMetrics: true });
    expect(decision).not.toMatchObject({ verdict: "hot-shard" });
    expect(decision).toMatchObject({ direction: "out" });
  });
});

describe("slow consumers", () => {
  const scaledIn = (ago: number, from: number, iteratorAgeMs: number | null = 0) =>
    entry(NOW - ago * MINUTE, {
      action: "kinesis:MergeShards",
      direction: "in",
      ...{ from, to: from - 1, evidence: { iteratorAgeMs } },
    });

  test("that fall behind after our own scale-in get their shards back", () => {
    const past = { entries: [scaledIn(10, 7), scaledIn(11, 8)], lastScaleIn: NOW - 10 * MINUTE };
    const decision = decided(stream(6, 3, { iteratorAgeMs: 120_000 }), {}, past);
    expect(decision).toMatchObject({ kind: "UpdateShardCount", verdict: "consumers-behind", to: 8 });
    expect(decision.reasons[0]).toContain("scaled in from 8 shards");
  });

  test("that were behind before it are not its doing", () => {
    const past = { entries: [scaledIn(10, 8, 90_000)] };
    expect(decided(stream(7, 3, { iteratorAgeMs: 120_000 }), {}, past)).toMatchObject({ kind: "hold" });
  });

  test("that made us undo a scale-in keep the shards for a day, and a person hears it", () => {
    const undo = entry(NOW - 10 * HOUR, { evidence: { undoesScaleIn: true, iteratorAgeMs: 120_000 } });
    expect(decided(stream(10, 1, { iteratorAgeMs: 0 }), {}, { entries: [undo] })).toMatchObject({
      kind: "hold",
      verdict: "consumers-behind",
      notify: true,
    });
  });

  test("that stopped are seen: one read at the last change, none does now", () => {
    const past = { entries: [scaledIn(10 * 60, 11)] };
    expect(decided(stream(10, 1), {}, past)).toMatchObject({ verdict: "consumers-behind", notify: true });
  });
});

describe("few refused records at low utilisation", () => {
  test.each([1, 4])("keep %d shards as they are for two days, and a person hears it", (open) => {
    let past = history();
    for (let at = 0; at < 48 * 60; at += 30) {
      const now = NOW + at * MINUTE;
      const seen = stream(open, 0.02 * open, { now });
      const [first, ...others] = seen.minutes;
      if (!first) throw new Error("sixty minutes");
      const minutes = [...others.slice(0, -3), { ...first, at: now - 2 * MINUTE, throttled: 1 }];
      const decision = decide({ ...seen, minutes }, policy({ max: 1000 }), past, now);
      expect(decision).toMatchObject({ kind: "hold", verdict: "resharding-does-not-help", notify: true });
      expect(decision.reasons[0]).toContain("1 record was refused");
      past = { ...past, version: past.version + 1 };
    }
  });
});

describe("a hot shard", () => {
  const loads = (hot: number, others: number, count = 4) =>
    evenShards(count).map(({ id }, index) => ({
      shardId: id,
      bytes: (index === 1 ? hot : others) * SHARD_MINUTE,
      records: 0,
      throttled: index === 1 && hot >= 1 ? 7 : 0,
    }));

  test("one far above the rest is split, not the whole stream grown", () => {
    const decision = decided(stream(4, 1.3, { throttled: 7, shardLoads: loads(1, 0.1) }), {
      shardMetrics: true,
    });
    expect(decision).toMatchObject({
      kind: "SplitShard",
      verdict: "hot-shard",
      shardId: "shardId-000000000001",
      to: 5,
    });
  });

  test("busy, but not far above the rest: it is a matter of size", () => {
    const decision = decided(stream(4, 3.7, { shardLoads: loads(1, 0.9) }), { shardMetrics: true });
    expect(decision).toMatchObject({ kind: "UpdateShardCount" });
  });

  test("far above the rest, but not busy: nothing to do", () => {
    const decision = decided(stream(4, 2.3, { shardLoads: loads(0.7, 0.2) }), { shardMetrics: true });
    expect(decision).toMatchObject({ kind: "hold", verdict: "on-target" });
  });

  test("a child that kept its parent's load shows one hot key: resharding does not help", () => {
    const split = entry(NOW - 30 * MINUTE, {
      action: "kinesis:SplitShard",
      evidence: { shard: "shardId-parent" },
    });
    const shards = evenShards(4).map((shard, index) =>
      index < 1 || index > 2 ? shard : { ...shard, parentId: "shardId-parent" },
    );
    const shardLoads = loads(1, 0.1).map((load, index) => (index === 2 ? { ...load, bytes: 0 } : load));
    const decision = decided(
      stream(4, 1.2, { throttled: 7, shards, shardLoads }),
      { shardMetrics: true },
      { entries: [split] },
    );
    expect(decision).toMatchObject({ kind: "hold", verdict: "hot-key", notify: true });
    expect(decision.reasons[0]).toContain("Resharding cannot divide a key");
  });

  test("a child that shares the load with its sibling is split once more", () => {
    const split = entry(NOW - 30 * MINUTE, {
      action: "kinesis:SplitShard",
      evidence: { shard: "shardId-parent" },
    });
    const shards = evenShards(6).map((shard, index) =>
      index < 1 || index > 2 ? shard : { ...shard, parentId: "shardId-parent" },
    );
    const shardLoads = loads(1, 0.05, 6).map((load, index) =>
      index === 2 ? { ...load, bytes: 0.9 * SHARD_MINUTE } : load,
    );
    const decision = decided(
      stream(6, 2.1, { throttled: 7, shards, shardLoads }),
      { shardMetrics: true },
      { entries: [split] },
    );
    expect(decision).toMatchObject({ kind: "SplitShard", verdict: "hot-shard" });
  });
});

test("every decision carries its reason and its numbers", () => {
  const decision = decided(stream(5, 4.5));
  expect(decision.reasons[0]).toBe(
    "the last 5 minutes' peak needs 4.5 shards' worth of bytes, 90 % of 5 shards, above 80 %: 8 shards bring it to at most 60 %",
  );
  expect(decision.evidence).toMatchObject({
    openShards: 5,
    demandShards: 4.5,
    utilisation: 0.9,
    quotaUsed: 0,
    throttled: 0,
  });
});

describe("slow consumers with scaleOutOnAge", () => {
  const ON = { scaleOutOnAge: true, max: 20 };
  const behind = (open: number, seconds: number) =>
    stream(open, 0.5 * open, { iteratorAgeMs: seconds * 1000 });
  const made = (minutesAgo: number, seconds: number) => ({
    entries: [
      entry(NOW - minutesAgo * MINUTE, {
        ...{ from: 2, to: 3 },
        evidence: { forConsumers: true, iteratorAgeMs: seconds * 1000 },
      }),
    ],
    lastScaleOut: NOW - minutesAgo * MINUTE,
  });

  test("get half as many shards more, and only with it", () => {
    expect(decided(behind(4, 300), ON)).toMatchObject({
      ...{ kind: "UpdateShardCount", verdict: "consumers-behind", from: 4, to: 6 },
    });
    expect(decided(behind(4, 300)).kind).toBe("hold");
    expect(decided(behind(4, 59), ON).kind).toBe("hold");
  });

  test("are given half an hour to catch up, more where it helped, and no more where it did not", () => {
    expect(decided(behind(3, 300), ON, made(10, 400)).verdict).toBe("awaiting-metrics");
    expect(decided(behind(3, 300), ON, made(40, 400))).toMatchObject({ kind: "UpdateShardCount", to: 5 });
    expect(decided(behind(3, 500), ON, made(40, 400))).toMatchObject({
      ...{ kind: "hold", verdict: "consumers-behind", notify: true },
    });
    expect(decided(behind(20, 300), ON).reasons[0]).toContain("max is 20");
  });

  test("keep what they were given for a day", () => {
    const quiet = stream(8, 0.5, { iteratorAgeMs: 0 });
    expect(decided(quiet, ON, made(300, 400))).toMatchObject({ kind: "hold", verdict: "consumers-behind" });
  });
});
