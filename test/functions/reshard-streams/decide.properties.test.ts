import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StreamPolicy } from "../../../functions/reshard-streams/config/policy.ts";
import { decide } from "../../../functions/reshard-streams/decide/decide.ts";
import { UPDATE_SHARD_COUNT_PER_DAY } from "../../../functions/reshard-streams/decide/measure/quota.ts";
import { widestShare } from "../../../functions/reshard-streams/decide/measure/shares.ts";
import type { Decision } from "../../../functions/reshard-streams/model/decision.ts";
import type { Minute, OpenShard } from "../../../functions/reshard-streams/model/observation.ts";
import type { Entry, History } from "../../../shared/ledger/entry.ts";
import {
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
} from "./stream.ts";

const share = (from: number, to: number) =>
  fc.integer({ min: from, max: to }).map((percent) => percent / 100);

const anyPolicy = fc
  .record({
    min: fc.integer({ min: 1, max: 40 }),
    above: fc.integer({ min: 0, max: 400 }),
    scaleOutAt: share(30, 100),
    target: share(20, 90),
    scaleOutMinutes: fc.integer({ min: 1, max: 15 }),
    scaleInCooldownMinutes: fc.integer({ min: 0, max: 240 }),
    reserveForScaleOut: fc.integer({ min: 0, max: 10 }),
    reads: fc.boolean(),
    prefer: fc.constantFrom("cost", "balanced", "headroom"),
  })
  .map(({ above, target, ...keys }) =>
    policy({
      ...keys,
      max: keys.min + above,
      targetUtilisation: Math.max(0.01, target * 0.9 * keys.scaleOutAt),
    }),
  );

const anyMinute = (at: number) =>
  fc
    .record({
      bytes: fc.integer({ min: 0, max: 60 * SHARD_MINUTE }),
      records: fc.integer({ min: 0, max: 60 * 60_000 }),
      throttled: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 10_000 })),
      readBytes: fc.integer({ min: 0, max: 60 * SHARD_MINUTE }),
    })
    .map((values) => minute(at, values));

const anyMinutes = fc
  .array(fc.integer({ min: 1, max: 60 }), { maxLength: 8 })
  .chain((ago) => fc.tuple(...ago.map((minutes) => anyMinute(NOW - minutes * MINUTE))));

const anyEntries = fc
  .array(
    fc.record({
      ago: fc.integer({ min: 1, max: 26 * 60 }),
      result: fc.constantFrom<Entry["outcome"]["result"][]>("applied", "refused", "lost"),
      code: fc.constantFrom(undefined, "account", "daily-quota"),
    }),
    { maxLength: 14 },
  )
  .map((calls): Entry[] =>
    calls
      .sort((a, b) => a.ago - b.ago)
      .map(({ ago, result, code }) =>
        entry(NOW - ago * MINUTE, {}, { result, at: NOW - ago * MINUTE, ...(code && { code }) }),
      ),
  );

const anyHistory = fc
  .record({
    entries: anyEntries,
    out: fc.option(fc.integer({ min: 1, max: 2000 })),
    into: fc.option(fc.integer({ min: 1, max: 2000 })),
  })
  .map(({ entries, out, into }) =>
    history({
      entries,
      ...(out !== null && { lastScaleOut: NOW - out * MINUTE }),
      ...(into !== null && { lastScaleIn: NOW - into * MINUTE }),
    }),
  );

const anyLook = fc.record({
  open: fc.integer({ min: 1, max: 400 }),
  minutes: anyMinutes,
  policy: anyPolicy,
  history: anyHistory,
  iteratorAgeMs: fc.integer({ min: 0, max: 120_000 }),
  metricsComplete: fc.boolean(),
});

function decideOn(look: {
  open: number;
  /** Equal ones when left out. */
  shards?: readonly OpenShard[];
  minutes: readonly Minute[];
  policy: StreamPolicy;
  history: History;
  iteratorAgeMs?: number;
  metricsComplete?: boolean;
  now?: number;
}): Decision {
  const { open, minutes, now = NOW, iteratorAgeMs = 0, metricsComplete = true } = look;
  return decide(
    {
      stream: "orders",
      status: "ACTIVE",
      mode: "PROVISIONED",
      createdAt: NOW - 100 * HOUR,
      shards: look.shards ?? evenShards(open),
      minutes,
      iteratorAgeMs,
      metricsComplete,
    },
    look.policy,
    look.history,
    now,
  );
}

describe("bounds", () => {
  test("no step goes beyond double, half, or away from min and max", () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        const decision = decideOn(look);
        if (decision.kind === "hold") return;
        const { from, to, direction } = decision;
        const { min, max } = look.policy;
        expect(from).toBe(look.open);
        expect(to).toBeLessThanOrEqual(2 * from);
        expect(to).toBeGreaterThanOrEqual(Math.ceil(from / 2));
        if (direction === "out") {
          expect(to).toBeGreaterThan(from);
          expect(to).toBeLessThanOrEqual(max);
        } else {
          expect(to).toBeLessThan(from);
          expect(to).toBeGreaterThanOrEqual(min);
        }
      }),
    );
  });

  test("no scale-in lands where it would go out again", () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        const decision = decideOn(look);
        fc.pre(decision.kind !== "hold" && decision.direction === "in");
        const shards = shardsAfter(evenShards(look.open), decision);
        const after = decideOn({ ...look, shards });
        expect(after).not.toMatchObject({ direction: "out" });
      }),
    );
  });

  test("a spent quota is never spent further", () => {
    fc.assert(
      fc.property(anyLook, (look) => {
        const used = look.history.entries.filter(
          ({ intent, outcome }) => outcome.result === "applied" && intent.at > NOW - 24 * HOUR,
        ).length;
        const decision = decideOn(look);
        fc.pre(decision.kind === "UpdateShardCount");
        expect(used).toBeLessThan(UPDATE_SHARD_COUNT_PER_DAY);
        if (decision.kind === "UpdateShardCount" && decision.direction === "in") {
          expect(used).toBeLessThan(UPDATE_SHARD_COUNT_PER_DAY - look.policy.reserveForScaleOut);
        }
      }),
    );
  });
});

test("monotone: a larger stream with the same load per shard never gets a smaller target", () => {
  fc.assert(
    fc.property(
      fc.record({
        small: fc.integer({ min: 1, max: 200 }),
        larger: fc.integer({ min: 1, max: 200 }),
        percent: fc.integer({ min: 0, max: 300 }),
        throttled: fc.constantFrom(0, 5),
        policy: anyPolicy,
      }),
      ({ small, larger, percent, throttled, policy: rules }) => {
        const targetOf = (open: number) => {
          const bytes = Math.floor((open * percent * SHARD_MINUTE) / 100);
          const decision = decideOn({
            open,
            policy: rules,
            history: history(),
            minutes: [minute(NOW - 2 * MINUTE, { bytes, throttled })],
          });
          return "goal" in decision ? decision.goal : open;
        };
        // Inside its bounds: a stream outside them is put back first, which is a decision of its own.
        fc.pre(small >= rules.min && small + larger <= rules.max);
        expect(targetOf(small + larger)).toBeGreaterThanOrEqual(targetOf(small));
      },
    ),
  );
});

describe("no flapping", () => {
  test("on any constant load, once the plan is done the second decision is hold", () => {
    fc.assert(
      fc.property(
        fc.record({
          open: fc.integer({ min: 1, max: 100 }),
          load: fc.integer({ min: 0, max: 100 * SHARD_MINUTE }),
          policy: anyPolicy,
        }),
        ({ open, load, policy: rules }) => {
          let shards = evenShards(open);
          const minutes = [minute(NOW - 2 * MINUTE, { bytes: load })];
          // The longest way there is: 99 merges of a pair each, where the policy reserves all calls for scale-out.
          for (let step = 0; step <= 100; step += 1) {
            const decision = decideOn({ open, shards, minutes, policy: rules, history: history() });
            if (decision.kind === "hold") return;
            shards = shardsAfter(shards, decision);
          }
          expect.fail(`still changing after 100 steps: ${shards.length} shards for ${load} bytes`);
        },
      ),
    );
  });

  test("a step out and then a step in never answer the same load", () => {
    fc.assert(
      fc.property(
        fc.record({
          open: fc.integer({ min: 1, max: 100 }),
          load: fc.integer({ min: 0, max: 200 * SHARD_MINUTE }),
          policy: anyPolicy,
        }),
        ({ open, load, policy: rules }) => {
          const minutes = [minute(NOW - 2 * MINUTE, { bytes: load })];
          const first = decideOn({ open, minutes, policy: rules, history: history() });
          fc.pre(first.kind !== "hold");
          const shards = shardsAfter(evenShards(open), first);
          const second = decideOn({ open, shards, minutes, policy: rules, history: history() });
          if (second.kind !== "hold") expect(second.direction).toBe(first.direction);
        },
      ),
    );
  });
});

test("the worst oscillation of 24 hours stays within the quota, minute by minute", () => {
  fc.assert(
    fc.property(
      fc.record({
        low: fc.integer({ min: 0, max: 5 }),
        high: fc.integer({ min: 6, max: 80 }),
        halfPeriod: fc.integer({ min: 3, max: 180 }),
        cooldown: fc.integer({ min: 0, max: 120 }),
      }),
      ({ low, high, halfPeriod, cooldown }) => {
        const rules = policy({
          max: 64,
          scaleInCooldownMinutes: cooldown,
          lookBackMinutes: 5,
          scaleOutMinutes: 2,
        });
        let shards = evenShards(4);
        let past = history();
        const seen: Minute[] = [];
        const applied: number[] = [];
        for (let now = NOW; now < NOW + 36 * HOUR; now += MINUTE) {
          const load = Math.floor((now - NOW) / MINUTE / halfPeriod) % 2 === 0 ? low : high;
          const full = 1 / widestShare(shards);
          const accepted = Math.min(load, full) * SHARD_MINUTE;
          seen.push(minute(now - MINUTE, { bytes: accepted, throttled: load > full ? 100 : 0 }));
          const minutes = seen.slice(-5);
          const decision = decideOn({
            open: shards.length,
            shards,
            minutes,
            policy: rules,
            history: past,
            now,
          });
          if (decision.kind === "hold") continue;
          if (decision.kind === "UpdateShardCount") applied.push(now);
          const { kind, from, to, direction } = decision;
          past = {
            ...past,
            entries: [entry(now, { action: `kinesis:${kind}`, from, to, direction }), ...past.entries],
            ...(direction === "out" ? { lastScaleOut: now } : { lastScaleIn: now }),
          };
          shards = shardsAfter(shards, decision);
        }
        for (const at of applied) {
          const inADay = applied.filter((other) => other > at - 24 * HOUR && other <= at).length;
          expect(inADay).toBeLessThanOrEqual(UPDATE_SHARD_COUNT_PER_DAY);
        }
      },
    ),
    { numRuns: 20 },
  );
});
