import { describe, expect, it } from "vitest";
import {
  isOverdue,
  mayStartReplacement,
  type ReplacementView,
} from "../../../../functions/drain-nodes/decide/replacement.ts";
import { MINUTE, policy, T0 } from "../given.ts";

const JOIN = 5 * MINUTE;
const SOFT = 10 * MINUTE;
const OLD = { createdAt: T0 - MINUTE, ready: true, unschedulable: false };
const NEW = { createdAt: T0 + 1, ready: true, unschedulable: false };
const view: ReplacementView = {
  mark: { cordonedAt: T0 },
  nodes: [OLD],
  isStarved: false,
  policy: { joinWithin: JOIN, drain: policy({ softDeadline: SOFT }), disruptionBudgets: [] },
  now: T0 + MINUTE,
};

describe("the drain of a node that AWS recommends to replace", () => {
  it("waits while nothing has joined", () => {
    expect(mayStartReplacement(view)).toBe(false);
  });

  it("starts when one node has joined since the cordon", () => {
    expect(mayStartReplacement({ ...view, nodes: [OLD, NEW] })).toBe(true);
  });

  it.each([
    ["came with the cordon", { ...NEW, createdAt: T0 }],
    ["is not ready", { ...NEW, ready: false }],
    ["takes no pods", { ...NEW, unschedulable: true }],
  ])("does not count a node that %s", (_, node) => {
    expect(mayStartReplacement({ ...view, nodes: [OLD, node] })).toBe(false);
  });

  it("starts without one once the time is over in which a node joins", () => {
    expect(mayStartReplacement({ ...view, now: T0 + JOIN - 1 })).toBe(false);
    expect(mayStartReplacement({ ...view, now: T0 + JOIN })).toBe(true);
  });

  it("waits for room while a pod has none, whoever has joined", () => {
    expect(mayStartReplacement({ ...view, nodes: [OLD, NEW], isStarved: true, now: T0 + JOIN })).toBe(false);
  });

  it("does not wait for ever: a pod that never finds room holds it for a join and a drain", () => {
    const starved = { ...view, isStarved: true };
    expect(mayStartReplacement({ ...starved, now: T0 + JOIN + SOFT - 1 })).toBe(false);
    expect(mayStartReplacement({ ...starved, now: T0 + JOIN + SOFT })).toBe(true);
    expect(isOverdue({ ...view, now: T0 + JOIN + SOFT - 1 })).toBe(false);
    expect(isOverdue({ ...view, now: T0 + JOIN + SOFT })).toBe(true);
  });
});
