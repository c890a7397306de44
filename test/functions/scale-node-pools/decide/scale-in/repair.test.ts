import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { Group, Instance } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import { MINUTE, NOW } from "../../given.ts";
import { filled, type Given, one } from "../scenarios/given.ts";

const HOUR = 60 * MINUTE;

/** A pool of these sizes, of whose nodes those that are named are gone; that was seen an hour ago. */
function without(gone: readonly string[], given: Given & { readonly sizes: readonly number[] }): Decision {
  const unjoined = Object.fromEntries(gone.map((name) => [`i-${name}`, NOW - HOUR]));
  const scenario = one("", {
    pods: (nodes) => filled(nodes, 1000),
    status: { unjoined },
    ...given,
    raw: { maxNotReady: "100%", ...given.raw },
  });
  const nodes = scenario.cluster.nodes.filter(({ name }) => !gone.includes(name));
  const pods = scenario.cluster.pods.filter(({ node }) => node === undefined || !gone.includes(node));
  const [decision] = decide({ ...scenario.cluster, nodes, pods }, scenario.pools, NOW);
  if (!decision) throw new Error("no decision");
  return decision;
}
const ended = ({ terminate }: Decision) =>
  terminate.map(({ instanceId, shrinks }) => [instanceId, shrinks ? "goes" : "is replaced"]);
const old: Partial<Instance> = { launchedAt: NOW - 10 * HOUR };

describe("instances that are no nodes", () => {
  test("go down to the pool's min, and are replaced below it", () => {
    expect(ended(without(["a3", "a4"], { sizes: [4], raw: { min: 3 } }))).toEqual([
      ["i-a3", "goes"],
      ["i-a4", "is replaced"],
    ]);
  });

  test("go down to the min of their group, counted together", () => {
    expect(ended(without(["a3", "a4"], { sizes: [4], groups: { min: 3 } }))).toEqual([
      ["i-a3", "goes"],
      ["i-a4", "is replaced"],
    ]);
  });

  test("that are replaced leave what the pool may lose to those that are not", () => {
    expect(ended(without(["a1", "b1"], { sizes: [1, 2], raw: { min: 2 }, groups: { min: 1 } }))).toEqual([
      ["i-a1", "is replaced"],
      ["i-b1", "goes"],
    ]);
  });

  test.each<[string, Partial<Group>]>([
    ["a Spot Fleet", { kind: "spotFleet" }],
    ["a group whose Terminate process is suspended", { suspended: ["Launch", "Terminate"] }],
    ["a group in an instance refresh", { refreshing: true }],
  ])("of %s stay", (_, groups) => {
    expect(ended(without(["a3"], { sizes: [3], groups, raw: { max: 10 } }))).toEqual([]);
  });

  test("that were nodes stay while many nodes are missing; those that never were go", () => {
    const joinWithin = 15 * MINUTE;
    const since = NOW - HOUR;
    const missing = (launchedAt: number | undefined) =>
      ended(
        without(["a3", "a4"], {
          sizes: [4],
          instances: { a3: { launchedAt }, a4: { launchedAt } },
          raw: { maxNotReady: 1 },
        }),
      ).length;
    expect(missing(since - 2 * joinWithin + 1)).toBe(2);
    expect(missing(since - 2 * joinWithin)).toBe(0);
    expect(missing(undefined)).toBe(0);
  });

  test("that never were nodes are not among the missing that make the cluster doubtful", () => {
    const gone = {
      a2: old,
      a3: { launchedAt: NOW - HOUR - MINUTE },
      a4: { launchedAt: NOW - HOUR - MINUTE },
    };
    const decision = without(["a2", "a3", "a4"], { sizes: [5], instances: gone, raw: { maxNotReady: 1 } });
    expect(ended(decision).map(([id]) => id)).toEqual(["i-a2", "i-a3", "i-a4"]);
  });
});

describe("a node that has not been ready for long", () => {
  const notReady = { ready: false, notReadySince: NOW - HOUR };
  const sized = (min: number, max: number) =>
    without([], {
      sizes: [3],
      nodes: { a1: notReady },
      pods: (nodes) => filled(nodes, 800),
      raw: { min, max, maxNotReady: 1 },
    });

  test("is drained while the pool is above its min", () => {
    expect(sized(2, 3)).toMatchObject({ verdict: "repair", drain: [{ node: "a1" }] });
  });

  test("gets a successor first at the pool's min, and stays where there can be none", () => {
    expect(sized(3, 4)).toMatchObject({ verdict: "scale-out", to: 4, drain: [] });
    const text =
      "node a1 has not been ready for long, and is not repaired: the pool is at its min of 3, and its max of 3 leaves no place for a successor";
    expect(sized(3, 3)).toMatchObject({ drain: [], warnings: [{ code: "not-ready", about: "a1", text }] });
  });
});
