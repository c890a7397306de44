import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import type { Observation } from "../../../../../functions/reshard-streams/model/observation.ts";
import type { Entry } from "../../../../../shared/ledger/entry.ts";
import { entry, HOUR, history, MINUTE, minute, NOW, policy, SHARD_MINUTE, stream } from "../../stream.ts";

const KEYS = { targetUtilisation: 0.7, scaleOutAt: 0.8, max: 40, min: 1, forecast: "off" };

/** An on-demand stream of 4 shards, whose every minute carried this. */
const onDemand = (demand: number, rest: Partial<Observation> & { throttled?: number } = {}) =>
  stream(4, demand, {
    mode: "ON_DEMAND",
    arn: "arn:aws:kinesis:x:1:stream/orders",
    advantage: true,
    ...rest,
  });

const decided = (seen: Observation, keys: object = {}, entries: readonly Entry[] = []) =>
  decide(seen, policy({ ...KEYS, ...keys }), history({ entries }), NOW);

const raised = (to: number, from = 0) => ({
  ...{ kind: "UpdateStreamWarmThroughput", verdict: "raise-warm-throughput", direction: "out", from, to },
});

describe("an on-demand stream is warmed up", () => {
  it("above the point of scale-out, and not at it", () => {
    expect(decided(onDemand(3.2)).kind).toBe("hold");
    expect(decided(onDemand(3.21))).toMatchObject(raised(5));
  });

  it("from what it is warmed up to already", () => {
    expect(decided(onDemand(8.1, { warmMiBps: 10 }))).toMatchObject(raised(12, 10));
    expect(decided(onDemand(7.9, { warmMiBps: 10 })).kind).toBe("hold");
    // What it takes by its shards is more than it is warmed up to.
    expect(decided(onDemand(3.1, { warmMiBps: 2 })).kind).toBe("hold");
  });

  it("by its widest shard where records are not spread, and by all of them where they are", () => {
    const [first, ...others] = stream(4, 0).shards;
    const shards = first && others[0] ? [{ ...first, to: others[0].to }, ...others.slice(1)] : [];
    expect(decided(onDemand(2, { shards }))).toMatchObject(raised(3));
    expect(decided(onDemand(2, { shards, distribution: "AUTO" })).kind).toBe("hold");
  });

  it("to min where it takes less, also without traffic", () => {
    const warmed = decided(onDemand(0.1), { min: 9 });
    expect(warmed).toMatchObject(raised(9));
    expect(warmed.reasons[0]).toBe("it takes 4 MiB/s at once, below min 9 (4 shards open)");
    expect(decided(onDemand(0.1), { min: 4 }).kind).toBe("hold");
  });

  it("not above max, and says so where that refuses records", () => {
    const full = decided(onDemand(4), { max: 4 });
    expect(full).toMatchObject({ kind: "hold", verdict: "at-max" });
    expect(full).not.toHaveProperty("notify", true);
    expect(full.reasons[0]).toMatch(/, but max is 4$/);
    expect(decided(onDemand(4, { throttled: 9_000 }), { max: 4 })).toMatchObject({
      verdict: "at-max",
      notify: true,
    });
  });

  it("not again for a while after AWS refused it", () => {
    const refused = entry(
      NOW - 10 * MINUTE,
      { action: "kinesis:UpdateStreamWarmThroughput" },
      { result: "refused", code: "quota" },
    );
    expect(decided(onDemand(3.6), {}, [refused]).kind).toBe("hold");
  });

  it("with the numbers of the decision in its evidence and its reason", () => {
    const warmed = decided(onDemand(3.6, { warmMiBps: 2 }));
    expect(warmed.evidence).toMatchObject({ warmMiBps: 2, openShards: 4 });
    expect(warmed.reasons[0]).toBe(
      "the last 5 minutes' peak needs 3.6 MiB/s' worth of bytes, 90 % of the 4 MiB/s that it takes at once, above 80 %: 6 MiB/s bring it to at most 70 % (4 shards open)",
    );
    const refusing = decided(onDemand(3.6, { throttled: 50 }));
    expect(refusing.reasons[0]).toMatch(/, 300 records that were refused included, above 80 %/);
  });

  it("ahead of a rise, which the reason says", () => {
    const minutes = Array.from({ length: 60 }, (_, index) =>
      minute(NOW - (60 - index) * MINUTE, { bytes: (1 + (2.1 * index) / 60) * SHARD_MINUTE }),
    );
    expect(decided(onDemand(0, { minutes })).reasons[0]).toMatch(
      / at once, and it rises: 8\d % is expected in a few minutes, above 80 %/,
    );
  });
});

describe("an on-demand stream that cannot be warmed up", () => {
  it("and that refuses hardly anything is left to AWS without a word", () => {
    expect(decided(onDemand(3.6, { advantage: false, throttled: 1 }))).not.toHaveProperty("notify", true);
  });

  it("and that is not busy is not said to lack it: a peak is not what it refuses", () => {
    const refusing = decided(onDemand(1, { advantage: false, throttled: 9_000 }));
    expect(refusing).toMatchObject({ verdict: "resharding-does-not-help", notify: true });
    expect(refusing.reasons[0]).not.toContain("Advantage");
  });
});

describe("warm throughput is released", () => {
  it("where a fifth of it is not needed, down to what the look-back needs at the target", () => {
    const released = decided(onDemand(5.6, { warmMiBps: 10 }));
    expect(released).toMatchObject({
      ...{ kind: "UpdateStreamWarmThroughput", verdict: "release-warm-throughput", direction: "in" },
      ...{ from: 10, to: 8 },
    });
    expect(released.reasons[0]).toBe(
      "the last 60 minutes' peak needs 5.6 MiB/s' worth of the 10 that are kept warm: 8 MiB/s stay at or below 70 %, and the rest is released",
    );
    expect(decided(onDemand(5.7, { warmMiBps: 10 })).kind).toBe("hold");
  });

  it("not below min", () => {
    expect(decided(onDemand(0.1, { warmMiBps: 10 }), { min: 8 })).toMatchObject({ to: 8 });
    expect(decided(onDemand(0.1, { warmMiBps: 10 }), { min: 9 }).kind).toBe("hold");
  });

  it("not without On-demand Advantage, nor where nothing is kept warm", () => {
    expect(decided(onDemand(1, { warmMiBps: 10, advantage: false })).kind).toBe("hold");
    expect(decided(onDemand(1)).kind).toBe("hold");
  });

  it("not within the cool-down", () => {
    const last = entry(NOW - HOUR / 2);
    const seen = onDemand(1, { warmMiBps: 10 });
    const past = history({ entries: [last], lastScaleOut: last.intent.at });
    expect(decide(seen, policy(KEYS), past, NOW).kind).toBe("hold");
  });
});

describe("an on-demand stream that needs nothing", () => {
  const said = (keys: object = {}, rest: Partial<Observation> = {}) =>
    decided(onDemand(3, rest), keys).reasons[0];

  it("says what it costs, and what it would cost provisioned", () => {
    expect(said()).toMatch(
      /^the stream is on-demand: AWS sizes it, and it takes 4 MiB\/s at once\. At this traffic it costs about \$\d+\.\d\d a month; provisioned with 5 shards it would be \$\d+\.\d\d$/,
    );
    expect(said({ min: 6, max: 40 }, { warmMiBps: 7.26 })).toMatch(
      /it takes 7\.3 MiB\/s at once.* with 6 shards it/,
    );
    expect(said({ max: 3 })).toMatch(/provisioned with 5 shards, more than max 3 it would/);
  });

  it("says the price that the account has", () => {
    const price = (advantage: boolean) => Number(/about \$([\d.]+)/.exec(said({}, { advantage }) ?? "")?.[1]);
    expect(price(true)).toBeLessThan(price(false));
  });
});
