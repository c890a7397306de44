import { describe, expect, test } from "vitest";
import { withSections } from "../../../shared/config/file.ts";
import { parseSection } from "../../../shared/config/load.ts";
import { clusterOf, nodePools } from "../../../shared/node-pools/policy.ts";

/** What is wrong with a section `nodePools`, as a person reads it. */
function problems(pools: unknown): readonly string[] {
  const parsed = parseSection(withSections({ nodePools: pools }, "config/dev.yml"), "nodePools", nodePools);
  return "problems" in parsed ? parsed.problems : [];
}

const GROUPS = { cluster: "main", autoScalingGroups: ["workers-a", "workers-b"] };
const MINUTE = 60_000;

test("a pool needs no more than what it scales and where its pods are", () => {
  expect(problems({ workers: GROUPS })).toEqual([]);
  const { workers } = nodePools.parse({ workers: GROUPS });
  expect(workers).toMatchObject({
    targetUtilisation: 70,
    removeSlowlyBelow: 60,
    removeFastBelow: 40,
    scaleInAfter: 10 * MINUTE,
    scaleInDelay: 10 * MINUTE,
  });
});

describe("a pool scales exactly one thing", () => {
  test.each([
    ["nothing", { cluster: "main" }],
    ["two things", { ...GROUPS, managedNodeGroup: { cluster: "main", name: "apps" } }],
  ])("not %s", (_, pool) => {
    expect(problems({ workers: pool }).join()).toContain(
      "exactly one of autoScalingGroups, managedNodeGroup and spotFleet",
    );
  });

  test("which no other pool scales", () => {
    const [problem] = problems({ one: GROUPS, two: { ...GROUPS, autoScalingGroups: ["workers-b"] } });
    expect(problem).toContain("nodePools.two");
    expect(problem).toContain(
      'expected each in one pool only: Auto Scaling group workers-b is in node pool "one" too',
    );
  });

  test("and a Spot Fleet has a max", () => {
    expect(problems({ workers: { cluster: "main", spotFleet: "sfr-1" } }).join()).toContain(
      "expected max: a Spot Fleet has no limit of its own",
    );
  });
});

describe("a pool's pods are in exactly one place", () => {
  test.each([
    ["nowhere", { autoScalingGroups: ["a"] }],
    ["in two", { ...GROUPS, containerInsights: "main" }],
    [
      "in a managed node group's cluster and another",
      { managedNodeGroup: { cluster: "main", name: "apps" }, cluster: "other" },
    ],
  ])("not %s", (_, pool) => {
    expect(problems({ workers: pool }).join()).toContain("expected either cluster");
  });

  test.each([
    ["its cluster", GROUPS, "main"],
    ["its managed node group's cluster", { managedNodeGroup: { cluster: "main", name: "apps" } }, "main"],
    ["none, when it is known by metrics", { autoScalingGroups: ["a"], containerInsights: "main" }, undefined],
    [
      "none, when a managed node group is known by metrics",
      { managedNodeGroup: { cluster: "main", name: "apps" }, containerInsights: "main" },
      undefined,
    ],
  ])("%s", (_, raw, cluster) => {
    expect(problems({ workers: raw })).toEqual([]);
    const { workers } = nodePools.parse({ workers: raw });
    expect(workers && clusterOf(workers)).toBe(cluster);
  });
});

describe("a mistake is named with its place, what was found and what was expected", () => {
  test.each<[string, object, RegExp]>([
    ["a key that does not exist", { maxNodes: 3 }, /nodePools\.workers.*maxNodes/],
    [
      "a duration",
      { scaleInAfter: "soon" },
      /nodePools\.workers\.scaleInAfter.*"soon", expected a duration such as "90s", "10m" or "1h30m"/,
    ],
    [
      "a time window",
      { windows: [{ during: "Mon-Fr 08:00-20:00 Asia/Tokyo", min: 2 }] },
      /nodePools\.workers\.windows\.0\.during.*found "Mon-Fr 08:00-20:00 Asia\/Tokyo", expected Mon, Tue/,
    ],
    [
      "a window that says nothing",
      { windows: [{ during: "Mon 08:00-20:00 UTC" }] },
      /windows\.0.*expected min, max or desired: what holds/,
    ],
    [
      "a window that says two things",
      { windows: [{ during: "Mon 08:00-20:00 UTC", desired: 3, max: 5 }] },
      /windows\.0.*expected desired alone/,
    ],
    [
      "a share of nodes",
      { disruptionBudgets: [{ nodes: "110%" }] },
      /disruptionBudgets\.0\.nodes.*found "110%", expected a number or a share of the nodes such as "10%"/,
    ],
    [
      "a quantity",
      { nodeShape: { cpu: "2x", memory: "8Gi", pods: 29 } },
      /nodeShape\.cpu.*"2x", expected a Kubernetes quantity/,
    ],
    ["min above max", { min: 5, max: 4 }, /nodePools\.workers.*min <= max/],
    [
      "bands in the wrong order",
      { removeSlowlyBelow: 80 },
      /removeFastBelow <= removeSlowlyBelow < targetUtilisation/,
    ],
    ["a target above 100 %", { targetUtilisation: 120 }, /nodePools\.workers\.targetUtilisation/],
  ])("%s", (_, raw, expected) => {
    expect(problems({ workers: { ...GROUPS, ...raw } }).join("\n")).toMatch(expected);
  });

  test("together with all others", () => {
    expect(
      problems({ one: { ...GROUPS, min: -1, scaleInAfter: "x" }, two: { cluster: "main" } }),
    ).toHaveLength(3);
  });
});
