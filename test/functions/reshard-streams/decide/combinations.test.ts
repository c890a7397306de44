/** Two troubles of a stream at once, and what only looks like one: each was decided, or told, wrongly once. */

import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import type { OpenShard } from "../../../../functions/reshard-streams/model/observation.ts";
import { conditionsOf } from "../../../../functions/reshard-streams/notify/conditions.ts";
import type { Incident } from "../../../../shared/incidents/incident.ts";
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

/** The first two of `count` even shards are one: it is as wide as two others. */
function oneWide(count: number) {
  const [first, second, ...others] = evenShards(count);
  if (!first || !second) throw new Error("two shards");
  return [{ ...first, to: second.to }, ...others];
}

/** The other end of the hash keys. */
function mirrored(shard: OpenShard): OpenShard {
  const last = 2n ** 128n - 1n;
  return { ...shard, from: last - shard.to, to: last - shard.from };
}

type Seen = Parameters<typeof decide>[0];
const KEYS = { targetUtilisation: 0.8, scaleOutAt: 0.9 };
const decided = (seen: Seen, keys: Record<string, unknown> = {}, past: Parameters<typeof history>[0] = {}) =>
  decide(seen, policy({ ...KEYS, ...keys }), history(past), NOW);

const ago = (minutes: number) => NOW - minutes * MINUTE;
const refused = (detail: string, code = "refused", from = 4, to = 8) =>
  entry(ago(5), { from, to }, { result: "refused", at: ago(5), code, detail });

describe("bursts are refused at a mean that fits", () => {
  const bursts = (open: number, rest: Partial<Seen> = {}) =>
    stream(open, 0.6 * open, { throttled: 2_000 * open, ...rest });

  test("at max: that is what stands in the way, for nobody knows that more shards do not help", () => {
    expect(decided(bursts(4), { max: 4 })).toMatchObject({
      ...{ kind: "hold", verdict: "at-max", notify: true },
      reasons: [
        expect.stringContaining("5 shards would leave bursts more room, but 4 shards are open and max is 4"),
      ],
    });
  });

  test("with no call left: a split of one of several equal shards leaves no room, so a person is told until when", () => {
    expect(decided(bursts(4), {}, { entries: calls(10) })).toMatchObject({
      ...{ kind: "hold", verdict: "quota-spent", notify: true },
      reasons: [expect.stringContaining("the next is allowed at 2026-11-22T01:31Z")],
    });
  });

  test.each([
    ["the only shard", evenShards(1)],
    ["the one that is wider than the others", oneWide(8)],
    ["the wide one wherever it is", oneWide(8).toReversed().map(mirrored)],
  ])("with no call left, %s is split", (_, shards) => {
    const widest = shards.toSorted((a, b) => Number(b.to - b.from - (a.to - a.from)))[0];
    expect(decided(bursts(shards.length, { shards }), {}, { entries: calls(10) })).toMatchObject({
      ...{ kind: "SplitShard", verdict: "split-without-quota", shardId: widest?.id },
    });
  });

  test("half a percent is tolerated, and nothing is added for it", () => {
    const few = (rest: object) =>
      stream(4, 0, {
        ...rest,
        minutes: Array.from({ length: 60 }, (_, at) =>
          minute(ago(60 - at), { bytes: 2 * SHARD_MINUTE, records: 995, throttled: 5 }),
        ),
      });
    expect(decided(few({}))).toMatchObject({ verdict: "resharding-does-not-help" });
    expect(decided(few({ mode: "ON_DEMAND", arn: "arn" }))).toMatchObject({
      verdict: "on-demand",
      notify: false,
    });
  });

  test("on demand: a person is told, with what AWS does not see", () => {
    for (const advantage of [true, false]) {
      const decision = decided(bursts(4, { mode: "ON_DEMAND", advantage, arn: "arn" }));
      expect(decision).toMatchObject({ verdict: "resharding-does-not-help", notify: true });
      expect(decision.reasons[0]).toMatch(
        /^48,000 records were refused .* at 61 % of what it takes at once: .* AWS sizes it by whole minutes/,
      );
    }
  });
});

describe("reads are refused", () => {
  const reads = (share: number, rest: object = {}) =>
    stream(4, 0, {
      minutes: Array.from({ length: 60 }, (_, at) =>
        minute(ago(60 - at), {
          ...{ bytes: SHARD_MINUTE, records: 1_000, throttledReads: 900, ...rest },
          readBytes: share * 4 * 2 * SHARD_MINUTE,
        }),
      ),
    });

  test("at a mean that fits: consumers poll too often, and producers have nothing to do with it", () => {
    const decision = decided(reads(0.5), { reads: true });
    expect(decision).toMatchObject({ verdict: "resharding-does-not-help", notify: true });
    expect(decision.reasons[0]).toMatch(/^5,400 reads were refused at 50 % .* or use enhanced fan-out$/);
    expect(decision.reasons[0]).not.toMatch(/records|producer/);
    expect(conditionsOf(decision, "nothing")).toMatchObject([
      { text: expect.stringMatching(/^reads are refused/) },
    ]);
  });

  test("on demand as well", () => {
    const decision = decided({ ...reads(0.5), mode: "ON_DEMAND", arn: "arn" }, { reads: true });
    expect(decision.reasons[0]).toMatch(/^5,400 reads were refused at 50 %/);
  });

  test("at a mean that does not: they are no part of the demand", () => {
    expect(decided(reads(0.95), { reads: true })).toMatchObject({
      ...{ kind: "UpdateShardCount", to: 5 },
      reasons: [expect.stringContaining("95 % of 4 shards, and 5,400 reads were refused, above 90 %")],
    });
  });

  test("within the look-back: they, and no records, hold back a scale-in", () => {
    const past = reads(0.2).minutes.map((each) => ({ ...each, throttledReads: each.at < ago(20) ? 1 : 0 }));
    expect(decided(stream(4, 0, { minutes: past }), { reads: true }).reasons[0]).toBe(
      "fewer shards would be enough, but reads were refused within the last 60 minutes",
    );
  });

  test("and writes as well: both are counted", () => {
    const both = decided(reads(0.5, { throttled: 1 }), { reads: true });
    expect(both.reasons[0]).toContain("6 records and 5,400 reads were refused (0.100 % of the writes)");
  });
});

describe("a scale-in that strands consumers", () => {
  const behind = (open: number, rest: Partial<Seen> = {}) =>
    stream(open, 0.7 * open, { iteratorAgeMs: 500_000, ...rest });
  const scaledIn = (iteratorAgeMs: number | null) =>
    entry(ago(30), { direction: "in", from: 16, to: 8, evidence: { iteratorAgeMs } });

  test("and AWS refuses the undo: that is told, not that all is on target", () => {
    const past = { entries: [refused("no", "refused", 8, 16), scaledIn(100)], lastScaleIn: ago(30) };
    expect(decided(behind(8), {}, past)).toMatchObject({
      ...{ kind: "hold", verdict: "refused-lately", notify: true },
      evidence: { consumersLate: true },
    });
  });

  test("that was undone as far as it went is no matter any more, nor one before a scale-out for the traffic", () => {
    const back = { entries: [scaledIn(100)], lastScaleIn: ago(30) };
    expect(decided(behind(16), {}, back)).toMatchObject({ verdict: "on-target" });
    const out = entry(ago(10), { from: 8, to: 9 });
    expect(decided(behind(9), {}, { entries: [out, scaledIn(100)], lastScaleOut: ago(10) })).toMatchObject({
      verdict: "on-target",
    });
  });

  test("and max was lowered since: a person is told why it is not undone", () => {
    const past = { entries: [scaledIn(100)], lastScaleIn: ago(30) };
    expect(decided(behind(8), { max: 8 }, past)).toMatchObject({
      ...{ kind: "hold", verdict: "consumers-behind", notify: true },
      reasons: [expect.stringContaining("is not undone, because max is 8")],
    });
  });

  test("at max and writes are refused as well: what producers lose is told, not that consumers are late", () => {
    const seen = stream(8, 4.8, { iteratorAgeMs: 500_000, throttled: 20_000 });
    const past = { entries: [scaledIn(100)], lastScaleIn: ago(30) };
    expect(decided(seen, { max: 8 }, past)).toMatchObject({ verdict: "at-max", notify: true });
    expect(decided(seen, { max: 8, scaleOutOnAge: true })).toMatchObject({ verdict: "at-max", notify: true });
    const few = stream(8, 4.8, { iteratorAgeMs: 500_000, throttled: 1 });
    expect(decided(few, { max: 8, scaleOutOnAge: true })).toMatchObject({ verdict: "consumers-behind" });
  });

  test("is not one where nobody read then: a consumer that begins at the oldest record is behind", () => {
    const past = { entries: [scaledIn(null)], lastScaleIn: ago(30) };
    expect(decided(behind(8), {}, past)).toMatchObject({ kind: "hold", verdict: "on-target" });
    const later = entry(ago(20), { direction: "in", from: 8, to: 7, evidence: { iteratorAgeMs: 100 } });
    expect(decided(behind(7), {}, { ...past, entries: [later, scaledIn(null)] })).toMatchObject({
      ...{ verdict: "consumers-behind", to: 8, goal: 8 },
    });
  });
});

test("warm throughput that was released is no shard: a stream that is provisioned since is not given so many", () => {
  const released = entry(ago(30), {
    ...{ action: "kinesis:UpdateStreamWarmThroughput", direction: "in", from: 40, to: 8 },
    evidence: { iteratorAgeMs: 100 },
  });
  const seen = stream(8, 5.6, { iteratorAgeMs: 500_000 });
  expect(decided(seen, {}, { entries: [released], lastScaleIn: ago(30) })).toMatchObject({
    verdict: "on-target",
  });
});

describe("a stream that was deleted and created again under its name", () => {
  const fresh = (demand: number, rest: Partial<Seen> = {}) =>
    stream(2, demand, { createdAt: ago(10), ...rest });

  test("counts from the moment that it was created", () => {
    const taken = calls(10).map((one) => ({ ...one, intent: { ...one.intent, at: ago(10) } }));
    expect(decided(fresh(3), {}, { entries: taken })).toMatchObject({ verdict: "split-without-quota" });
  });

  test("has all of its calls", () => {
    expect(decided(fresh(3), {}, { entries: calls(10) })).toMatchObject({ kind: "UpdateShardCount", to: 4 });
  });

  test("is not held back by what AWS refused of the old one", () => {
    const old = { ...refused("not now"), intent: { ...refused("not now").intent, at: ago(12) } };
    expect(decided(fresh(3), {}, { entries: [old] })).toMatchObject({ kind: "UpdateShardCount", to: 4 });
  });

  test("is not given the shards that the old one lost", () => {
    const scaledIn = entry(ago(30), { direction: "in", from: 16, to: 8, evidence: { iteratorAgeMs: 0 } });
    const seen = fresh(1, { iteratorAgeMs: 500_000 });
    expect(decided(seen, {}, { entries: [scaledIn], lastScaleIn: ago(30) })).toMatchObject({
      verdict: "on-target",
    });
  });

  test("has no consumers that stopped, for they read the old one", () => {
    const known: Incident = {
      ...{ key: "consumers", kind: "condition", id: "i", code: "consumers-stopped", text: "" },
      ...{ severity: "critical", since: ago(60), sequence: 1, causes: {} },
    };
    const past = {
      incidents: { resource: "stream/orders", version: 1, incidents: { consumers: known }, waiting: [] },
    };
    const reads = { polling: [], fanOut: [] };
    expect(decided(fresh(1, { reads }), {}, past).findings).toBeUndefined();
    expect(decided(stream(2, 1, { reads }), {}, past).findings).toHaveLength(1);
  });

  test("and is being deleted is not promised a change", () => {
    expect(decided(fresh(1, { status: "DELETING" })).reasons[0]).toBe(
      "the stream is DELETING: it is not changed any more",
    );
  });
});

describe("at max with shards of unequal width, which would be enough if they were equal", () => {
  const [a, b, c, d, e] = evenShards(10).flatMap((shard, at, all) => {
    // As splits and merges leave them: four tenths, twice two, and twice one.
    const last = [3, 5, 7, 8, 9][[0, 4, 6, 8, 9].indexOf(at)];
    return last === undefined ? [] : [{ ...shard, to: all[last]?.to ?? shard.to }];
  });
  if (!a || !b || !c || !d || !e) throw new Error("five shards");
  const uneven = stream(5, 2.6, { shards: [a, b, c, d, e] });

  test.each([
    ["by a split where no call is left", calls(10), { kind: "SplitShard", shardId: a.id }],
    ["by a call that makes them equal", [], { kind: "UpdateShardCount", from: 4, to: 5 }],
  ])("two narrow ones are merged, and the widest is narrowed %s", (_, entries, second) => {
    const merged = decided(uneven, { max: 5 }, { entries });
    expect(merged).toMatchObject({
      ...{ kind: "MergeShards", verdict: "rebalance", shardId: d.id, adjacentShardId: e.id, goal: 4 },
      reasons: [expect.stringContaining("max is 5. Equal shards would be used at 52 %: two narrow ones")],
    });
    if (merged.kind === "hold") return;
    const after = stream(4, 2.6, { shards: shardsAfter(uneven.shards, merged) });
    expect(decided(after, { max: 5 }, { entries })).toMatchObject(second);
  });

  test("the same where the account has no more shards: a merge and a split need none", () => {
    const no = refused("Current shard count for the account: 500. Limit: 500.", "account", 5, 6);
    const split = { ...no, intent: { ...no.intent, action: "kinesis:SplitShard" } };
    const entries = [split, ...calls(10)];
    const merged = decided(uneven, {}, { entries });
    expect(merged).toMatchObject({
      ...{ kind: "MergeShards", verdict: "rebalance" },
      reasons: [
        expect.stringContaining("5 shards are open and the account's limit of shards is reached. Equal"),
      ],
    });
    if (merged.kind === "hold") return;
    const after = stream(4, 2.6, { shards: shardsAfter(uneven.shards, merged) });
    expect(decided(after, {}, { entries })).toMatchObject({ kind: "SplitShard", shardId: a.id });
    const denied = { ...split, outcome: { ...split.outcome, code: "refused" } };
    expect(decided(uneven, {}, { entries: [denied, ...calls(10)] })).toMatchObject({
      verdict: "refused-lately",
    });
  });

  test("nothing is merged that one shard would not take", () => {
    const three = [
      { ...a, id: "wide" },
      { ...b, to: c.to },
      { ...d, to: e.to },
    ];
    const wide = [{ ...a, to: b.to }, c, { ...d, to: e.to }];
    expect(decided(stream(3, 2.3, { shards: three }), { max: 3 })).toMatchObject({ verdict: "at-max" });
    expect(decided(stream(3, 1.6, { shards: wide }), { max: 3 })).toMatchObject({ verdict: "rebalance" });
  });

  test("nothing is merged where equal ones would not be enough, or AWS has just refused a merge", () => {
    expect(decided({ ...uneven, ...{ minutes: stream(5, 4.6).minutes } }, { max: 5 })).toMatchObject({
      verdict: "at-max",
    });
    const no = refused("no", "refused", 5, 4);
    const entries = [{ ...no, intent: { ...no.intent, direction: "in" as const } }];
    expect(decided(uneven, { max: 5 }, { entries })).toMatchObject({ verdict: "at-max" });
  });

  test("it comes to rest: each step leaves fewer shards that are too wide", () => {
    let { shards } = uneven;
    const verdicts: string[] = [];
    for (let step = 0; step < 6; step += 1) {
      const decision = decided(stream(shards.length, 3.5, { shards }), { max: 5 }, { entries: calls(10) });
      verdicts.push(decision.verdict);
      if (decision.kind === "hold") break;
      shards = shardsAfter(shards, decision);
    }
    expect(verdicts).toEqual(["rebalance", "split-without-quota", "on-target"]);
  });
});

describe("one key carries a shard", () => {
  /** Two wide shards that are full, and a narrow one that one key fills. */
  const [first, second, third, ...others] = evenShards(10);
  const narrow = others.at(-1);
  if (!first || !second || !third || !narrow) throw new Error("ten shards");
  const shards = [
    { ...first, to: others[0]?.to ?? first.to },
    { ...others[1], id: "wide", from: others[1]?.from ?? 0n, to: others.at(-2)?.to ?? 0n },
    { ...narrow, parentId: "parent" },
  ];
  const loads = (full: number) =>
    shards.map(({ id }) => ({
      ...{ shardId: id, records: 0, throttled: id === narrow.id ? 20_000 : 0 },
      bytes: (id === narrow.id ? 1 : full) * SHARD_MINUTE,
    }));
  const split = entry(ago(60), { action: "kinesis:SplitShard", evidence: { shard: "parent" } });
  const seen = (full: number) =>
    stream(3, 0, {
      ...{ shards, shardLoads: loads(full) },
      minutes: stream(3, 1 + 2 * full, { throttled: 20_000 }).minutes,
    });
  const past = { entries: [split], lastScaleOut: ago(60) };

  test("and the others are full as well: the stream is too small, and gets more", () => {
    expect(decided(seen(0.95), { shardMetrics: true }, past)).toMatchObject({ direction: "out", from: 3 });
    expect(decided(seen(0.3), { shardMetrics: true }, past)).toMatchObject({ verdict: "hot-key" });
  });

  test("and refuses so much that the demand seems to need more shards: they would not help, as the others are idle", () => {
    const even = evenShards(4).map((shard, at) => ({ ...shard, ...(at < 2 && { parentId: "parent" }) }));
    const shardLoads = even.map(({ id }, at) => ({
      ...{ shardId: id, records: 0, throttled: at === 0 ? 400_000 : 0 },
      bytes: (at === 0 ? 1 : 0.1) * SHARD_MINUTE,
    }));
    const refusing = stream(4, 1.3, { shards: even, shardLoads, throttled: 400_000 });
    expect(decided(refusing, { shardMetrics: true }, past)).toMatchObject({ verdict: "hot-key" });
    expect(decided(refusing, {}, past)).toMatchObject({ verdict: "hot-key" });
  });

  test("on demand and the others are full as well: it is warmed up, where it can be", () => {
    const onDemand = { ...seen(0.95), mode: "ON_DEMAND" as const, arn: "arn" };
    const keys = { shardMetrics: true };
    expect(decided({ ...onDemand, advantage: true }, keys)).toMatchObject({
      kind: "UpdateStreamWarmThroughput",
    });
    expect(decided({ ...onDemand, advantage: false }, keys)).toMatchObject({ verdict: "hot-key" });
    expect(decided({ ...onDemand, advantage: true }, { ...keys, distribution: "auto" })).toMatchObject({
      kind: "UpdateStreamRecordDistributionStrategy",
    });
  });
});

describe("a window", () => {
  const windows = (during: string) => ({ windows: [{ during, min: 8 }] });

  test("that opens or closes is looked at then, and not up to a scan interval later", () => {
    expect(decided(stream(2, 1), windows("Sat 12:07-13:00 UTC"))).toMatchObject({
      observeAt: NOW + 7 * MINUTE,
    });
    expect(decided(stream(8, 1), windows("Sat 08:00-12:20 UTC"))).toMatchObject({
      observeAt: NOW + 20 * MINUTE,
    });
    expect(decided(stream(2, 1), windows("Sat 13:00-14:00 UTC"))).toMatchObject({ observeAt: NOW + HOUR });
    expect(decided(stream(2, 1), windows("Sat 13:01-14:00 UTC"))).not.toHaveProperty("observeAt");
    expect(decided(stream(2, 1), windows("2026-11-21 10:00 - 2026-11-21 11:00 UTC"))).not.toHaveProperty(
      "observeAt",
    );
    const both = {
      windows: [...windows("Sat 12:30-13:00 UTC").windows, ...windows("Sat 12:07-12:20 UTC").windows],
    };
    expect(decided(stream(2, 1), both)).toMatchObject({ observeAt: NOW + 7 * MINUTE });
    const rise = { windows: [{ during: "Sat 12:07-13:00 UTC", min: 8 }], forecast: "off" };
    expect(decided(stream(2, 1), rise)).toMatchObject({ observeAt: NOW + 7 * MINUTE });
  });

  test("that opens within an hour keeps what it asks for: it would be brought back then", () => {
    expect(decided(stream(9, 1), windows("Sat 12:50-13:50 UTC"))).toMatchObject({
      kind: "MergeShards",
      goal: 8,
    });
    expect(decided(stream(8, 1), windows("Sat 12:50-13:50 UTC"))).toMatchObject({ kind: "hold" });
    expect(decided(stream(8, 1), windows("Sat 13:00-13:50 UTC"))).toMatchObject({ kind: "hold" });
    expect(decided(stream(8, 1), windows("2026-11-21 10:00 - 2026-11-21 11:00 UTC"))).toMatchObject({
      goal: 2,
    });
    expect(decided(stream(8, 1), windows("Sat 13:01-13:50 UTC"))).toMatchObject({
      kind: "MergeShards",
      goal: 2,
    });
    const first = { during: "Sat 12:00-14:00 UTC", min: 2 };
    const hidden = { windows: [first, { during: "Sat 12:50-13:50 UTC", min: 8 }] };
    expect(decided(stream(8, 1), hidden)).toMatchObject({ kind: "MergeShards", goal: 2 });
    const warm = stream(4, 1, { mode: "ON_DEMAND", advantage: true, warmMiBps: 8, arn: "arn" });
    expect(decided(warm, windows("Sat 12:50-13:50 UTC"))).toMatchObject({ kind: "hold" });
  });

  test("of an on-demand stream that cannot be warmed up for it says so", () => {
    const onDemand = stream(4, 1, { mode: "ON_DEMAND", advantage: false, arn: "arn" });
    expect(decided(onDemand, windows("Sat 11:00-13:00 UTC")).reasons[0]).toContain(
      "it takes 4 MiB/s at once, less than min 8: the account has no On-demand Advantage",
    );
  });
});

test("warm throughput that nobody needs is not released without the commitment, and the reason says so", () => {
  const warm = (advantage?: boolean) =>
    decided(
      stream(4, 1, {
        mode: "ON_DEMAND",
        warmMiBps: 20,
        arn: "arn",
        ...(advantage !== undefined && { advantage }),
      }),
    );
  expect(warm(false).reasons[0]).toBe(
    "2 MiB/s would be enough of the 20 that are kept warm, but the account has no On-demand Advantage any more: they are not released",
  );
  expect(warm().reasons[0]).toContain("AWS did not say whether the account has On-demand Advantage");
  expect(warm(true)).toMatchObject({ verdict: "release-warm-throughput", to: 2 });
});

describe("a change that is smaller than what would fit says why", () => {
  test.each([
    ["max", stream(8, 9), { max: 10 }, [], /12 shards bring it to at most 80 %, but max is 10$/],
    [
      "the account's limit",
      stream(4, 6),
      {},
      [refused("Current shard count for the account: 498. Limit: 500.", "account")],
      /8 shards bring it to at most 80 %, but the account's limit of shards allows 6$/,
    ],
    [
      "max, of warm throughput",
      stream(4, 30, { mode: "ON_DEMAND", advantage: true, warmMiBps: 8, arn: "arn" }),
      { max: 10 },
      [],
      /38 MiB\/s bring it to at most 80 %, but max is 10 \(4 shards open\)$/,
    ],
  ])("%s", (_, seen, keys, entries, reason) => {
    const decision = decided(seen, keys, { entries });
    expect(decision).toMatchObject({ direction: "out" });
    expect(decision.reasons[0]).toMatch(reason);
  });
});

test("a reason speaks of one split, and of one record, as of one", () => {
  const one = decided(stream(7, 3.7, { shards: oneWide(8) }), {}, { entries: calls(6) });
  expect(one.reasons[0]).toContain("; one split does that, which has no daily quota");
  const minutes = stream(4, 3.9).minutes.map((each, at) => ({ ...each, throttled: at === 58 ? 1 : 0 }));
  expect(decided(stream(4, 0, { minutes })).reasons[0]).toContain(", 1 record that was refused included,");
});

test("with a single minute of scale-out a reason speaks of one", () => {
  expect(decided(stream(4, 3), { scaleOutMinutes: 1 }).reasons[0]).toContain(
    "75 % of 4 shards in the last minute,",
  );
});
