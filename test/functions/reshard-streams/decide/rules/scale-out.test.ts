import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import type { Forecast } from "../../../../../functions/reshard-streams/decide/measure/demand-profile.ts";
import { factsOf } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import {
  predicted,
  scaleOut,
  scaleOutAbove,
} from "../../../../../functions/reshard-streams/decide/rules/scale-out.ts";
import { calls, history, NOW, policy, stream } from "../../stream.ts";

const decided = (open: number, demand: number, used: number, max = 100) =>
  decide(stream(open, demand), policy({ max }), history({ entries: calls(used) }), NOW);

const facts = (keys: Record<string, unknown> = {}, open = 4, demand = 3.6) =>
  factsOf(stream(open, demand), policy(keys), history(), NOW);

const forecast = (rest: Partial<Forecast> = {}): Forecast => ({
  ...{ soon: 3.6, nextHour: 3.6, predicted: 4, came: 3, error: 0.1, isTrusted: true },
  ...rest,
});

describe("the utilisation above which it is scaled out", () => {
  const above = (peakOfDays: number | undefined, throttled: number) =>
    scaleOutAbove({ ...facts({ scaleOutAt: 0.7 }), peakOfDays, throttled });

  it("is higher up to a peak that is known from days", () => {
    expect(above(undefined, 0)).toBe(0.7);
    expect(above(10, 0)).toBe(0.8);
  });

  it("is not higher while records are refused, whatever is known", () => {
    expect(above(10, 5)).toBe(0.7);
  });
});

describe("with 4 of 10 calls left, a step that takes four splits", () => {
  it("is taken by splits while every record is taken, up to the last free place", () => {
    // 4 / 0.6 is 7 shards, and four splits lead to 8.
    expect(decided(4, 4, 6)).toMatchObject({ kind: "SplitShard", to: 5, goal: 8 });
  });

  it("is taken by one call where records are refused: that is faster", () => {
    expect(decided(4, 4.4, 6)).toMatchObject({ kind: "UpdateShardCount", to: 8 });
  });

  it("fits below max, or it is one call", () => {
    expect(decided(4, 4, 6, 8)).toMatchObject({ kind: "SplitShard", goal: 8 });
    expect(decided(4, 4, 6, 7)).toMatchObject({ kind: "UpdateShardCount", to: 7 });
  });
});

describe("with 2 of 10 calls left", () => {
  it("ten splits are not taken where they lead to a third more shards than are needed", () => {
    // 8.1 / 0.6 is 14 shards; each of ten equal shards is split or none fits.
    expect(decided(10, 8.1, 8)).toMatchObject({ kind: "UpdateShardCount", to: 14 });
  });

  it("they are taken where they lead to about what is needed", () => {
    // 9.5 / 0.6 is 16 shards, and ten splits lead to 20.
    expect(decided(10, 9.5, 8)).toMatchObject({ kind: "SplitShard", goal: 20 });
  });
});

describe("why it is scaled out", () => {
  const reason = (rest: Partial<ReturnType<typeof facts>>) =>
    scaleOut({ ...facts({}, 4, 3.6), ...rest })?.reasons[0];

  it("is the forecast, where that predicts more than is measured", () => {
    expect(reason({ expected: 4.4, forecast: forecast({ soon: 4.4 }) })).toContain(
      "and a day ago it rose now to 110 % of them (3 of 4 rises that were predicted in the last day came, 10 % off on average)",
    );
  });

  it("is the trend, where the demand rises faster than the forecast says", () => {
    expect(reason({ expected: 4.4, forecast: forecast({ soon: 4 }) })).toContain(
      "and it rises: 110 % is expected in a few minutes",
    );
  });

  it("is the demand alone, where the forecast is that it stays", () => {
    const said = reason({ recent: 3.6, expected: 3.6, forecast: forecast() });
    expect(said).toContain("90 % of 4 shards, above 80 %");
    expect(said).not.toContain("ago");
  });

  it("names the week of a weekly forecast, and no error before anything was compared", () => {
    const said = predicted(
      forecast({ soon: 2, predicted: 0, came: 0, error: undefined }),
      facts({ forecast: "weekly" }),
    );
    expect(said).toBe(", and a week ago it rose now to 50 % of them (no rise was predicted in the last day)");
  });
});
