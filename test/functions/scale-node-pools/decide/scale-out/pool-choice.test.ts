import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type { Pod, Pool } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { cluster, group, LOW_FOR_LONG, manyPods, NOW, pod, pool, shape, zonal } from "../../given.ts";

/** An empty pool whose nodes are of this shape. */
const empty = (name: string, nodeShape: Record<string, unknown>, raw: Record<string, unknown> = {}): Pool =>
  pool([group(name, [])], { nodeShape, targetUtilisation: 100, ...raw }, { name });

const SMALL = { cpu: "2", memory: "8Gi", pods: 29 };
const LARGE = { cpu: "16", memory: "64Gi", pods: 234 };
const GPU = { cpu: "2", memory: "8Gi", pods: 29, extended: { "nvidia.com/gpu": 1 } };

/** Nodes that each pool gets. */
const launched = (pools: readonly Pool[], pods: readonly Pod[]) =>
  Object.fromEntries(decide(cluster([], pods), pools, NOW).map(({ pool, to }) => [pool, to]));

describe("of the pools that could take a pod, the node goes to", () => {
  test("the one with the highest priority", () => {
    const pools = [empty("first", SMALL), empty("second", SMALL, { priority: 10 })];
    expect(launched(pools, manyPods(4))).toEqual({ first: 0, second: 1 });
  });

  test("the one whose node is left the least unused", () => {
    const pools = [empty("large", LARGE), empty("small", { cpu: "2", memory: "2Gi", pods: 29 })];
    const tight = shape({ cpu: 1000, mib: 1000 });
    expect(launched(pools, manyPods(4, { shape: tight }))).toEqual({ large: 0, small: 2 });
  });

  test("the cheapest of those that waste the same; one whose price nobody knows comes last", () => {
    const pools = [
      empty("unknown", SMALL),
      empty("dear", SMALL, { pricePerHour: 0.1 }),
      empty("cheap", SMALL, { pricePerHour: 0.03, max: 1 }),
      empty("cheap-and-wasteful", { ...SMALL, memory: "32Gi" }, { pricePerHour: 0.01 }),
    ];
    const tight = shape({ cpu: 900, mib: 3900 });
    expect(launched(pools, manyPods(4, { shape: tight }))).toEqual({
      unknown: 0,
      dear: 1,
      cheap: 1,
      "cheap-and-wasteful": 0,
    });
  });

  test("the first of the file where it makes no difference", () => {
    expect(launched([empty("a", SMALL), empty("b", SMALL)], manyPods(4))).toEqual({ a: 1, b: 0 });
  });

  test("one without a GPU, unless the pod asks for it", () => {
    const pools = [empty("gpu", GPU), empty("cpu", SMALL)];
    const gpu = shape({ requests: { milliCpu: 500, memory: 0, pods: 1, extended: { "nvidia.com/gpu": 1 } } });
    expect(launched(pools, [...manyPods(4), ...manyPods(2, { shape: gpu })])).toEqual({ gpu: 2, cpu: 1 });
  });

  test("the next one, when the best can have no more", () => {
    const pools = [empty("best", SMALL, { priority: 1, max: 1 }), empty("next", SMALL)];
    expect(launched(pools, manyPods(8))).toEqual({ best: 1, next: 1 });
  });
});

describe("headroom", () => {
  const two = (headroom: unknown, busy = 1400) => {
    const { nodes, groups } = zonal([2]);
    const pods = nodes.map(({ name }) => pod({ node: name, shape: shape({ cpu: busy, mib: 10 }) }));
    const [decision] = decide(cluster(nodes, pods), [pool(groups, { headroom }, LOW_FOR_LONG)], NOW);
    return decision;
  };

  test.each<[string, unknown, number]>([
    ["nodes", 2, 4],
    ["a share of the nodes", "100%", 4],
    ["a share that is less than a node", "10%", 3],
    ["resources", { cpu: "3" }, 4],
    ["resources of which there are enough", { memory: "1Gi" }, 2],
    ["none", 0, 2],
  ])("of %s is kept free beside what the pods request", (_, headroom, to) => {
    // Two nodes, both at the target of 70 %.
    expect(two(headroom)).toMatchObject({ to });
  });

  test("is kept when the pool scales in", () => {
    expect(two(undefined, 100)).toMatchObject({ verdict: "scale-in", to: 1 });
    expect(two(1, 700)).toMatchObject({ verdict: "hold", to: 2 });
  });
});

describe("an empty group whose tags say what its nodes are", () => {
  const PREFIX = "k8s.io/cluster-autoscaler/node-template/";
  const tagged = (tags: Record<string, string>, pods: readonly Pod[]) => {
    const all = Object.fromEntries(Object.entries(tags).map(([key, value]) => [`${PREFIX}${key}`, value]));
    const of = pool([group("workers", [], { tags: all })], { targetUtilisation: 100 });
    return decide(cluster([], pods), [of], NOW)[0];
  };
  const SIZE = { "resources/cpu": "2", "resources/memory": "8Gi" };

  test("grows from zero without a nodeShape", () => {
    expect(tagged(SIZE, manyPods(8))).toMatchObject({ verdict: "scale-out", to: 2 });
  });

  test.each<[string, Record<string, string>, Parameters<typeof shape>[0]]>([
    ["label", { "label/disk": "ssd" }, { nodeSelector: { disk: "ssd" } }],
    [
      "taint",
      { "taint/dedicated": "batch:NoSchedule" },
      { tolerations: [{ key: "dedicated", operator: "Equal", value: "batch" }] },
    ],
    [
      "extended resource",
      { "resources/nvidia.com/gpu": "1" },
      { requests: { milliCpu: 1, memory: 0, pods: 1, extended: { "nvidia.com/gpu": 1 } } },
    ],
  ])("has the %s that is tagged", (_, tags, over) => {
    expect(tagged({ ...SIZE, ...tags }, manyPods(1, { shape: shape(over) }))).toMatchObject({ to: 1 });
  });

  test("keeps out what does not tolerate a tagged taint", () => {
    expect(tagged({ ...SIZE, "taint/dedicated": "batch:NoSchedule" }, manyPods(1))).toMatchObject({ to: 0 });
  });

  test("is not known without its CPU and memory, or with what cannot be read", () => {
    expect(tagged({ "resources/cpu": "2" }, manyPods(1))).toMatchObject({ to: 0 });
    expect(tagged({ ...SIZE, "resources/cpu": "two" }, manyPods(1))).toMatchObject({ to: 0 });
  });
});
