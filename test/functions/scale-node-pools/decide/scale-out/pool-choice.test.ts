import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type {
  InstanceType,
  Pod,
  Pool,
  SpotPrice,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import {
  cluster,
  GIB,
  group,
  LOW_FOR_LONG,
  machine,
  manyPods,
  NOW,
  pod,
  pool,
  shape,
  zonal,
} from "../../given.ts";

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

  test("the one whose Spot price is lower, where no other price is configured", () => {
    const at = (name: string, spotPrice: SpotPrice, raw = {}): Pool => ({
      ...empty(name, SMALL, raw),
      spotPrice,
    });
    const cheap = at("cheap", { perHour: 0.03 });
    expect(launched([at("dear", { perHour: 0.04 }), cheap], manyPods(4))).toEqual({ dear: 0, cheap: 1 });
    expect(launched([at("unknown", { unknown: "no" }), cheap], manyPods(4))).toEqual({
      unknown: 0,
      cheap: 1,
    });
    const written = at("written", { perHour: 0.01 }, { pricePerHour: 0.2 });
    expect(launched([written, cheap], manyPods(4))).toEqual({ written: 0, cheap: 1 });
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

describe("a group of several instance types, whose next node may be the smallest whatever the last one was", () => {
  const type = (name: string, vcpus: number): InstanceType => ({
    name,
    vcpus,
    memoryMib: vcpus * 4096,
    maxPods: 29,
    arch: "amd64",
    extended: {},
  });
  const launchTypes = [type("m5.2xlarge", 8), type("m5.large", 2)];
  const instanceTypes = launchTypes.map(({ name }) => name);
  /** A full node of this type, and how many nodes the pods get. */
  const grown = (
    last: string,
    allocatable: { milliCpu: number; memory: number; pods: number },
    pods: readonly Pod[],
  ) => {
    const labels = { "node.kubernetes.io/instance-type": last };
    const { node, instance } = machine("last", { node: { labels, allocatable } });
    const mixed = group("workers", [instance], { launchTypes, launches: { instanceTypes, units: 1 } });
    const full = pod({ node: "last", shape: shape({ cpu: allocatable.milliCpu }) });
    return decide(cluster([node], [full, ...pods]), [pool([mixed], { targetUtilisation: 100 })], NOW)[0];
  };
  const LARGE_NODE = { milliCpu: 7900, memory: 28 * GIB, pods: 58 };

  test("gets as many nodes as the smallest needs", () => {
    const grownBy = grown("m5.2xlarge", LARGE_NODE, manyPods(4, { shape: shape({ cpu: 900 }) }));
    expect(grownBy?.to).toBe(3);
  });

  test("gets none for a pod that only a larger one takes", () => {
    const decision = grown("m5.2xlarge", LARGE_NODE, manyPods(1, { shape: shape({ cpu: 4000 }) }));
    expect(decision).toMatchObject({ to: 1, warnings: [{ code: "pods-unschedulable" }] });
  });

  test("is known by its last node where that is of the smallest type", () => {
    const own = { milliCpu: 1930, memory: 7 * GIB, pods: 29 };
    const pods = manyPods(1, { shape: shape({ cpu: 100, mib: 7000 }) });
    expect(grown("m5.large", own, pods)?.to).toBe(2);
  });
});
