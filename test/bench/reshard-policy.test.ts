import { describe, expect, test } from "vitest";
import { heldOut, synthetic } from "../../bench/reshard-policy/series.ts";
import { streamPolicy } from "../../functions/reshard-streams/config/policy.ts";
import { h80, staticShards } from "../../scripts/backtest/bounds.ts";
import { reflexController } from "../../scripts/backtest/reflex-controller.ts";
import { simulate } from "../../scripts/backtest/simulate.ts";
import { ofShards } from "../../scripts/backtest/traffic.ts";

const START = Date.parse("2026-11-02T00:00:00Z");
const DAY_MINUTES = 24 * 60;
const PEAK = 16;

/** The default policy over one of the bench's shapes, as `npm run bench -- reshard-policy` runs it. */
function run(name: string) {
  const series = [...synthetic(), ...heldOut()].find((one) => one.name === name);
  if (!series) throw new Error(`the bench has no shape ${name}`);
  const demand = series.values.map((value) => value * PEAK);
  const policy = streamPolicy.parse({ max: 64 });
  const result = simulate(reflexController(policy, START - DAY_MINUTES * 60_000), {
    ...{ offered: demand.map(ofShards), start: START, initialShards: staticShards(demand.slice(0, 1)) },
    ...{ metricsLateMs: 90_000, retries: true },
  });
  return { ...result, timesH80: result.shardHours / h80(demand) };
}

// The bench takes half an hour; these shapes are those that a change of the rules has made worse before, unseen.
describe("the default policy", () => {
  test("is ahead of a nightly batch from the second night: nothing is refused", () => {
    const { delayed } = run("nightly batch of 2 hours");
    expect(delayed.slice(DAY_MINUTES).reduce((sum, each) => sum + each, 0)).toBe(0);
  });

  test("does not keep what a launch needed for as long as it decays", () => {
    expect(run("launch and slow decay").timesH80).toBeLessThan(1.2);
  });

  test("does not grow by a quarter after each jump", () => {
    expect(run("levels that jump").timesH80).toBeLessThan(1.25);
  });
});
