import { describe, expect, test } from "vitest";
import { decide } from "../../../../../functions/scale-node-pools/decide/decide.ts";
import type {
  ClusterNode,
  Group,
  Pod,
  Pool,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import type { Decision } from "../../../../../functions/scale-node-pools/model/decision.ts";
import type { PoolStatus } from "../../../../../functions/scale-node-pools/model/pool-status.ts";
import type { Taint } from "../../../../../shared/kubernetes/node.ts";
import { cluster, group, MINUTE, machine, manyPods, NOW, pool, shape } from "../../given.ts";

const one = (nodes: readonly ClusterNode[], pods: readonly Pod[], of: Pool): Decision => {
  const [decision] = decide(cluster(nodes, pods), [of], NOW);
  if (!decision) throw new Error("no decision");
  return decision;
};

/** One old node, and nodes that joined two minutes ago. */
function joining(
  number: number,
  node: Partial<ClusterNode>,
  raw: Record<string, unknown> = {},
  old: Partial<ClusterNode> = {},
) {
  const machines = [
    machine("old", { node: old }),
    ...Array.from({ length: number }, (_, index) =>
      machine(`new-${index}`, {
        node: { createdAt: NOW - 2 * MINUTE, ...node },
        instance: { launchedAt: (node.createdAt ?? NOW - 2 * MINUTE) - MINUTE },
      }),
    ),
  ];
  const instances = machines.map(({ instance }) => instance);
  return {
    nodes: machines.map(({ node }) => node),
    pool: pool([group("workers", instances, { max: 100 })], { targetUtilisation: 100, ...raw }),
  };
}

const taint = (key: string, effect: Taint["effect"] = "NoSchedule"): Taint => ({ key, effect });

/** Two of them fill a node; the old one is full. */
const pods = (number: number) => [
  ...manyPods(2, { node: "old", shape: shape({ cpu: 1000 }) }),
  ...manyPods(number, { shape: shape({ cpu: 1000 }) }),
];

describe("a young node counts as on its way", () => {
  test.each([
    "node.cilium.io/agent-not-ready",
    "ebs.csi.aws.com/agent-not-ready",
    "node.kubernetes.io/not-ready",
    "node.cloudprovider.kubernetes.io/uninitialized",
    "example.com/some-agent-is-not-there-yet",
  ])("while it has the taint %s", (key) => {
    const { nodes, pool: of } = joining(4, { taints: [taint(key), taint(key, "NoExecute")] });
    const decision = one(nodes, pods(8), of);
    expect(decision).toMatchObject({ verdict: "hold", capacityChanges: [] });
    expect(decision.evidence).toMatchObject({ joining: 4, pendingPods: 8, unplacedPods: 0 });
  });

  test("also with what its kind of node has for good, which its pods tolerate", () => {
    const lasting = taint("dedicated");
    const { nodes, pool: of } = joining(
      4,
      { taints: [lasting, taint("node.cilium.io/agent-not-ready")] },
      {},
      { taints: [lasting] },
    );
    const tolerant = shape({ cpu: 1000, tolerations: [{ key: "dedicated", operator: "Exists" }] });
    const waiting = [...manyPods(2, { node: "old", shape: tolerant }), ...manyPods(8, { shape: tolerant })];
    expect(one(nodes, waiting, of)).toMatchObject({ verdict: "hold", capacityChanges: [] });
    // What does not tolerate it has no place there.
    expect(one(nodes, pods(8), of).evidence).toMatchObject({ unplacedPods: 0, pendingPods: 0 });
  });

  test("until its device plugin has registered what the other nodes have", () => {
    const extended = { "nvidia.com/gpu": 4 };
    const allocatable = { milliCpu: 2000, memory: 8 * 2 ** 30, pods: 29, extended };
    const { nodes, pool: of } = joining(2, {}, {}, { allocatable });
    const gpu = shape({
      requests: { milliCpu: 100, memory: 0, pods: 1, extended: { "nvidia.com/gpu": 2 } },
    });
    const waiting = [...manyPods(2, { node: "old", shape: gpu }), ...manyPods(4, { shape: gpu })];
    expect(one(nodes, waiting, of)).toMatchObject({
      verdict: "hold",
      capacityChanges: [],
      evidence: { joining: 2, pendingPods: 4, unplacedPods: 0 },
    });
  });

  test("but one whose joinWithin is over with such a taint is not ready", () => {
    const { nodes, pool: of } = joining(4, {
      createdAt: NOW - 16 * MINUTE,
      taints: [taint("node.cilium.io/agent-not-ready")],
    });
    expect(one(nodes, pods(8), of)).toMatchObject({ verdict: "scale-out", evidence: { notReady: 4 } });
  });

  test("and more are launched beside it where the pods need more", () => {
    const { nodes, pool: of } = joining(4, { taints: [taint("node.cilium.io/agent-not-ready")] });
    expect(one(nodes, pods(12), of)).toMatchObject({ verdict: "scale-out", from: 5, to: 7 });
  });
});

describe("a managed node group that declares a startup taint", () => {
  const asTaint = { startupTaints: [{ key: "example.com/x", effect: "NoSchedule" }] };

  test.each([
    ["that is known", "node.cilium.io/agent-not-ready", {}],
    ["of the policy", "example.com/starting", { startupTaints: ["example.com/starting"] }],
    ["of the policy, as Kubernetes writes it", "example.com/x", asTaint],
    ["that its nodes lose", "example.com/starting", {}],
  ])("%s grows for pods that do not tolerate it", (_, key, raw) => {
    const { node, instance } = machine("old");
    const managed = group("apps", [instance], {
      kind: "managedNodeGroup",
      max: 50,
      nodeTaints: [taint(key)],
    });
    const of = pool([managed], {
      cluster: undefined,
      managedNodeGroup: { cluster: "main", name: "apps" },
      ...raw,
    });
    expect(one([node], pods(8), of)).toMatchObject({ verdict: "scale-out", evidence: { unplacedPods: 0 } });
  });

  test("keeps out what does not tolerate one that its nodes keep", () => {
    const { node, instance } = machine("old", { node: { taints: [taint("dedicated")] } });
    const managed = group("apps", [instance], {
      kind: "managedNodeGroup",
      max: 50,
      nodeTaints: [taint("dedicated")],
    });
    const of = pool([managed], { cluster: undefined, managedNodeGroup: { cluster: "main", name: "apps" } });
    expect(one([node], manyPods(8), of)).toMatchObject({ verdict: "hold" });
  });
});

test("what is recorded of a pool's nodes has no startup taint", () => {
  const { nodes, pool: of } = joining(1, { taints: [taint("example.com/unknown")] });
  expect(one(nodes.slice(1), [], of).status.shape?.taints).toEqual([]);
});

describe("the first node of a group that was empty", () => {
  const GPU = "nvidia.com/gpu";
  const tag = (name: string) => `k8s.io/cluster-autoscaler/node-template/${name}`;
  const gpuPod = shape({ requests: { milliCpu: 100, memory: 0, pods: 1, extended: { [GPU]: 1 } } });
  const first = (
    over: Partial<Group>,
    node: Partial<ClusterNode> = {},
    status: PoolStatus = {},
    raw: Record<string, unknown> = {},
  ) => {
    const { node: young, instance } = machine("new", { node: { createdAt: NOW - MINUTE, ...node } });
    const made = { ...instance, launchedAt: NOW - 2 * MINUTE };
    return {
      nodes: [young],
      pool: pool([group("workers", [made], over)], { targetUtilisation: 100, ...raw }, { status }),
    };
  };
  /** The last node of the pool, whose device plugin never ran. */
  const broken = {
    shape: {
      allocatable: { milliCpu: 2000, memory: 8 * 2 ** 30, pods: 29 },
      labels: {},
      taints: [],
      units: 1,
    },
  };
  const tagged = { tags: { [tag(`resources/${GPU}`)]: "1" } };
  const nodeShape = { cpu: "2", memory: "8Gi", pods: 29, extended: { [GPU]: 1 } };

  test.each([
    ["its tags", tagged, {}, {}],
    ["its tags, although the last node had none", tagged, broken, {}],
    ["the config, although the last node had none", {}, broken, { nodeShape }],
    ["what was known before it came", {}, { devices: { workers: { [GPU]: 1 } } }, {}],
  ])("has the devices that it will have by %s", (_, over, status, raw) => {
    const { nodes, pool: of } = first(over, {}, status, raw);
    const decision = one(nodes, manyPods(1, { shape: gpuPod }), of);
    expect(decision).toMatchObject({
      verdict: "hold",
      warnings: [],
      evidence: { joining: 1, unplacedPods: 0 },
    });
    expect(decision.status.shape?.allocatable.extended).toEqual({ [GPU]: 1 });
  });

  test("keeps a taint that its tags declare", () => {
    const { nodes, pool: of } = first(
      { tags: { [tag("taint/dedicated")]: "batch:NoSchedule" } },
      { taints: [{ key: "dedicated", value: "batch", effect: "NoSchedule" }] },
    );
    const decision = one(nodes, manyPods(1, {}), of);
    expect(decision.evidence).toMatchObject({ joining: 0, schedulable: 1, unschedulablePods: 1 });
  });

  test("is starting while it has the lasting taint with another value", () => {
    const { nodes, pool: of } = joining(
      1,
      { taints: [{ ...taint("dedicated"), value: "starting" }] },
      {},
      { taints: [{ ...taint("dedicated"), value: "web" }] },
    );
    const tolerant = shape({
      cpu: 1000,
      tolerations: [{ key: "dedicated", operator: "Equal", value: "web" }],
    });
    const waiting = [...manyPods(2, { node: "old", shape: tolerant }), ...manyPods(2, { shape: tolerant })];
    expect(one(nodes, waiting, of)).toMatchObject({ verdict: "hold", evidence: { joining: 1 } });
  });
});

test.each([
  "cni.istio.io/not-ready",
  "startup-taint.cluster-autoscaler.kubernetes.io/agent",
  "karpenter.sh/unregistered",
])("a managed node group that declares %s grows from nothing", (key) => {
  const empty = group("workers", [], { kind: "managedNodeGroup", desired: 0, nodeTaints: [taint(key)] });
  const nodeShape = { cpu: "2", memory: "8Gi", pods: 29 };
  const of = pool([empty], {
    managedNodeGroup: { cluster: "main", name: "w" },
    cluster: undefined,
    nodeShape,
  });
  expect(one([], manyPods(1), of).to).toBe(1);
});
