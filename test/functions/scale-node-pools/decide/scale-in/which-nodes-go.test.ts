import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { ClusterNode, Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import { MINUTE, NOW, shape } from "../../given.ts";
import { FREELY, filled, LONG, one, pods, type Scenario } from "../scenarios/given.ts";

const decided = ({ cluster, pools }: Scenario): Decision => {
  const [decision] = decide(cluster, pools, NOW);
  if (!decision) throw new Error("no decision");
  return decision;
};
const drained = (scenario: Scenario): string[] => decided(scenario).drain.map(({ node }) => node);
/** A pod of its own on a node. */
const on = (node: string, over: Parameters<typeof shape>[0], more: Partial<Pod> = {}): Pod[] =>
  pods(1, { node, shape: shape({ mib: 1, ...over }), ...more }, `on-${node}`);

describe("of nodes that are not needed", () => {
  test("the emptiest of all zones goes first, while the zones are equally large", () => {
    const running = [
      ...on("a1", { cpu: 100 }),
      ...on("b1", { cpu: 110 }),
      ...on("b2", { cpu: 120 }),
      ...on("a2", { cpu: 130 }),
    ];
    expect(drained(one("", { sizes: [2, 2], pods: running, raw: { min: 1 } }))).toEqual(["a1", "b1", "b2"]);
  });

  test("of equals the first by name goes, however they are listed", () => {
    const { cluster, pools } = one("", { sizes: [3], raw: { min: 2 } });
    for (const listed of [pools, pools.map((pool) => ({ ...pool, groups: pool.groups.map(reversed) }))]) {
      expect(drained({ name: "", cluster, pools: listed })).toEqual(["a1"]);
    }
  });

  test("one whose pods cannot be weighed goes last", () => {
    const nothing = { allocatable: { milliCpu: 0, memory: 0, pods: 0 } };
    const scenario = one("", { sizes: [4], nodes: { a1: nothing, a2: nothing }, raw: { min: 3 } });
    const running = [...on("a1", { cpu: 1 }), ...on("a2", { cpu: 1 })];
    expect(drained({ ...scenario, cluster: { ...scenario.cluster, pods: running } })).toEqual(["a3"]);
  });

  test("one goes without its zone being known", () => {
    const unknown = { zone: undefined, labels: {} };
    expect(
      drained(
        one("", {
          sizes: [2],
          raw: { min: 1 },
          nodes: { a1: unknown, a2: unknown },
          instances: { a1: { zone: undefined }, a2: { zone: undefined } },
        }),
      ),
    ).toEqual(["a1"]);
  });

  const PORT = { hostPorts: ["TCP/80"] };
  test("one stays that got a pod of one that goes, and has no place for that", () => {
    const running = [
      ...on("a1", { cpu: 10, ...PORT }),
      ...on("a2", { cpu: 20 }),
      ...on("a3", { cpu: 30, ...PORT }),
    ];
    const decision = decided(one("", { sizes: [3], pods: running, raw: { min: 1 } }));
    expect(decision).toMatchObject({
      drain: [{ node: "a1" }],
      unremovable: [
        { node: "a2", reason: { text: "pod default/on-a1-1 has no other place" } },
        { node: "a3" },
      ],
    });
  });

  test("one stays whose pods would fit only a node that goes", () => {
    const running = [
      ...on("a1", { cpu: 10 }),
      ...on("a2", { cpu: 20, ...PORT }),
      ...on("a3", { cpu: 30, ...PORT }),
    ];
    expect(drained(one("", { sizes: [3], pods: running, raw: { min: 1 } }))).toEqual(["a1"]);
  });

  test.each<[string, Partial<Pod>]>([
    ["that is ending", { terminating: true }],
    ["of a DaemonSet", { role: "daemon" }],
  ])("one goes whatever a pod on it %s asks for", (_, over) => {
    const running = [...on("a1", { cpu: 1300 }), ...on("a2", { cpu: 1500 }, over)];
    expect(drained(one("", { sizes: [2], pods: running, raw: { min: 1, targetUtilisation: 90 } }))).toEqual([
      "a2",
    ]);
  });
});

const reversed = <T extends { readonly instances: readonly unknown[] }>(group: T): T => ({
  ...group,
  instances: group.instances.toReversed(),
});

describe("a pool", () => {
  test("at its max gets smaller like one below it", () => {
    expect(drained(one("", { sizes: [2], raw: { max: 2, min: 1 } }))).toEqual(["a1"]);
  });

  test("above its max gets down to that at first, however empty it is", () => {
    expect(drained(one("", { sizes: [3], raw: { max: 2, min: 1 } }))).toEqual(["a1"]);
  });

  test("without a node is not low", () => {
    expect(decided(one("", { sizes: [0] })).status.lowSince).toBeUndefined();
  });

  test.each([
    [1, "a scale-in was taken back, as pods had no place without the node: no node goes before 12:01 UTC"],
    [
      3,
      "a scale-in was taken back 3 times in a row, as pods had no place without the node: no node goes before 12:01 UTC",
    ],
  ])(
    "of which a scale-in was taken back lately (%i) keeps its nodes until its back-off ends",
    (failures, text) => {
      const until = (at: number) =>
        decided(one("", { sizes: [2], status: { ...LONG, takenBack: { failures, until: at } } }));
      expect(until(NOW + MINUTE)).toMatchObject({
        drain: [],
        reasons: [{ code: "scale-in-taken-back", text }],
      });
      expect(until(NOW).drain).not.toEqual([]);
    },
  );

  test.each([
    [
      "is being terminated",
      { groups: { desired: 4 }, instances: { a5: { state: "terminating" as const } } },
      {},
    ],
    ["never joined", {}, { maxNotReady: 3 }],
  ])("drains no node while one that %s takes what the disruption budget allows", (what, over, raw) => {
    const limited = { ...FREELY, disruptionBudgets: [{ nodes: 1 }], ...raw };
    const scenario = one("", { sizes: [5], ...over, raw: { ...limited } });
    const nodes: readonly ClusterNode[] =
      what === "never joined" ? scenario.cluster.nodes.slice(0, 4) : scenario.cluster.nodes;
    expect(decided({ ...scenario, cluster: { ...scenario.cluster, nodes } })).toMatchObject({
      drain: [],
      reasons: expect.arrayContaining([expect.objectContaining({ code: "disruption-budget" })]),
    });
  });

  test("drains no node while too many instances are none", () => {
    const scenario = one("", { sizes: [4], pods: (nodes) => filled(nodes, 1), raw: { maxNotReady: 1 } });
    const nodes = scenario.cluster.nodes.slice(0, 2);
    expect(decided({ ...scenario, cluster: { ...scenario.cluster, nodes } }).reasons).toContainEqual({
      code: "too-many-not-ready",
      text: "2 nodes not ready (i-a3, i-a4), more than 1: no node goes until they are",
    });
  });
});
