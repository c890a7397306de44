import { describe, expect, it } from "vitest";
import {
  drainedNodes,
  groupChanges,
  sizeRefusal,
} from "../../../../functions/scale-node-pools/decide/undo.ts";

const CHANGE = { group: "workers-a", from: 1, to: 4 };
const NOW = { group: "workers-a", desired: 4, min: 0, instances: 1 };

describe("a larger size", () => {
  it("is taken back while no instance runs above the size before", () => {
    expect(sizeRefusal(CHANGE, NOW)).toBeUndefined();
  });

  it.each([
    ["instances run above it", { ...NOW, instances: 2 }, /has 2 instances already: AWS would choose/],
    ["it was changed since", { ...NOW, desired: 5 }, /is 5 and was 4 after this change/],
    ["the group's minimum is higher by now", { ...NOW, min: 2 }, /minimum of workers-a is 2/],
    ["the group is gone", undefined, /no longer exists/],
  ])("is not when %s", (_, now, why) => {
    expect(sizeRefusal(CHANGE, now)).toMatch(why);
  });
});

it("what a change was is read from its evidence", () => {
  expect(groupChanges({ evidence: { groups: "workers-a 1 -> 4, workers-b 2 -> 3" } })).toEqual([
    CHANGE,
    { group: "workers-b", from: 2, to: 3 },
  ]);
  expect(drainedNodes({ evidence: { nodes: "ip-1 ip-2" } })).toEqual(["ip-1", "ip-2"]);
  expect([groupChanges({ evidence: {} }), drainedNodes({ evidence: {} })]).toEqual([[], []]);
});
