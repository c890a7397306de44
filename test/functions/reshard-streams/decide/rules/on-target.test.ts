import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import { history, MINUTE, NOW, policy, stream } from "../../stream.ts";

const SLOT = 15 * MINUTE;

/** The reason why a stream of so many shards stays as it is, whose days had these peaks at these quarters of an hour of the day. */
function reason(open: number, demand: number, peakAt: (slot: number) => number, keys: object = {}) {
  const profile = {
    firstSlot: NOW / SLOT - 192,
    peaks: Array.from({ length: 192 }, (_, slot) => peakAt(slot % 96)),
  };
  const decision = decide(
    stream(open, demand, { profile }),
    policy({
      ...{ targetUtilisation: 0.8, scaleOutAt: 0.9, keptShareOfPeak: 0, refusalPrice: 0, forecast: "off" },
      ...keys,
    }),
    history(),
    NOW,
  );
  expect(decision).toMatchObject({ kind: "hold", verdict: "on-target" });
  return decision.reasons[0];
}

describe("a stream that keeps more shards than its traffic needs says what for", () => {
  const everyThreeHours = (slot: number) => (slot % 12 === 5 ? 9 : 1);
  const once = (slot: number) => (slot === 40 ? 8 : 1);

  it("jumps that come again and again", () => {
    expect(reason(10, 1, everyThreeHours, { refusalPrice: 125 })).toBe(
      "10 % of 10 shards in the last 5 minutes, 10 % at most in 60: 2 shards would be enough for that, but 10 shards are kept, because jumps like those of the last four days would cost more than they do (`refusalPrice`)",
    );
  });

  it("the largest jump", () => {
    expect(reason(10, 1, once, { keptShareOfPeak: 1 })).toMatch(
      /: 2 shards would be enough for that, but 10 shards are kept for a jump like the largest of the last eight days \(`keptShareOfPeak`\)$/,
    );
  });

  it("rises that a forecast knows", () => {
    // Every two hours from 1 to 40 shards' worth: twelve rises a day, and ten calls.
    expect(reason(50, 1, (slot) => (slot % 8 === 7 ? 40 : 1), { forecast: "daily" })).toMatch(
      /: 2 shards would be enough for that, but 50 shards are kept, from which the calls of a day reach what it rises to each day$/,
    );
  });

  it("and nothing where the traffic needs them", () => {
    expect(reason(10, 7.5, everyThreeHours, { refusalPrice: 125 })).toMatch(/: nothing to change$/);
    expect(reason(2, 1.5, once)).toMatch(/: nothing to change$/);
  });
});
