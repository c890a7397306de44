import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import type { Forecast } from "../../../../../functions/reshard-streams/decide/measure/demand-profile.ts";
import { factsOf } from "../../../../../functions/reshard-streams/decide/rules/facts.ts";
import { demandByThen, scaleIn } from "../../../../../functions/reshard-streams/decide/rules/scale-in.ts";
import type { Observation } from "../../../../../functions/reshard-streams/model/observation.ts";
import { evenShards, HOUR, history, MINUTE, NOW, policy, stream } from "../../stream.ts";

const SLOT = 15 * MINUTE;

const facts = (
  open: number,
  demand: number,
  keys: Record<string, unknown> = {},
  rest: Partial<Observation> = {},
) => factsOf(stream(open, demand, rest), policy(keys), history(), NOW);

describe("a call that saves a tenth of the shards", () => {
  /** Two days that never went beyond this demand, in shards' worth. */
  const known = (peak: number) => ({
    profile: { firstSlot: NOW / SLOT - 192, peaks: Array.from({ length: 192 }, () => peak) },
  });
  const decided = (rest: Partial<Observation>) =>
    decide(
      stream(40, 28.8, rest),
      policy({ forecast: "off", targetUtilisation: 0.8, scaleOutAt: 0.9 }),
      history(),
      NOW,
    );

  it("is worth it where the count fits the peak of the days that are known", () => {
    expect(decided(known(28.8))).toMatchObject({ kind: "UpdateShardCount", direction: "in", to: 36 });
  });

  it("is not where the days had more, or where none is known", () => {
    expect(decided(known(31))).toMatchObject({ verdict: "on-target" });
    expect(decided({})).toMatchObject({ verdict: "on-target" });
  });
});

describe("what a stream needed", () => {
  const needed = (forecast: Partial<Forecast> | undefined) =>
    demandByThen({
      ...facts(8, 1),
      ...{ lookBack: 5, lately: 1 },
      forecast: forecast && {
        ...{ soon: 1, nextHour: 2, predicted: 3, came: 3, error: 0, isTrusted: true },
        ...forecast,
      },
    });

  it("is that of the look-back", () => {
    expect(needed(undefined)).toBe(5);
    expect(needed({ isTrusted: false })).toBe(5);
  });

  it("is that of its last third, or of the next hour, once three predicted rises came", () => {
    expect(needed({})).toBe(2);
    expect(needed({ nextHour: 0.5 })).toBe(1);
    expect(needed({ came: 2 })).toBe(5);
  });

  it("is more where more is predicted for the next hour", () => {
    expect(needed({ nextHour: 7, came: 2 })).toBe(7);
  });
});

const keeping = (least: number) => ({ least, because: "many jumps" as const, callsForRises: 0 });

describe("a stream at min", () => {
  it("says that min keeps what the demand does not need", () => {
    expect(scaleIn(facts(4, 1, { min: 4 }))).toMatchObject({
      ...{ kind: "hold", verdict: "at-min" },
      reasons: ["2 shards would be enough, but 4 shards are open and min is 4"],
    });
  });

  it("says nothing of min where the demand needs what is open", () => {
    expect(scaleIn(facts(4, 2.3, { min: 4 }))).toBeUndefined();
    expect(scaleIn(facts(1, 0, { min: 1 }))).toBeUndefined();
  });

  it("says nothing of min where shards are kept for jumps", () => {
    expect(scaleIn({ ...facts(4, 0.5, { min: 2 }), kept: keeping(4) })).toBeUndefined();
  });
});

describe("a scale-in to what is kept for jumps", () => {
  const idle = { minutes: [], heartbeat: true, createdAt: NOW - 48 * HOUR };

  it("is not one call without a single datapoint, however sure it is that there is no traffic", () => {
    // Five are kept, also by width: two of seven shards together are wider than one of five.
    expect(scaleIn({ ...facts(7, 0, {}, idle), kept: keeping(5) })).toMatchObject({
      ...{ kind: "hold", verdict: "metrics-incomplete" },
      reasons: [
        "fewer shards would be enough, but without a single datapoint it is scaled in by one merge a minute, not by half",
      ],
    });
    expect(scaleIn({ ...facts(7, 0.1), kept: keeping(5) })).toMatchObject({
      kind: "UpdateShardCount",
      to: 5,
    });
  });
});

describe("a merge that the shards' list does not allow", () => {
  it("is left for a call: two shards with a gap between them are no neighbours", () => {
    const [first, , third] = evenShards(3);
    if (!first || !third) throw new Error("three shards");
    expect(scaleIn(facts(2, 0.1, {}, { shards: [first, third] }))).toMatchObject({
      ...{ kind: "UpdateShardCount", to: 1 },
    });
  });
});
