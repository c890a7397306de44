import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import { interruptedRun } from "../../../../../functions/reshard-streams/decide/recover-intent.ts";
import { undoOf } from "../../../../../functions/reshard-streams/decide/undo.ts";
import type { Observation } from "../../../../../functions/reshard-streams/model/observation.ts";
import type { Entry } from "../../../../../shared/ledger/entry.ts";
import { entry, HOUR, history, MINUTE, NOW, policy, SHARD_MINUTE, stream } from "../../stream.ts";

const ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/orders";
const KEYS = { targetUtilisation: 0.75, scaleOutAt: 0.85, max: 40 };

/** An on-demand stream of 4 shards in an account with On-demand Advantage. */
const onDemand = (demand: number, rest: Parameters<typeof stream>[2] = {}) =>
  stream(4, demand, { mode: "ON_DEMAND", arn: ARN, advantage: true, ...rest });

const decided = (observation: Observation, keys: object = {}, entries: Entry[] = [], more: object = {}) =>
  decide(observation, policy({ ...KEYS, ...keys }), history({ entries, ...more }), NOW);

describe("warm throughput", () => {
  test.each([
    ["what the peak needs at the target", 6, {}, 8],
    ["at most max", 12, { max: 10 }, 10],
    ["min, whatever the traffic", 1, { min: 9 }, 9],
  ])("is raised to %s", (_, demand, keys, to) => {
    expect(decided(onDemand(demand), keys)).toMatchObject({
      ...{ kind: "UpdateStreamWarmThroughput", verdict: "raise-warm-throughput", direction: "out" },
      ...{ from: 0, to },
    });
  });

  test("is never above AWS's 10 GiB/s", () => {
    const shards = stream(9_000, 0).shards;
    expect(decided(onDemand(8_900, { shards }), { max: 10_000, min: 1 })).toMatchObject({ to: 10_000 });
  });

  test("is raised ahead of a peak that a proven forecast predicts", () => {
    const slot = Math.floor(NOW / (15 * MINUTE));
    // A day and two hours: 12 shards' worth at this time a day ago, 2 else.
    const peaks = Array.from({ length: 104 }, (_, at) => (slot - 104 + at === slot - 96 ? 12 : 2));
    const warmed = decided(onDemand(2, { profile: { firstSlot: slot - 104, peaks } }), { forecast: "daily" });
    expect(warmed).toMatchObject({ kind: "UpdateStreamWarmThroughput", to: 15 });
    expect(warmed.reasons[0]).toContain("a day ago it rose");
  });

  test("counts as taken, so that it is not raised again for the same peak", () => {
    expect(decided(onDemand(6, { warmMiBps: 8 })).kind).toBe("hold");
  });

  test.each([
    ["a quiet hour", 1, [], "UpdateStreamWarmThroughput"],
    ["a cool-down", 1, [entry(NOW - 10 * MINUTE)], "hold"],
    ["a need of more than four fifths of it", 5.5, [], "hold"],
  ])("is released after %s: %#", (_, demand, entries, kind) => {
    const lastScaleOut = entries[0]?.intent.at;
    const more = lastScaleOut === undefined ? {} : { lastScaleOut };
    const decision = decided(onDemand(demand, { warmMiBps: 8 }), { min: 1 }, entries, more);
    expect(decision.kind).toBe(kind);
    if (decision.kind !== "hold") expect(decision).toMatchObject({ direction: "in", from: 8, to: 2 });
  });

  test.each([
    [false, "has no On-demand Advantage"],
    [undefined, "did not say"],
  ])("needs On-demand Advantage (%s): without, refused records are said", (advantage, why) => {
    const { advantage: _, ...refusing } = onDemand(5, { throttled: 9_000 });
    const decision = decided({ ...refusing, ...(advantage !== undefined && { advantage }) });
    expect(decision).toMatchObject({ kind: "hold", verdict: "on-demand", notify: true });
    expect(decision.reasons[0]).toContain(why);
  });
});

describe("a hot key on demand", () => {
  const hot = onDemand(1, {
    shardLoads: [
      { shardId: "shardId-000000000000", bytes: SHARD_MINUTE, records: 0, throttled: 50 },
      { shardId: "shardId-000000000001", bytes: 1000, records: 0, throttled: 0 },
    ],
  });

  test("is proposed to be spread, with what that means for consumers", () => {
    const decision = decided(hot);
    expect(decision).toMatchObject({ kind: "hold", verdict: "hot-key", notify: true });
    expect(decision.reasons[0]).toMatch(/AUTO would spread them.*in no order.*distribution: auto/);
  });

  test("is spread where the config allows it, once", () => {
    const keys = { distribution: "auto" };
    expect(decided(hot, keys)).toMatchObject({
      ...{ kind: "UpdateStreamRecordDistributionStrategy", strategy: "AUTO", direction: "none" },
    });
    expect(decided({ ...hot, distribution: "AUTO" }, keys).kind).toBe("hold");
  });

  test("is seen without shard metrics by refusals at a low utilisation", () => {
    const refusing = { ...onDemand(0.2, { throttled: 900 }) };
    expect(decided(refusing, { distribution: "auto" }).verdict).toBe("distribute-evenly");
  });

  test("is not tried again within a day after AWS refused it", () => {
    const action = "kinesis:UpdateStreamRecordDistributionStrategy";
    const refused = entry(NOW - HOUR, { action, direction: "none" }, { result: "refused", code: "refused" });
    expect(decided(hot, { distribution: "auto" }, [refused])).toMatchObject({
      kind: "hold",
      verdict: "hot-key",
    });
  });
});

/** A week of quarters of an hour with a peak of so many shards' worth, and so many bytes in each. */
function week(peakAt: (slot: number) => number, bytesAt: (slot: number) => number) {
  const slots = Array.from({ length: 8 * 96 }, (_, slot) => slot);
  const first = Math.floor(NOW / (15 * MINUTE)) - slots.length;
  const bytes = slots.reduce((sum, slot) => sum + bytesAt(slot), 0);
  return {
    firstSlot: first,
    peaks: slots.map(peakAt),
    days: [{ day: 1, slots: slots.length, bytes, records: bytes / 2048 }],
  };
}
/** A peak of 20 for one quarter every hour, and next to no bytes. */
const SPIKY = week(
  (slot) => (slot % 4 === 0 ? 20 : 1),
  () => 1e6,
);
const BUSY = week(
  () => 3,
  () => 3 * 15 * SHARD_MINUTE,
);
const settings = { retentionHours: 24, fanOutConsumers: 0, arn: ARN, advantage: false };
const provisioned = (rest: object = {}) => stream(25, 20, { profile: SPIKY, ...settings, ...rest });

describe("the cheapest mode", () => {
  test("is said beside the decision, with the price of each", () => {
    const { advice } = decided(provisioned());
    expect(advice?.to).toBe("on-demand");
    // 27 shards all the time: $295.65. On demand: $29.20 a stream, and some cents.
    expect(advice?.text).toMatch(
      /\$29\d\.\d\d provisioned by this policy \(27\.0 shards.*\$273\.\d\d with 25 shards all the time, \$29\.\d\d with On-demand Standard, \$0\.\d\d with On-demand Advantage/,
    );
  });

  test.each([
    ["retention", { retentionHours: 168 }, 27 * 730 * 0.02],
    ["enhanced fan-out", { fanOutConsumers: 2 }, 2 * 27 * 730 * 0.015],
  ])("includes %s", (_, more, extra) => {
    const provisionedUsd = (rest: object) =>
      Number(/\$([\d.]+) provisioned/.exec(decided(provisioned(rest)).advice?.text ?? "")?.[1]);
    expect(provisionedUsd(more) - provisionedUsd({})).toBeCloseTo(extra, 0);
  });

  test("is not said before a week is known, or for a few dollars", () => {
    const short = { ...SPIKY, peaks: SPIKY.peaks.slice(0, 600) };
    expect(decided(provisioned({ profile: short })).advice).toBeUndefined();
    const small = week(
      () => 0.5,
      () => 1e6,
    );
    expect(decided(stream(1, 0.5, { profile: small, ...settings })).advice).toBeUndefined();
  });

  test("is switched to only where the config says so", () => {
    expect(decided(provisioned()).kind).toBe("hold");
    expect(decided(provisioned(), { streamMode: "switch" })).toMatchObject({
      ...{ kind: "UpdateStreamMode", mode: "ON_DEMAND", verdict: "switch-mode", direction: "none" },
    });
    const busy = stream(4, 3, { ...settings, mode: "ON_DEMAND", profile: BUSY });
    expect(decided(busy).advice?.to).toBe("provisioned");
    expect(decided(busy, { streamMode: "switch" })).toMatchObject({ mode: "PROVISIONED" });
  });

  test("is not switched to where the account's plan is not known", () => {
    const { advantage: _, ...unknown } = provisioned();
    expect(decided(unknown, { streamMode: "switch" }).kind).toBe("hold");
  });

  test("is switched to twice in 24 hours at most", () => {
    const action = "kinesis:UpdateStreamMode";
    const switches = [2, 20].map((hours) => entry(NOW - hours * HOUR, { action, direction: "none" }));
    expect(decided(provisioned(), { streamMode: "switch" }, switches.slice(1)).kind).toBe("UpdateStreamMode");
    expect(decided(provisioned(), { streamMode: "switch" }, switches).kind).toBe("hold");
  });
});

describe.each([
  ["UpdateStreamWarmThroughput", { from: 4, to: 9 }, { warmMiBps: 9 }, { warmMiBps: 4 }, { to: 4 }],
  [
    "UpdateStreamRecordDistributionStrategy",
    { from: 4, to: 4 },
    { distribution: "AUTO" },
    { distribution: "USER_PARTITION_KEY" },
    { strategy: "USER_PARTITION_KEY" },
  ],
  [
    "UpdateStreamMode",
    { from: 4, to: 4, evidence: { mode: "ON_DEMAND" } },
    { mode: "ON_DEMAND" },
    { mode: "PROVISIONED" },
    { mode: "PROVISIONED" },
  ],
] as const)("%s", (kind, change, done, notDone, undo) => {
  const { intent, outcome } = entry(NOW - HOUR, { action: `kinesis:${kind}`, direction: "none", ...change });

  test("whose run died is read off the stream", () => {
    const found = (state: object) =>
      interruptedRun(history({ pending: intent }), onDemand(1, state), NOW)?.outcome.result;
    expect([found(done), found(notDone)]).toEqual(["applied", "lost"]);
  });

  test("is undone while it is the last change", () => {
    const entries = [{ intent, outcome }];
    const undone = (state: object) =>
      undoOf({ entry: { intent, outcome }, later: [] }, onDemand(1, state), history({ entries }), NOW);
    expect(undone(done)).toMatchObject({ kind, ...undo });
    expect(undone(notDone)).toMatchObject({ refused: expect.stringContaining("undo that first") });
  });
});
