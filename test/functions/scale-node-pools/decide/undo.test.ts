import { describe, expect, it } from "vitest";
import {
  drainedNodes,
  groupChanges,
  refusalText,
  sizeRefusal,
  uncordonRefusal,
} from "../../../../functions/scale-node-pools/decide/undo.ts";
import type { ChangedPart, Entry, Intent } from "../../../../shared/ledger/entry.ts";

const entry = (intent: Partial<Intent>): Entry => ({
  intent: {
    ...{ id: "first", at: 0, automation: "scale-node-pools", action: "autoscaling:SetDesiredCapacity" },
    ...{ direction: "out", from: 1, to: 4, reasons: [], evidence: {}, trigger: "by hand", ...intent },
  },
  outcome: { result: "applied", at: 0 },
});

const CHANGE = { group: "workers-a", from: 1, to: 4 };
const NOW = { group: "workers-a", desired: 4, min: 0, instances: 1 };

describe("a larger size", () => {
  it("is taken back while no instance runs above the size before", () => {
    expect(sizeRefusal(CHANGE, NOW, [])).toBeUndefined();
  });

  it("says that AWS would choose the instances only where some would have to go", () => {
    expect(refusalText([{ code: "instances-above-size", text: "workers-a has 2 instances" }])).toMatch(
      /^workers-a has 2 instances\. AWS would choose/,
    );
    expect(refusalText([{ code: "group-gone", text: "it had 2 instances already" }])).toBe(
      "it had 2 instances already",
    );
  });

  it("is taken back down to the group's minimum", () => {
    expect(sizeRefusal(CHANGE, { ...NOW, min: 1 }, [])).toBeUndefined();
  });

  it("that is none, as only the group's limits were changed, needs no room", () => {
    expect(sizeRefusal({ ...CHANGE, from: 4 }, { ...NOW, instances: 5 }, [])).toBeUndefined();
  });

  it("gives every reason, and the advice where one of them has it", () => {
    const refusals = [
      { code: "group-gone", text: "group workers-b no longer exists" },
      { code: "instances-above-size", text: "workers-a has 2 instances already" },
    ] as const;
    expect(refusalText(refusals)).toMatch(
      /^group workers-b no longer exists; workers-a has 2 instances already\. AWS would choose/,
    );
  });

  it.each([
    ["instances run above it", { ...NOW, instances: 2 }, "instances-above-size", /has 2 instances already$/],
    ["it was changed since", { ...NOW, desired: 5 }, "changed-otherwise", /is 5 and was 4 after this change/],
    [
      "the group's minimum is higher by now",
      { ...NOW, min: 2 },
      "below-group-min",
      /minimum of workers-a is 2/,
    ],
    ["the group is gone", undefined, "group-gone", /no longer exists/],
  ])("is not when %s", (_, now, code, why) => {
    expect(sizeRefusal(CHANGE, now, [])).toEqual({ code, text: expect.stringMatching(why) });
  });

  it("is not when another change of the same group came after it, whatever the size is now", () => {
    const since = (...parts: ChangedPart[]) => [entry({ id: "second", from: 4, to: 9, parts })];
    const other = { name: "workers-b", size: { from: 1, to: 2 } };
    const same = { name: "workers-a", size: { from: 3, to: 4 } };
    expect(sizeRefusal(CHANGE, NOW, since(other, same))).toEqual({
      code: "changed-later",
      text: "it is not the last change of workers-a: 4 -> 9 nodes (second) came after it, undo that first",
    });
    expect(sizeRefusal(CHANGE, NOW, since(other))).toBeUndefined();
  });
});

it("a smaller size is brought back though more instances run: AWS terminates none for it", () => {
  const change = { group: "workers-a", from: 4, to: 1 };
  expect(sizeRefusal(change, { ...NOW, desired: 1, min: 5, instances: 7 }, [])).toBeUndefined();
});

describe("a node of a drain", () => {
  const MARK = { plan: "first", cause: "scale-in" } as const;
  it.each([
    ["is uncordoned while its drain is under way", { mark: MARK }, undefined, undefined],
    ["that is gone", undefined, "node-gone", /is gone/],
    ["whose drain has ended", {}, "not-draining", /is not being drained: its drain has ended/],
    [
      "that another plan drains",
      { mark: { ...MARK, plan: "second" } },
      "later-plan",
      /by a later plan: undo second$/,
    ],
    [
      "that AWS takes",
      { mark: { cause: "spot-interruption" } },
      "other-cause",
      /because of a spot-interruption/,
    ],
    [
      "that is empty",
      { mark: { ...MARK, ending: true } },
      "terminating",
      /is empty, and its instance is being terminated/,
    ],
  ] as const)("%s", (_, node, code, why) => {
    const refused = uncordonRefusal(node, "first");
    expect(refused).toEqual(code && { code, text: expect.stringMatching(why) });
  });
});

it("what a change was is read from its parts", () => {
  const groups = [
    { name: "workers-a", size: { from: 1, to: 4 } },
    { name: "workers-b", size: { from: 2, to: 3 } },
  ];
  const nodes = [{ name: "ip-1" }, { name: "ip-2" }];
  expect(groupChanges({ parts: [...groups, ...nodes] })).toEqual([
    CHANGE,
    { group: "workers-b", from: 2, to: 3 },
  ]);
  expect(drainedNodes({ parts: [...groups, ...nodes] })).toEqual(["ip-1", "ip-2"]);
  expect([groupChanges({}), drainedNodes({})]).toEqual([[], []]);
});
