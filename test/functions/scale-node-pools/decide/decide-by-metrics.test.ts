import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { decideByMetrics } from "../../../../functions/scale-node-pools/decide/decide-by-metrics.ts";
import type { Group, ReservedCapacity } from "../../../../functions/scale-node-pools/model/cluster.ts";
import { MINUTE, machine, NOW, pool, zonal } from "../given.ts";

const RAW = { cluster: undefined, containerInsights: "main" };

const reserved = (cpu: number, memory = 0): ReservedCapacity => ({
  cpu: cpu * 100,
  memory: memory * 100,
  at: NOW - 2 * MINUTE,
});

/** Each group as it is, with what is said of it. */
const groupsOf = (sizes: number[], groups: readonly Partial<Group>[]) =>
  zonal(sizes).groups.map((own, at): Group => ({ ...own, ...groups[at] }));
const launched = (size: number, at: number | undefined) =>
  groupsOf([size], []).map((own) => ({
    ...own,
    instances: own.instances.map((each, index) => (index < 2 ? each : { ...each, launchedAt: at })),
  }));
const FAILED = { at: NOW - MINUTE, message: "no capacity" };

const CASES: Readonly<
  Record<string, { groups: Group[]; seen?: ReservedCapacity; raw?: object; status?: object }>
> = {
  "above the target": { groups: groupsOf([2, 2, 2], []), seen: reserved(91, 40) },
  "above the target by memory": { groups: groupsOf([2, 2, 2], []), seen: reserved(20.55, 91.25) },
  "at the target": { groups: groupsOf([2, 2, 2], []), seen: reserved(70) },
  "one would do": { groups: groupsOf([2, 2, 2], []), seen: reserved(10) },
  "nothing is reserved": { groups: groupsOf([2], []), seen: reserved(0) },
  "no datapoint": { groups: groupsOf([2], []) },
  "no datapoint, and below min": { groups: groupsOf([2], []), raw: { min: 3 } },
  "one below what is needed, at max": { groups: groupsOf([2], []), seen: reserved(100), raw: { max: 2 } },
  "more than max": { groups: groupsOf([2, 2, 2], []), seen: reserved(99), raw: { max: 7 } },
  "more than maxChange": { groups: groupsOf([2, 2, 2], []), seen: reserved(99), raw: { maxChange: 5 } },
  "cluster-autoscaler's": {
    groups: groupsOf([2], [{ tags: { "k8s.io/cluster-autoscaler/enabled": "true" } }]),
    seen: reserved(99),
  },
  "a node that came with the datapoint": { groups: launched(4, NOW - 2 * MINUTE), seen: reserved(100) },
  "a node that came just before the datapoint": {
    groups: launched(4, NOW - 2 * MINUTE - 1),
    seen: reserved(100),
  },
  "nodes that came nobody knows when": { groups: launched(4, undefined), seen: reserved(100) },
  "an instance that is starting": {
    groups: groupsOf([2], []).map((own) => ({
      ...own,
      desired: 3,
      instances: [
        ...own.instances,
        machine("new", { instance: { state: "starting", launchedAt: NOW - 5 * MINUTE } }).instance,
      ],
    })),
    seen: reserved(100),
  },
  "a zone without capacity": {
    groups: groupsOf([1, 1], [{ desired: 3, failedLaunch: FAILED }]),
    seen: reserved(91),
  },
  "a zone without capacity, and the other is full": {
    groups: groupsOf([1, 1], [{ desired: 3, failedLaunch: FAILED }, { max: 1 }]),
    seen: reserved(91),
  },
  "a node has joined since the last failure": {
    groups: launched(3, NOW - 5 * MINUTE),
    seen: reserved(50),
    status: {
      groups: {
        "workers-a": {
          failures: 2,
          lastFailureAt: NOW - 9 * MINUTE,
          code: "launch-failed",
          text: "no capacity",
        },
      },
    },
  },
};

test("whole decisions, as an on-call engineer gets them", async () => {
  const decisions = Object.entries(CASES).map(([name, { groups, seen, raw = {}, status = {} }]) => [
    name,
    decideByMetrics(pool(groups, { ...RAW, ...raw }, { status }), seen, NOW),
  ]);
  await expect(`${JSON.stringify(Object.fromEntries(decisions), undefined, 2)}\n`).toMatchFileSnapshot(
    join(import.meta.dirname, "golden", "by-metrics.json"),
  );
});

const decided = (sizes: number[], seen: ReservedCapacity | undefined, raw = {}, over = {}) =>
  decideByMetrics(pool(zonal(sizes, over).groups, { ...RAW, ...raw }), seen, NOW);

describe("a pool that is known by metrics", () => {
  test("grows to the exact need, balanced over the zones", () => {
    // 6 nodes at 91 % are 7.8 nodes at 70 %.
    const decision = decided([2, 2, 2], reserved(91, 40));
    expect(decision).toMatchObject({ verdict: "scale-out", from: 6, to: 8, nodesNeeded: 8 });
    expect(decision.capacityChanges.map(({ group, to }) => [group, to])).toEqual([
      ["workers-a", 3],
      ["workers-b", 3],
    ]);
  });

  test("follows the larger of CPU and memory", () => {
    expect(decided([2, 2, 2], reserved(20, 91)).to).toBe(8);
  });

  test("holds when it is exactly at the target", () => {
    expect(decided([2, 2, 2], reserved(70))).toMatchObject({ verdict: "hold", capacityChanges: [] });
  });

  test("never shrinks, and says why", () => {
    const decision = decided([2, 2, 2], reserved(10));
    expect(decision).toMatchObject({ verdict: "hold", drain: [], nodesNeeded: 1 });
    expect(decision.reasons.map(({ text }) => text).join()).toContain(
      "none goes, because without the cluster's API none can be drained",
    );
  });

  test("holds without a datapoint, but keeps its min", () => {
    expect(decided([1, 1, 0], undefined)).toMatchObject({ verdict: "hold", nodesNeeded: undefined });
    expect(decided([1, 1, 0], undefined, { min: 3 })).toMatchObject({ verdict: "scale-out", to: 3 });
  });

  test("keeps its min also when it is empty", () => {
    expect(decided([0, 0, 0], undefined, { min: 2 })).toMatchObject({ verdict: "scale-out", to: 2 });
  });

  test("does not count nodes that came after the datapoint as measured", () => {
    const young = { launchedAt: NOW - MINUTE };
    const { groups } = zonal([4]);
    const grown = groups.map((group) => ({
      ...group,
      instances: group.instances.map((each, index) => (index < 2 ? each : { ...each, ...young })),
    }));
    // Two nodes were at 100 %: 2.9 nodes, and there are four.
    expect(decideByMetrics(pool(grown, RAW), reserved(100), NOW)).toMatchObject({
      verdict: "hold",
      nodesNeeded: 3,
    });
  });

  test("stops at its max and says so", () => {
    expect(decided([2, 2, 2], reserved(99), { max: 7 })).toMatchObject({
      verdict: "scale-out",
      to: 7,
      warnings: [{ code: "cannot-scale-out" }],
    });
  });

  test("is left to cluster-autoscaler when its tags are there", () => {
    const tags = { "k8s.io/cluster-autoscaler/enabled": "true" };
    expect(decided([2], reserved(99), {}, { groups: { tags } })).toMatchObject({
      verdict: "managed-elsewhere",
      capacityChanges: [],
    });
  });

  test("is refused more than maxChange at once", () => {
    expect(decided([2, 2, 2], reserved(99), { maxChange: 5 })).toMatchObject({
      verdict: "refused",
      capacityChanges: [],
    });
  });
});
