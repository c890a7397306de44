import type {
  ClusterNode,
  Group,
  Instance,
  InstanceType,
} from "../../../../../../functions/scale-node-pools/model/cluster.ts";
import type { NodeShape } from "../../../../../../functions/scale-node-pools/model/pool-status.ts";
import { GIB, MINUTE, machine, NOW, shape } from "../../../given.ts";
import { asking, filled, type Given, one, pods, type Scenario, ZONE } from "../given.ts";
import { zones } from "./groups.ts";

const YOUNG = { createdAt: NOW - MINUTE };
const noSchedule = (key: string, value?: string) => ({
  key,
  effect: "NoSchedule" as const,
  ...(value !== undefined && { value }),
});
const preferred = (key: string) => ({ key, effect: "PreferNoSchedule" as const });
const gpus = (amount: number) => ({
  allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, extended: { gpu: amount } },
});
const gpuPods = (number: number) =>
  pods(
    number,
    { shape: shape({ requests: { milliCpu: 1, memory: 1, pods: 1, extended: { gpu: 1 } } }) },
    "gpu",
  );
const NODE: NodeShape = {
  allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29 },
  ...{ labels: {}, taints: [], units: 1 },
};
const G4: InstanceType = {
  ...{ name: "g4", vcpus: 2, memoryMib: 8192, maxPods: 29, arch: "amd64" },
  extended: { gpu: 1 },
};

/** The second of two nodes has the taint; the first is full, and a pod waits for a place. */
const second = (name: string, a2: Partial<ClusterNode>, given: Given = {}): Scenario =>
  one(name, {
    sizes: [2],
    raw: { targetUtilisation: 100 },
    nodes: { a2, ...given.nodes },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...asking({ cpu: 1500 })],
    ...given,
  });

const instance = (name: string, over: Partial<Instance>): Instance =>
  machine(name, { instance: over }).instance;
/** A group with its one node, and instances that are no nodes yet. */
const beside = (...others: readonly Instance[]): Partial<Group> => ({
  desired: 1 + others.length,
  instances: [instance("a1", {}), ...others],
});

export const STARTING_NODES: readonly Scenario[] = [
  ...[
    "node.cilium.io/agent-not-ready",
    "cni.istio.io/not-ready",
    "status-taint.cluster-autoscaler.kubernetes.io/agent",
    "karpenter.sh/unregistered",
    "old.node.kubernetes.io/unreachable",
    "my.node.cloudprovider.kubernetes.io/zone",
    "example.com/not-ready-for-batch",
    "my.startup-taint.cluster-autoscaler.kubernetes.io/x",
    "my.karpenter.sh/unregistered",
    "karpenter.sh/unregistered-host",
  ].map((key) => second(`an old node with the taint ${key}`, { taints: [noSchedule(key)] })),
  ...[
    "node.kubernetes.io/disk-pressure",
    "node.kubernetes.io/unreachable",
    "node.kubernetes.io/network-unavailable",
    "node.kubernetes.io/unreachable-by-ssh",
    "example.com/agent",
  ].map((key) => second(`a young node with the taint ${key}`, { ...YOUNG, taints: [noSchedule(key)] })),
  second("a young node with a taint that keeps nobody out", {
    ...YOUNG,
    taints: [preferred("example.com/x")],
  }),
  second("an old node with a startup taint that keeps nobody out", {
    taints: [preferred("node.cilium.io/agent-not-ready")],
  }),
  ...[
    ["node.kubernetes.io/disk-pressure", "its next nodes will not have it"],
    ["my.reflex/dedicated", "its next nodes will have it"],
  ].map(([key = "", what]) =>
    one(`the only node has the taint ${key}: ${what}`, {
      sizes: [1],
      raw: { targetUtilisation: 100, min: 1 },
      nodes: { a1: { taints: [noSchedule(key)] } },
      pods: asking({ cpu: 1500 }),
    }),
  ),
  second(
    "a node that came back from a warm pool a minute ago",
    { ready: false },
    { instances: { a2: { launchedAt: NOW - MINUTE } } },
  ),
  second(
    "a node that came back from a warm pool long ago",
    { ready: false },
    { instances: { a2: { launchedAt: NOW - 15 * MINUTE } } },
  ),
  one("a young node of a group with GPUs, beside a group without", {
    sizes: [1, 2],
    nodes: { b1: gpus(1), b2: YOUNG },
    pods: gpuPods(2),
  }),
  one("a young node of a group without GPUs, beside a group with them", {
    sizes: [2, 1],
    nodes: { a2: YOUNG, b1: gpus(1) },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...asking({ cpu: 1500 })],
  }),
  one("a young node that has its GPU already", {
    sizes: [2],
    nodes: { a1: gpus(1), a2: { ...YOUNG, ...gpus(1) } },
    pods: gpuPods(2),
  }),
  one("an old node without the GPU that another has", {
    sizes: [2],
    nodes: { a1: gpus(1) },
    pods: gpuPods(2),
  }),
  one("a young node, where the GPU of another has gone", {
    sizes: [2],
    raw: { min: 2 },
    nodes: { a1: gpus(0), a2: YOUNG },
    pods: gpuPods(1),
  }),
  one("a young node, where one of the others has lost its GPU", {
    sizes: [3],
    nodes: { a1: gpus(0), a2: gpus(1), a3: YOUNG },
    pods: gpuPods(2),
  }),
  ...[1500, 100].map((cpu) =>
    one(`the newest node has lost the GPU that the older one has${cpu > 1000 ? "" : ", and may go"}`, {
      sizes: [2],
      nodes: { a1: gpus(1), a2: { ...gpus(0), createdAt: NOW - 30 * MINUTE } },
      pods: (nodes) => [...filled(nodes, cpu), ...gpuPods(2)],
    }),
  ),
  one("the newest node never got the GPU that the older one has", {
    sizes: [2],
    nodes: { a1: gpus(1), a2: { createdAt: NOW - 30 * MINUTE } },
    pods: gpuPods(2),
  }),
  ...[
    [4, 1],
    [1, 4],
  ].map(([first = 0, second = 0]) =>
    one(`a young node, where the others have ${first} and ${second} GPUs`, {
      sizes: [3],
      nodes: { a1: gpus(first), a2: gpus(second), a3: YOUNG },
      pods: gpuPods(7),
    }),
  ),
  one("a young node, where the config says two GPUs and none is there yet", {
    sizes: [1],
    raw: { nodeShape: { cpu: "2", memory: "8Gi", pods: 29, extended: { gpu: 2 } } },
    nodes: { a1: YOUNG },
    pods: gpuPods(3),
  }),
  ...[16, 31].map((minutes) =>
    one(`a node of ${minutes} minutes without the GPU that the config says it has`, {
      sizes: [1],
      raw: { nodeShape: { cpu: "2", memory: "8Gi", pods: 29, extended: { gpu: 1 } }, min: 1 },
      nodes: { a1: { createdAt: NOW - minutes * MINUTE } },
      instances: { a1: { launchedAt: NOW - (minutes + 1) * MINUTE } },
      pods: (nodes) => [...filled(nodes, 1000), ...gpuPods(1)],
    }),
  ),
  one("the first node of a group whose last node had no GPU, though its type has one", {
    sizes: [1],
    groups: { launchTypes: [G4], launches: { instanceTypes: ["g4"], units: 1 } },
    nodes: { a1: YOUNG },
    status: { shape: NODE },
    pods: asking({ cpu: 1500 }),
  }),
  ...[0, 1].map((old) =>
    zones(
      `a young node with its group's declared taint, beside ${old} old nodes that lost it`,
      [1 + old, 1],
      [{ nodeTaints: [noSchedule("dedicated")] }],
      {
        groups: { kind: "managedNodeGroup" },
        raw: { min: 0, max: 10, targetUtilisation: 100 },
        nodes: { a1: { ...YOUNG, taints: [noSchedule("dedicated")] } },
        pods: (nodes) => [
          ...filled(nodes.slice(1), 1900),
          ...asking({ cpu: 1500, tolerations: [{ key: "dedicated", operator: "Exists" }] }),
        ],
      },
    ),
  ),
  one("a young node with the pool's last taint, whose value is empty", {
    sizes: [1],
    nodes: { a1: { ...YOUNG, taints: [noSchedule("dedicated")] } },
    status: { shape: { ...NODE, taints: [noSchedule("dedicated", "")] } },
    pods: asking({ cpu: 1500, tolerations: [{ key: "dedicated", operator: "Exists" }] }),
  }),
  one("an instance of another zone that is no node yet", {
    sizes: [1],
    groups: {
      ...beside(instance("new", { launchedAt: NOW - MINUTE })),
      zones: ["us-east-1a", "us-east-1b"],
    },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...asking({ cpu: 1500, nodeSelector: { [ZONE]: "us-east-1b" } }),
    ],
  }),
  ...(["starting", "running"] as const).map((state) =>
    one(`an instance that is ${state}, and nobody knows since when`, {
      sizes: [1],
      groups: beside({ ...instance("new", { state }), launchedAt: undefined }),
      pods: (nodes) => [...filled(nodes, 1900), ...asking({ cpu: 1500 })],
    }),
  ),
  ...[15 * MINUTE, 15 * MINUTE - 1].map((ms) =>
    one(`an instance that should be a node by now, but for ${15 * MINUTE - ms} ms`, {
      sizes: [1],
      groups: beside(instance("new", { launchedAt: NOW - ms })),
      pods: (nodes) => [...filled(nodes, 1900), ...asking({ cpu: 1500 })],
    }),
  ),
  one("an instance that is being terminated after its drain counts once", {
    sizes: [2],
    raw: { min: 1 },
    groups: { desired: 1 },
    instances: { a2: { state: "terminating" } },
    nodes: { a2: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: true } } },
  }),
  one("two nodes to be launched of four units each", {
    sizes: [1],
    groups: { desired: 12, max: 40 },
    instances: { a1: { units: 4 } },
    pods: (nodes) => [...filled(nodes, 1900), ...asking({ cpu: 1500 }, 3)],
  }),
  ...(["draining", "terminating"] as const).map((what) =>
    one(`the next node goes where one is ${what}`, {
      sizes: [4],
      raw: { targetUtilisation: 100 },
      groups: { zones: ["us-east-1a", "us-east-1b"], desired: what === "draining" ? 4 : 3 },
      nodes: {
        ...{ a3: { zone: "us-east-1b" } },
        a4: {
          zone: "us-east-1b",
          ...(what === "draining" && { draining: { since: NOW - MINUTE, byScaler: false, isEnding: false } }),
        },
      },
      instances: { a4: what === "terminating" ? { state: "terminating" } : {} },
      pods: (nodes) => [
        ...filled(nodes.slice(0, 3), 1900),
        ...asking({ cpu: 1500, nodeSelector: { [ZONE]: "us-east-1b" } }),
      ],
    }),
  ),
];
