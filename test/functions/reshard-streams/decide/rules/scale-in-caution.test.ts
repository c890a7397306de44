import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import { factsOf } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import {
  scaleInCallCaution,
  scaleInCaution,
} from "../../../../../functions/reshard-streams/decide/rules/scale-in-caution.ts";
import type { Observation } from "../../../../../functions/reshard-streams/model/observation.ts";
import type { History } from "../../../../../shared/ledger/entry.ts";
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
  stream,
} from "../../stream.ts";

const facts = (
  rest: Partial<Observation> = {},
  keys: Record<string, unknown> = {},
  past: Partial<History> = {},
  open = 4,
) => factsOf(stream(open, 0.6, rest), policy(keys), history(past), NOW);

describe("a reserve of calls for scale-out", () => {
  it("is kept, and the reason says how many are used and kept", () => {
    const past = { entries: calls(7) };
    expect(scaleInCallCaution(facts({}, { reserveForScaleOut: 3 }, past))).toMatchObject({
      verdict: "quota-reserved",
      reasons: [
        "fewer shards would be enough, but 7 of 10 calls of UpdateShardCount in 24 hours are used and the last 3 are kept for scale-out",
      ],
    });
    expect(scaleInCallCaution(facts({}, { reserveForScaleOut: 2 }, past))).toBeUndefined();
  });
});

describe("reads that were refused half an hour ago", () => {
  const minutes = Array.from({ length: 60 }, (_, index) =>
    minute(NOW - (60 - index) * MINUTE, {
      bytes: 0.6 * SHARD_MINUTE,
      throttledReads: index === 30 ? 4 : 0,
    }),
  );

  it("hold back a scale-in where the policy is about reads", () => {
    expect(decide(stream(4, 0, { minutes }), policy({ reads: true }), history(), NOW)).toMatchObject({
      ...{ kind: "hold", verdict: "busy-in-look-back" },
      reasons: [expect.stringContaining("but reads were refused within the last 60 minutes")],
    });
  });

  it("do not where it is not", () => {
    expect(decide(stream(4, 0, { minutes }), policy(), history(), NOW)).toMatchObject({ direction: "in" });
  });

  it("do not where none was refused", () => {
    const quiet = minutes.map((each) => ({ ...each, throttledReads: 0 }));
    expect(decide(stream(4, 0, { minutes: quiet }), policy({ reads: true }), history(), NOW)).toMatchObject({
      direction: "in",
    });
  });
});

describe("bursts that one shard refused, so that it was scaled out to two", () => {
  const burst = entry(NOW - 3 * HOUR, {
    from: 1,
    to: 2,
    evidence: { throttledShare: 0.03, demandShards: 0.6 },
  });

  it("hold back the return to one", () => {
    expect(scaleInCaution(facts({}, {}, { entries: [burst] }, 2))).toMatchObject({
      ...{ kind: "hold", verdict: "busy-in-look-back" },
      reasons: [expect.stringContaining("1 shard refused records at 2026-11-21T09:00Z at a like demand")],
    });
  });

  it("do not hold back a scale-in from four", () => {
    expect(scaleInCaution(facts({}, {}, { entries: [burst] }, 4))).toBeUndefined();
  });
});

describe("a scale-in that was regretted: what it saved cost more in refused records", () => {
  const MINUTES_AGO = 61;
  const regretted = (ago: number): Partial<History> => ({
    entries: [
      entry(NOW - ago * MINUTE, {
        ...{ from: 2, to: 4 },
        evidence: { throttled: 5_000, demandShards: 4, widestShare: 0.5, utilisation: 2 },
      }),
      entry(NOW - (ago + 5) * MINUTE, { direction: "in", from: 4, to: 2 }),
    ],
    lastScaleOut: NOW - ago * MINUTE,
  });
  const keys = { lookBackMinutes: 60, scaleInCooldownMinutes: 10, refusalPrice: 100 };

  it("holds back the next one for three hours, once the scale-out is out of the look-back", () => {
    expect(scaleInCaution(facts({}, keys, regretted(MINUTES_AGO)))).toMatchObject({
      ...{ kind: "hold", verdict: "cooling-down" },
      reasons: [expect.stringContaining("no scale-in before 2026-11-21T13:59Z")],
    });
  });

  it("does not hold back what is trimmed while the scale-out is within the look-back", () => {
    expect(scaleInCaution(facts({}, keys, regretted(60)))).toBeUndefined();
    expect(scaleInCaution(facts({}, keys, regretted(20)))).toBeUndefined();
    expect(scaleInCaution(facts({}, keys, regretted(5)))).toMatchObject({
      reasons: [expect.stringContaining("no scale-in before 2026-11-21T12:05Z")],
    });
  });
});
