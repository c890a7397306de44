/** Each of them was decided wrongly once, or is a near relative of one that was. */

import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import { profileAfter } from "../../../../functions/reshard-streams/decide/measure/demand-profile.ts";
import { ACCOUNT_LIMIT } from "../../../../functions/reshard-streams/decide/rules/refused-lately.ts";
import type { Minute } from "../../../../functions/reshard-streams/model/observation.ts";
import { conditionsOf } from "../../../../functions/reshard-streams/notify/conditions.ts";
import { parseProfile } from "../../../../functions/reshard-streams/observe/profile.ts";
import type { Incident } from "../../../../shared/incidents/incident.ts";
import {
  calls,
  entry,
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
) => decide(seen, policy({ targetUtilisation: 0.75, scaleOutAt: 0.85, ...keys }), history(past), NOW);

const ago = (minutes: number) => NOW - minutes * MINUTE;

/** The minutes of the look-back, by how long ago they were. */
const minutesWith = (valuesAgo: (minutesAgo: number) => Partial<Minute> | undefined): Minute[] =>
  Array.from({ length: 60 }, (_, index) => 60 - index).flatMap((each) => {
    const values = valuesAgo(each);
    return values ? [minute(ago(each), values)] : [];
  });

describe("records that are refused, after a scale-out", () => {
  const steadily = (shards: number, throttled: number) =>
    stream(10, 0, {
      minutes: minutesWith(() => ({ bytes: shards * SHARD_MINUTE, records: 300_000, throttled })),
    });

  test("that was for something else: more shards are tried, for they were not", () => {
    const past = { entries: [entry(ago(40), { from: 8, to: 10 })], lastScaleOut: ago(40) };
    expect(decided(steadily(7.9, 50_000), {}, past)).toMatchObject({
      kind: "UpdateShardCount",
      from: 10,
      to: 13,
    });
    expect(decided(steadily(6, 200_000), {}, past)).toMatchObject({
      kind: "UpdateShardCount",
      from: 10,
      to: 13,
    });
  });

  test("less than half an hour ago: what was refused before it is offered again, and no more is bought for that", () => {
    const past = (minutes: number) => ({ entries: [], lastScaleOut: ago(minutes) });
    expect(decided(steadily(6, 200_000), {}, past(29))).toMatchObject({
      kind: "hold",
      verdict: "awaiting-metrics",
      notify: false,
      requeue: true,
      reasons: [expect.stringContaining("offer again what was refused before it")],
    });
    expect(decided(steadily(6, 200_000), {}, past(30))).toMatchObject({ kind: "UpdateShardCount", to: 13 });
  });

  const tried = (throttledShare: number) => ({
    entries: [entry(ago(40), { from: 8, to: 10, evidence: { throttled: 900, throttledShare } })],
    lastScaleOut: ago(40),
  });

  test("that more than halved them: it helped, and more are added", () => {
    expect(decided(steadily(6, 15_000), {}, tried(0.2))).toMatchObject({ verdict: "scale-out-throttled" });
  });

  test("that did not: more shards do not help, and a person hears it", () => {
    expect(decided(steadily(6, 15_000), {}, tried(0.06))).toMatchObject({
      ...{ kind: "hold", verdict: "resharding-does-not-help", notify: true },
    });
  });
});

describe("bursts that made it scale out", () => {
  const DAY = 24 * HOUR;
  const burst = entry(NOW - HOUR, { from: 1, to: 2, evidence: { throttledShare: 0.03, demandShards: 0.6 } });
  /** As it is kept after the ledger's day, and read again. */
  const kept = (at: number) => {
    const past = history({ entries: [{ ...burst, intent: { ...burst.intent, at } }] });
    const profile = profileAfter(stream(2, 0.5, { now: at + HOUR }), [], 60, at + HOUR, past);
    return parseProfile(JSON.stringify(profile));
  };
  const seen = (throttled: number, at: number) => {
    const profile = kept(at);
    return stream(2, 0.6, { throttled, ...(profile && { profile }) });
  };

  test("keep the shards for eight days, where the demand is like it was", () => {
    expect(decided(seen(0, NOW - 3 * DAY))).toMatchObject({ kind: "hold", verdict: "busy-in-look-back" });
    expect(decided(seen(0, NOW - 8 * DAY))).toMatchObject({ kind: "MergeShards" });
  });

  test("are not answered by a quarter more on each day that they go on: that did not help", () => {
    expect(decided(seen(100_000, NOW - 3 * DAY))).toMatchObject({ verdict: "resharding-does-not-help" });
    expect(decided(seen(100_000, NOW - 8 * DAY))).toMatchObject({ verdict: "scale-out-throttled" });
  });
});

describe("below min with the quota spent", () => {
  test.each([0, 4])("at a demand of %d shards it is raised by splits, as far as min", (demand) => {
    let { shards } = stream(3, 0);
    for (const open of [3, 4, 5]) {
      const decision = decided(stream(open, demand, { shards }), { min: 6 }, { entries: calls(10) });
      expect(decision).toMatchObject({ kind: "SplitShard", verdict: "split-without-quota", to: open + 1 });
      if (decision.kind !== "hold") shards = shardsAfter(shards, decision);
    }
    expect(decided(stream(6, 0, { shards }), { min: 6 }, { entries: calls(10) })).toMatchObject({
      kind: "hold",
    });
  });
});

describe("above max", () => {
  test("with no call left it is lowered by merges, where they fit", () => {
    expect(decided(stream(8, 2), { max: 5 }, { entries: calls(10) })).toMatchObject({
      ...{ kind: "MergeShards", verdict: "lower-to-max", to: 7, goal: 5 },
    });
  });

  test("where no merge fits it waits for a call", () => {
    expect(decided(stream(8, 4), { max: 7 }, { entries: calls(10) })).toMatchObject({
      verdict: "quota-spent",
    });
  });
});

describe("a scale-in that strands consumers", () => {
  const behind = (open: number) => stream(open, 1, { iteratorAgeMs: 500_000 });
  const scaledIn = entry(ago(30), { direction: "in", from: 16, to: 8, evidence: { iteratorAgeMs: 100 } });
  const further = entry(ago(20), { direction: "in", from: 8, to: 4, evidence: { iteratorAgeMs: 100 } });
  const past = { entries: [further, scaledIn], lastScaleIn: ago(20) };

  test("is undone step by step, up to the count before the first", () => {
    const first = decided(behind(4), {}, past);
    expect(first).toMatchObject({ kind: "UpdateShardCount", from: 4, to: 8, goal: 16 });
    const undoing = entry(ago(3), { from: 4, to: 8, evidence: first.evidence });
    const after = { entries: [undoing, ...past.entries], lastScaleOut: ago(3), lastScaleIn: ago(20) };
    expect(decided(behind(8), {}, after)).toMatchObject({ verdict: "consumers-behind", from: 8, to: 16 });
    expect(decided(behind(16), {}, after)).toMatchObject({ kind: "hold" });
  });

  test("is undone by splits, when no call is left", () => {
    expect(decided(behind(4), {}, { ...past, entries: [...past.entries, ...calls(10)] })).toMatchObject({
      ...{ kind: "SplitShard", to: 5, goal: 16 },
    });
  });

  const refused = entry(
    ago(2),
    { from: 4, to: 8 },
    {
      result: "refused",
      code: ACCOUNT_LIMIT,
      detail: "Current shard count for the account: 498. Limit: 500.",
    },
  );

  test("is undone as far as the account has shards", () => {
    expect(decided(behind(4), {}, { ...past, entries: [refused, ...past.entries] })).toMatchObject({ to: 6 });
  });

  test("for slow consumers too the account's room is the limit", () => {
    expect(decided(behind(4), { scaleOutOnAge: true }, { entries: [refused] })).toMatchObject({ to: 6 });
  });
});

describe("metrics", () => {
  test("that stopped coming are no proof of little traffic, though the look-back has a quiet minute left", () => {
    const minutes = [minute(ago(55), { bytes: SHARD_MINUTE })];
    const seen = (heartbeat: boolean) => decided(stream(16, 0, { minutes, heartbeat }));
    expect(seen(false)).toMatchObject({ kind: "hold", verdict: "metrics-incomplete" });
    expect(seen(true)).toMatchObject({ kind: "MergeShards" });
  });

  test("of which records come later than bytes count as far as all are known, with a single minute of scale-out", () => {
    const minutes = minutesWith((each) =>
      each < 2 ? undefined : { bytes: SHARD_MINUTE, records: each < 4 ? 0 : 3.9 * 60_000 },
    );
    const seen = { minutes, knownUntil: ago(4) };
    expect(decided(stream(4, 0, seen), { scaleOutMinutes: 1 })).toMatchObject({ direction: "out" });
  });
});

describe("consumers that stopped", () => {
  const readUntil = (minutesAgo: number, from = 60) =>
    Array.from({ length: from - minutesAgo + 1 }, (_, index) => ago(from - index));
  const stopped = (reads: { polling?: number[]; fanOut?: number[] }, rest: object = {}) =>
    stream(4, 2.6, { reads: { polling: [], fanOut: [], ...reads }, heartbeat: true, ...rest });
  const found = (seen: Parameters<typeof decide>[0], past: Parameters<typeof history>[0] = {}) =>
    (decided(seen, {}, past).findings ?? []).map(({ key, severity }) => `${key} ${severity}`);

  test("are found though the size fits, with the time they last read, and are notified of", () => {
    const decision = decided(stopped({ polling: readUntil(20) }));
    expect(decision).toMatchObject({
      verdict: "on-target",
      evidence: { consumersLastReadAt: "2026-11-21T11:40Z" },
    });
    expect(conditionsOf(decision, "nothing")).toMatchObject([
      { key: "consumers", code: "consumers-stopped", severity: "critical" },
    ]);
    expect(decision.findings?.[0]?.text).toContain("no consumer has read it since 2026-11-21T11:40Z");
  });

  test("also on demand, and with enhanced fan-out", () => {
    expect(found(stopped({ polling: readUntil(20) }, { mode: "ON_DEMAND" }))).toEqual(["consumers critical"]);
    expect(found(stopped({ fanOut: readUntil(30) }))).toEqual(["fan-out-consumers critical"]);
  });

  test("are less urgent while consumers of the other kind read", () => {
    const reads = { polling: readUntil(1), fanOut: readUntil(30) };
    expect(found(stopped(reads, { iteratorAgeMs: 900 }))).toEqual(["fan-out-consumers warning"]);
  });

  test.each([
    ["within the time that metrics are late", stopped({ polling: readUntil(13) })],
    [
      "where no record came since",
      stopped(
        { polling: readUntil(20) },
        { minutes: minutesWith((each) => (each < 20 ? undefined : { bytes: 100 })) },
      ),
    ],
    [
      "where the first record since has only just come",
      stopped(
        { polling: readUntil(40) },
        { minutes: minutesWith((each) => (each < 40 && each > 3 ? undefined : { bytes: 100 })) },
      ),
    ],
    [
      "of one that reads in batches, by its pauses",
      stopped({ polling: [...readUntil(48, 60), ...readUntil(18, 30)] }),
    ],
    ["of one that read for a few minutes only", stopped({ polling: readUntil(30, 35) })],
    [
      "while CloudWatch does not answer for all",
      stopped({ polling: readUntil(20) }, { metricsComplete: false }),
    ],
    ["of a stream that nobody ever read", stopped({})],
  ])("are not found %s", (_, seen) => {
    expect(found(seen)).toEqual([]);
  });

  const incident = (since: number): Parameters<typeof history>[0] => {
    const known: Incident = {
      ...{
        key: "consumers",
        kind: "condition",
        id: "i",
        code: "consumers-stopped",
        text: "",
        severity: "critical",
      },
      ...{ since, sequence: 1, causes: {} },
    };
    return {
      incidents: { resource: "stream/orders", version: 1, incidents: { consumers: known }, waiting: [] },
    };
  };

  test("stand beyond the look-back, until one reads, or what was not read is gone", () => {
    expect(found(stopped({}), incident(ago(5 * 60)))).toEqual(["consumers critical"]);
    expect(found(stopped({ polling: readUntil(1, 2) }), incident(ago(5 * 60)))).toEqual([]);
    expect(found(stopped({}), incident(NOW - 24 * HOUR))).toEqual([]);
    expect(found(stopped({}, { retentionHours: 168 }), incident(NOW - 24 * HOUR))).toEqual([
      "consumers critical",
    ]);
  });

  test("keep the shards", () => {
    expect(
      decided({ ...stopped({ polling: readUntil(20) }), ...{ minutes: stream(4, 0.5).minutes } }),
    ).toMatchObject({
      ...{ kind: "hold", verdict: "consumers-behind", notify: true },
    });
  });
});
