import { describe, expect, it } from "vitest";
import { decide } from "../../../../../functions/reshard-streams/decide/decide.ts";
import { entry, HOUR, history, MINUTE, NOW, policy, stream } from "../../stream.ts";

const SLOT = 15 * MINUTE;

/** 8 shards at a demand that needs 10 of them, after so many calls within a day, with days whose largest demand was so large. */
function decided(used: number, largest: number | undefined, slots = 192) {
  const peaks = Array.from({ length: slots }, (_, slot) => (slot === 20 ? (largest ?? 0) : 2));
  return decide(
    stream(8, 7.6, largest === undefined ? {} : { profile: { firstSlot: NOW / SLOT - slots, peaks } }),
    policy({ targetUtilisation: 0.8, scaleOutAt: 0.9, keptShareOfPeak: 0, forecast: "off" }),
    history({ entries: Array.from({ length: used }, (_, index) => entry(NOW - (3 + index) * HOUR)) }),
    NOW,
  );
}

describe("a scale-out, by the calls that are left of ten", () => {
  it.each([
    [3, 10],
    [4, 15],
    [6, 15],
    [7, 16],
  ])("after %i calls goes to %i shards towards the largest demand that is known", (used, to) => {
    // 7.6 / 0.8 is 10, half as much again 15, and twice as much 19: a call at most doubles 8.
    expect(decided(used, 40)).toMatchObject({ kind: "UpdateShardCount", from: 8, to });
  });

  it("never goes beyond what that demand needs", () => {
    // 9.6 / 0.8.
    expect(decided(6, 9.6)).toMatchObject({ to: 12 });
    expect(decided(6, 7)).toMatchObject({ to: 10 });
  });

  it("knows the largest demand of a first day too, and goes no further where none is known", () => {
    expect(decided(6, 40, 40)).toMatchObject({ to: 15 });
    expect(decided(6, undefined)).toMatchObject({ to: 10 });
  });

  it("says why it is more than the demand needs", () => {
    expect(decided(6, 40).reasons[0]).toMatch(
      /above 90 %: 4 of 10 calls of UpdateShardCount are left, so 15 shards are towards the largest demand that is known, for which no further call is needed then$/,
    );
    expect(decided(3, 40).reasons[0]).toMatch(/above 90 %: 10 shards bring it to at most 80 %$/);
  });
});
