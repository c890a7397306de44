import { describe, expect, it } from "vitest";
import { poolLimitReason, poolMinReason } from "../../../../functions/drain-nodes/decide/pool-limits.ts";
import { parseWindow } from "../../../../shared/time/windows.ts";

const MONDAY_NOON = Date.parse("2026-03-02T12:00:00Z");
const ids = (...some: string[]): ReadonlySet<string> => new Set(some);
const policy = { min: 2, windows: [], disruptionBudgets: [] };
const drains = { policy, size: 4, leaving: ids("a"), draining: ids("a", "b"), now: MONDAY_NOON };

describe("the min of a pool", () => {
  it("lets a node leave while one more than min stays", () => {
    expect(poolMinReason(drains)).toBeUndefined();
  });

  it("holds the node whose leaving would go below it: those that leave already count", () => {
    expect(poolMinReason({ ...drains, leaving: ids("a", "b") })).toEqual({
      code: "pool-at-min",
      text: "the pool would fall below its min of 2 (size 4, 2 already leaving)",
    });
  });
});

describe("the disruption budget of a pool", () => {
  const budget = (count: number, during?: string) => ({
    ...policy,
    disruptionBudgets: [{ nodes: { count }, ...(during && { during: parseWindow(during) }) }],
  });

  it("lets a node go while fewer are being drained than it says", () => {
    expect(poolLimitReason({ ...drains, policy: budget(3) })).toBeUndefined();
  });

  it("holds a node when as many are being drained, those that are replaced included", () => {
    expect(poolLimitReason({ ...drains, policy: budget(2) })).toEqual({
      code: "disruption-budget",
      text: "the disruption budget lets at most 2 go at once: being drained now: 2",
    });
  });

  it("names the window in which it holds", () => {
    expect(poolLimitReason({ ...drains, policy: budget(1, "Mon 08:00-20:00 UTC") })?.text).toBe(
      "the disruption budget (Mon 08:00-20:00 UTC) lets at most 1 go at once: being drained now: 2",
    );
  });

  it("is asked after min, which is the first reason given", () => {
    const reason = poolLimitReason({ ...drains, size: 3, policy: budget(1) });
    expect(reason?.code).toBe("pool-at-min");
  });
});
