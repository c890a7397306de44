import { describe, expect, it } from "vitest";
import { recoverIntent } from "../../../../functions/scale-node-pools/decide/recover-intent.ts";
import type { Intent } from "../../../../shared/ledger/entry.ts";
import { NOW } from "../given.ts";

const HISTORY = { resource: "pool/workers", version: 1, entries: [] };
/** A run that died after it wrote this down; its lease ends now. */
const died = (over: Partial<Intent>, leasedUntil: number | undefined = NOW) => ({
  ...HISTORY,
  ...(leasedUntil !== undefined && { leasedUntil }),
  pending: {
    ...{ id: "i", at: NOW, automation: "scale-node-pools", action: "autoscaling:SetDesiredCapacity" },
    ...{ direction: "out" as const, from: 3, to: 5, reasons: [], evidence: {}, trigger: "a schedule" },
    ...over,
  },
});
const applied = (size: number) => ({
  result: "applied",
  at: NOW,
  detail: `its run left no outcome; the pool shows ${size} nodes`,
});
const lost = (size: number, to: number) => ({
  result: "lost",
  at: NOW,
  detail: `its run left no outcome; the pool shows ${size} nodes, not ${to}`,
});

describe("a scale-out whose run died", () => {
  it.each([
    ["all its nodes", 5, applied(5)],
    ["more than its nodes, as another's came since", 6, applied(6)],
    ["some of its nodes", 4, lost(4, 5)],
  ])("has taken place where the pool has %s", (_, size, outcome) => {
    expect(recoverIntent(died({}), size, NOW)).toEqual(outcome);
  });
});

describe("a scale-in whose run died", () => {
  const scaleIn = { direction: "in" as const, from: 5, to: 3 };

  it.each([
    ["as few nodes as it was to have", 3, applied(3)],
    ["fewer", 2, applied(2)],
    ["more", 4, lost(4, 3)],
  ])("has taken place where the pool has %s", (_, size, outcome) => {
    expect(recoverIntent(died(scaleIn), size, NOW)).toEqual(outcome);
  });
});

it("what changes no size counts as done: the next run sees whether it has to be done again", () => {
  expect(recoverIntent(died({ direction: "none", from: 3, to: 4 }), 3, NOW)).toEqual(applied(3));
});

describe("nothing is said", () => {
  it("while the run may still be at work", () => {
    expect(recoverIntent(died({}, NOW + 1), 5, NOW)).toBeUndefined();
  });

  it("where no intent is pending", () => {
    expect(recoverIntent({ ...HISTORY, leasedUntil: NOW - 1 }, 5, NOW)).toBeUndefined();
  });
});

it("a run without a lease is over", () => {
  expect(recoverIntent(died({}, undefined), 5, NOW)).toEqual(applied(5));
});
