import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import { DAILY_QUOTA } from "../../../../functions/reshard-streams/decide/measure/quota.ts";
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
  test("at exactly scaleOutAt it holds, above it goes out", () => {
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
      to: 4,
      evidence: { demandUnit: "records", demandShards: 2 },
    });
  });

  test("reads count where the policy asks for them", () => {
    const seen = stream(2, 0, { minutes: [minute(NOW - 2 * MINUTE, { readBytes: 2 * 60 * 2_097_152 })] });
    expect(decided(seen, { reads: true })).toMatchObject({ verdict: "scale-out", to: 4 });
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

  test("throttled though not full: a quarter more", () => {
    expect(decided(stream(8, 2, { throttled: 10 }))).toMatchObject({
      verdict: "scale-out-throttled",
      to: 10,
    });
  });

  test("what was refused before the last scale-out is no news", () => {
    const seen = stream(2, 1, {
      minutes: [minute(NOW - 3 * MINUTE, { bytes: SHARD_MINUTE, throttled: 99 })],
    });
    expect(decided(seen, {}, { lastScaleOut: NOW - 2 * MINUTE })).toMatchObject({ kind: "hold" });
  });

  test("what was refused while it was UPDATING is no news either", () => {
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

  test("to what the look-back's peak needs, at most to half", () => {
    expect(decided(quiet())).toMatchObject({
      verdict: "scale-in",
      from: 10,
      to: 5,
      goal: 2,
      direction: "in",
    });
  });

  test.each([
    [3, 2],
    [5, 3],
    [7, 4],
  ])("of an odd count the ceiling of half: %d -> %d", (from, to) => {
    expect(decided(stream(from, 0))).toMatchObject({ to });
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

  test.each(["lastScaleOut", "lastScaleIn"])("not within the cool-down after %s", (last) => {
    const decision = decided(quiet(), {}, { [last]: NOW - 59 * MINUTE });
    expect(decision).toMatchObject({ kind: "hold", verdict: "cooling-down" });
    expect(decision.reasons[0]).toContain("no scale-in before 2026-11-21T12:01Z");
  });

  test("once the cool-down is over it goes in", () => {
    expect(decided(quiet(), {}, { lastScaleOut: NOW - 60 * MINUTE })).toMatchObject({ verdict: "scale-in" });
  });
});

describe("the daily quota", () => {
  test("the last calls are kept for scale-out", () => {
    expect(decided(stream(10, 1), {}, { entries: calls(5) })).toMatchObject({ verdict: "scale-in" });
    expect(decided(stream(10, 1), {}, { entries: calls(6) })).toMatchObject({
      kind: "hold",
      verdict: "quota-reserved",
    });
    expect(decided(stream(10, 10), {}, { entries: calls(9) })).toMatchObject({ verdict: "scale-out" });
  });

  test("when spent it says when the next call is allowed", () => {
    const decision = decided(stream(10, 10), {}, { entries: calls(10) });
    expect(decision).toMatchObject({ kind: "hold", verdict: "quota-spent", notify: true });
    // The oldest of the ten was 10.5 hours ago.
    expect(decision.reasons[0]).toContain("the next is allowed at 2026-11-22T01:30Z");
  });

  test("a call falls out of the count after 24 hours", () => {
    const old = entry(NOW - 24 * HOUR);
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
      verdict: "quota-spent",
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

  test("one split at a time: its effect is measured first", () => {
    const past = { entries: calls(10), lastScaleOut: NOW - 2.5 * MINUTE };
    const seen = stream(3, 3, { minutes: [minute(NOW - MINUTE, { bytes: 3 * SHARD_MINUTE, throttled: 5 })] });
    expect(decided(seen, {}, past)).toMatchObject({
      kind: "hold",
      verdict: "awaiting-metrics",
      requeue: true,
    });
  });

  test("no split beyond max", () => {
    expect(decided(stream(3, 3, { throttled: 5 }), { max: 3 }, { entries: calls(10) })).toMatchObject({
      verdict: "at-max",
    });
  });

  test("merging is no substitute unless the policy says so", () => {
    expect(decided(stream(4, 1), {}, { entries: calls(10) })).toMatchObject({
      kind: "hold",
      verdict: "quota-spent",
    });
    const merged = decided(stream(4, 1), { mergeWhenQuotaSpent: true }, { entries: calls(10) });
    expect(merged).toMatchObject({ kind: "MergeShards", from: 4, to: 3, direction: "in" });
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
