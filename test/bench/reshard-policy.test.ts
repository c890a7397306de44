import { describe, expect, test } from "vitest";
import { alternatives, measure } from "../../bench/reshard-policy/reshard-policy.ts";
import { heldOut, synthetic } from "../../bench/reshard-policy/series.ts";

const DAY_MINUTES = 24 * 60;

/** The default policy over one of the bench's shapes, as `npm run bench -- reshard-policy` runs it. */
function run(name: string, peak = 16) {
  const series = [...synthetic(), ...heldOut()].find((one) => one.name === name);
  const policy = alternatives(peak)["prefer: balanced"];
  if (!series || !policy) throw new Error(`the bench has no shape ${name}, or no default policy`);
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

  test("does not grow by a quarter after each jump", () => {
    expect(run("levels that jump").timesH80).toBeLessThan(1.25);
  });
});
