import { describe, expect, test } from "vitest";
import { decideByMetrics } from "../../../../functions/scale-node-pools/decide/decide-by-metrics.ts";
import type { ReservedCapacity } from "../../../../functions/scale-node-pools/model/cluster.ts";
import { MINUTE, NOW, pool, zonal } from "../given.ts";

const RAW = { cluster: undefined, containerInsights: "main" };

const reserved = (cpu: number, memory = 0): ReservedCapacity => ({
  cpu: cpu * 100,
  memory: memory * 100,
  at: NOW - 2 * MINUTE,
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
