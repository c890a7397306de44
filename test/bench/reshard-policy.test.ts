import { describe, expect, test } from "vitest";
import { recordedByFiveMinutes } from "../../bench/reshard-policy/public-series.ts";
import { alternatives, measure } from "../../bench/reshard-policy/reshard-policy.ts";
import { heldOut, synthetic } from "../../bench/reshard-policy/series.ts";

const DAY_MINUTES = 24 * 60;

/** A policy over one of the bench's shapes, as `npm run bench -- reshard-policy` runs it. */
function run(name: string, peak = 16, prefer = "balanced") {
  const series = [...synthetic(), ...heldOut(), ...recordedByFiveMinutes()].find((one) => one.name === name);
  const policy = alternatives(peak)[`prefer: ${prefer}`];
  if (!series || !policy) throw new Error(`the bench has no shape ${name}, or no policy ${prefer}`);
  return measure(series, peak, false, policy);
}

// The bench takes half an hour; these shapes are those that a change of the rules has made worse before, unseen.
describe("the default policy", () => {
  test("is ahead of a nightly batch from the second night: nothing is refused", () => {
    const { delayed } = run("nightly batch of 2 hours").result;
    expect(delayed.slice(DAY_MINUTES).reduce((sum, each) => sum + each, 0)).toBe(0);
  });

  test("does not keep what a launch needed for as long as it decays", () => {
    expect(run("launch and slow decay").timesH80).toBeLessThan(1.2);
  });

  test("follows the first morning of a large stream without spending the day's calls on small steps", () => {
    expect(run("office hours", 64).result.delayedShare).toBeLessThan(0.001);
  });

  test("keeps what jumps ask for that come several times a day at no regular time", () => {
    // A third of its records were refused when each jump was followed and scaled in after.
    expect(run("disk writes of a server").result.delayedShare).toBeLessThan(0.1);
  });

  test("keeps levels that come back in jumps: less than half of what was refused before", () => {
    expect(run("levels that jump").result.delayedShare).toBeLessThan(0.007);
  });
});

describe("the policy that prefers headroom", () => {
  test("is refused hardly anything at the next crowds like one before", () => {
    const { delayed, delayedRecords } = run("flash crowds", 16, "headroom").result;
    expect(delayedRecords).toBeGreaterThan(0);
    expect(delayed.slice(DAY_MINUTES).reduce((sum, each) => sum + each, 0)).toBeLessThan(
      0.03 * delayedRecords,
    );
  });

  test("follows what rises step by step, and keeps nothing for it", () => {
    const { timesH80, result } = run("day and night", 16, "headroom");
    expect(result.delayedRecords).toBe(0);
    expect(timesH80).toBeLessThan(1.5);
  });
});
