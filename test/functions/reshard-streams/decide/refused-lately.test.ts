import { describe, expect, test } from "vitest";
import { decide } from "../../../../functions/reshard-streams/decide/decide.ts";
import { CALL_RATE } from "../../../../functions/reshard-streams/decide/measure/quota.ts";
import { factsOf } from "../../../../functions/reshard-streams/decide/rules/facts.ts";
import { isAccountFull } from "../../../../functions/reshard-streams/decide/rules/refused-lately.ts";
import { entry, HOUR, history, MINUTE, minute, NOW, policy, SHARD_MINUTE, stream } from "../stream.ts";

type Refusal = { readonly minutesAgo: number; readonly code: string; readonly detail?: string };

/** A change that AWS refused; without a word of its own it is one to scale out. */
const refused = (
  { minutesAgo, code, detail = "no" }: Refusal,
  intent: Parameters<typeof entry>[1] = { from: 10, to: 20 },
) =>
  entry(NOW - minutesAgo * MINUTE, intent, {
    ...{ result: "refused", code, detail, at: NOW - minutesAgo * MINUTE },
  });

const decided = (
  seen: Parameters<typeof decide>[0],
  entries: ReturnType<typeof entry>[],
  keys: Record<string, unknown> = {},
) => decide(seen, policy(keys), history({ entries }), NOW);

describe("a refused scale-in", () => {
  const scaleIn = refused({ minutesAgo: 2, code: "refused" }, { direction: "in", from: 10, to: 5 });

  test("holds back the next one", () => {
    expect(decided(stream(10, 1), [scaleIn])).toMatchObject({ kind: "hold", verdict: "refused-lately" });
  });

  test("does not hold back an emergency", () => {
    expect(decided(stream(10, 12), [scaleIn])).toMatchObject({ kind: "UpdateShardCount", direction: "out" });
  });
});

describe("the account's limit", () => {
  const said = (current: number, limit: number) =>
    `This request would exceed the shard limit for the account 123456789012 in us-east-1. Current shard count for the account: ${current}. Limit: ${limit}. Number of additional shards that would have resulted from this request: 10.`;

  test("leaves a step as large as AWS says there is room for, at once", () => {
    const entries = [refused({ minutesAgo: 1, code: "account", detail: said(496, 500) })];
    expect(decided(stream(10, 12), entries)).toMatchObject({ kind: "UpdateShardCount", from: 10, to: 14 });
  });

  test.each([
    "Current shard count:496. Limit:500.",
    "current shard count for the account:  496, limit:  500",
  ])("is read however AWS sets the spaces: %s", (detail) => {
    const entries = [refused({ minutesAgo: 1, code: "account", detail })];
    expect(decided(stream(10, 12), entries)).toMatchObject({ to: 14 });
  });

  test("leaves one less than was refused where AWS says that there was room for that", () => {
    // Someone else gave shards back since; the next step after this one finds out.
    const entries = [refused({ minutesAgo: 1, code: "account", detail: said(480, 500) })];
    expect(decided(stream(10, 12), entries)).toMatchObject({ from: 10, to: 19 });
  });

  test("is not reached before AWS refused anything", () => {
    const facts = (entries: ReturnType<typeof entry>[]) =>
      factsOf(stream(10, 12), policy(), history({ entries }), NOW);
    expect(isAccountFull(facts([]))).toBe(false);
    expect(isAccountFull(facts([refused({ minutesAgo: 1, code: "account" })]))).toBe(true);
  });

  test("leaves half of what was refused where AWS does not say", () => {
    const entries = [refused({ minutesAgo: 1, code: "account" })];
    expect(decided(stream(10, 12), entries)).toMatchObject({ kind: "UpdateShardCount", to: 15 });
  });

  test("without room is notified, and tried again after a quarter of an hour", () => {
    const detail = said(500, 500);
    const held = decided(stream(10, 12), [refused({ minutesAgo: 14, code: "account", detail })]);
    expect(held).toMatchObject({ kind: "hold", verdict: "refused-lately", notify: true });
    const tried = decided(stream(10, 12), [refused({ minutesAgo: 16, code: "account", detail })]);
    expect(tried).toMatchObject({ kind: "UpdateShardCount", to: 20 });
  });
});

describe("Rate exceeded for stream, which AWS says of a call rate and of the daily quota", () => {
  const rate = (minutesAgo: number) => refused({ minutesAgo, code: CALL_RATE });

  test("once is a call rate: the next run tries again", () => {
    expect(decided(stream(10, 12), [rate(1)])).toMatchObject({ kind: "UpdateShardCount" });
  });

  test("twice in a row is the quota: shards are split, and the call is tried again an hour later", () => {
    expect(decided(stream(10, 12), [rate(1), rate(2)])).toMatchObject({ verdict: "split-without-quota" });
    expect(decided(stream(10, 12), [rate(61), rate(62)])).toMatchObject({ kind: "UpdateShardCount" });
  });

  test("with a call in between that AWS took is a call rate", () => {
    const between = entry(NOW - 2 * MINUTE, {}, { at: NOW - 2 * MINUTE });
    expect(decided(stream(10, 12), [rate(1), between, rate(3)])).toMatchObject({ kind: "UpdateShardCount" });
  });
});

test("records that are refused above max are notified, whatever the minutes' mean", () => {
  const decision = decided(stream(8, 2, { throttled: 50 }), [], { max: 4 });
  expect(decision).toMatchObject({ kind: "hold", verdict: "above-max-and-busy", notify: true });
  expect(decision.reasons[0]).toContain("records were refused");
});

test("on demand the hint says what it needs, also beyond max", () => {
  const decision = decided(stream(4, 12, { mode: "ON_DEMAND" }), [], { max: 5 });
  expect(decision.reasons[0]).toContain("provisioned with 20 shards, more than max 5");
});

test.each([1, 2, 3])(
  "scaleOutMinutes: %i scales out on metrics that are two and a half minutes late",
  (scaleOutMinutes) => {
    // The newest minute that has metrics began three and a half minutes ago.
    const minutes = [minute(NOW - 3.5 * MINUTE, { bytes: 3.8 * SHARD_MINUTE })];
    const decision = decided(stream(4, 0, { minutes }), [], { scaleOutMinutes });
    expect(decision).toMatchObject({ direction: "out" });
  },
);

test("without a datapoint it is scaled in by merges, never by half", () => {
  const idle = stream(3, 0, { minutes: [], heartbeat: true, createdAt: NOW - 48 * HOUR });
  expect(decided(idle, [], { min: 1 })).toMatchObject({ kind: "MergeShards" });
});
