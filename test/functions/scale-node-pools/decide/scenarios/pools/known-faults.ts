import type { InstanceType, Pod } from "../../../../../../functions/scale-node-pools/model/cluster.ts";
import { GIB, MINUTE, machine, NOW, shape } from "../../../given.ts";
import { asking, daemon, HOST, one, pods, type Scenario, topology, web, ZONE } from "../given.ts";
import { pair, zones } from "./groups.ts";

const EXACT = { targetUtilisation: 100 };
const YOUNG = { createdAt: NOW - MINUTE };
const FAILED = { at: NOW - MINUTE, message: "no capacity" };
const on = (node: string, cpu: number, over: Partial<Pod> = {}): Pod[] =>
  pods(1, { node, shape: shape({ cpu, mib: 10 }), ...over }, `on-${node}`);
const EBS = "ebs.csi.aws.com";
const withVolume = (number: number) =>
  pods(number, { shape: shape({ cpu: 10, mib: 10, volumes: { [EBS]: 1 } }) }, "db");
const storage = (gib: number, number: number) =>
  pods(
    number,
    { shape: shape({ requests: { milliCpu: 1, memory: 1, pods: 1, ephemeralStorage: gib * GIB } }) },
    "scratch",
  );
const disk = (gib: number) => ({
  allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, ephemeralStorage: gib * GIB },
});
const NO_SCHEDULE = (key: string) => ({ key, effect: "NoSchedule" as const });
const TYPE: InstanceType = {
  ...{ name: "m5.large", vcpus: 2, memoryMib: 8192, maxPods: 29, arch: "amd64" },
  extended: {},
};
const gpuPods = (number: number) =>
  pods(
    number,
    { shape: shape({ requests: { milliCpu: 1, memory: 1, pods: 1, extended: { gpu: 1 } } }) },
    "gpu",
  );
const gpus = (amount: number) => ({
  allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, extended: { gpu: amount } },
});

/** Variations of faults that were mended once, in clusters that nobody had thought of then. */
export const KNOWN_FAULTS: readonly Scenario[] = [
  one("a young node has lost one startup taint of two, and its kubelet is not ready yet", {
    sizes: [2],
    raw: EXACT,
    nodes: {
      a2: {
        ...YOUNG,
        ready: false,
        taints: [{ key: "node.cilium.io/agent-not-ready", effect: "NoExecute" }],
      },
    },
    pods: [...on("a1", 1900), ...asking({ cpu: 1900 })],
  }),
  one("a young node of a warm pool, whose node object is old, still has a startup taint", {
    sizes: [2],
    raw: EXACT,
    instances: { a2: { launchedAt: NOW - MINUTE } },
    nodes: { a2: { taints: [NO_SCHEDULE("ebs.csi.aws.com/agent-not-ready")] } },
    pods: [...on("a1", 1900), ...asking({ cpu: 1900 })],
  }),
  one("an empty managed node group whose declared taint the config calls a startup taint", {
    sizes: [0],
    groups: { kind: "managedNodeGroup", nodeTaints: [NO_SCHEDULE("example.com/agent")] },
    raw: {
      ...EXACT,
      min: 0,
      max: 10,
      startupTaints: ["example.com/agent"],
      nodeShape: { cpu: "2", memory: "8Gi", pods: 29 },
    },
    pods: asking({ cpu: 1900 }),
  }),
  one("an empty managed node group whose declared taint nobody knows", {
    sizes: [0],
    groups: { kind: "managedNodeGroup", nodeTaints: [NO_SCHEDULE("example.com/agent")] },
    raw: { ...EXACT, min: 0, max: 10, nodeShape: { cpu: "2", memory: "8Gi", pods: 29 } },
    pods: asking({ cpu: 1900 }),
  }),
  zones(
    "an instance of one zone never joined, and the other has no capacity",
    [1, 1],
    [
      { desired: 2, instances: [machine("a1").instance, machine("lost").instance] },
      { desired: 2, failedLaunch: FAILED },
    ],
    { raw: EXACT, pods: [...on("a1", 1900), ...on("b1", 1900), ...asking({ cpu: 1900 })] },
  ),
  zones(
    "a zone in back-off, and its node whose pods are evicted because AWS takes it",
    [1, 1],
    [{ desired: 2, failedLaunch: FAILED }],
    {
      raw: EXACT,
      nodes: { a1: { draining: { since: NOW - MINUTE, byScaler: false, isEnding: false }, cordoned: true } },
      pods: [...on("a1", 1900), ...on("b1", 1900)],
    },
  ),
  one("a pod that must not be in the zone of a DaemonSet's pods", {
    sizes: [1],
    raw: EXACT,
    cluster: { daemonSets: [daemon("agent", { cpu: 1, namespace: "default", labels: { app: "web" } })] },
    pods: [
      ...on("a1", 1, {
        role: "daemon",
        daemonSet: "kube-system/agent",
        shape: shape({ cpu: 1, labels: { app: "web" } }),
      }),
      ...pods(1, { shape: web(topology("apart", ZONE)) }),
    ],
  }),
  one("a pod that must be beside a DaemonSet's pods: each new node has one", {
    sizes: [1],
    raw: EXACT,
    cluster: { daemonSets: [daemon("agent", { cpu: 1, namespace: "default", labels: { app: "web" } })] },
    pods: [...on("a1", 1900), ...pods(1, { shape: web(topology("together", HOST)) })],
  }),
  one("a DaemonSet's own pod for which its node has no room", {
    sizes: [1],
    raw: { ...EXACT, min: 1 },
    cluster: { daemonSets: [daemon("agent", { cpu: 500 })] },
    pods: [...on("a1", 1900), ...pods(1, { role: "daemon", daemonSet: "kube-system/agent" })],
  }),
  one("twelve volumes, where the node that is there has none left and a new one takes five", {
    sizes: [1],
    raw: EXACT,
    nodes: { a1: { volumeLimits: { [EBS]: 5 } } },
    pods: [
      ...pods(5, { node: "a1", shape: shape({ cpu: 10, mib: 10, volumes: { [EBS]: 1 } }) }, "on"),
      ...withVolume(12),
    ],
  }),
  one(
    "six volumes, and a young node whose driver has not said yet how many it takes: the scheduler binds all",
    {
      sizes: [2],
      raw: EXACT,
      nodes: { a1: { volumeLimits: { [EBS]: 5 } }, a2: YOUNG },
      pods: [
        ...pods(5, { node: "a1", shape: shape({ cpu: 10, mib: 10, volumes: { [EBS]: 1 } }) }, "on"),
        ...withVolume(6),
      ],
    },
  ),
  one("scratch space: two pods a node", {
    sizes: [1],
    raw: EXACT,
    nodes: { a1: disk(50) },
    pods: storage(20, 5),
  }),
  one(
    "scratch space: an idle node that the pods of the others do not fit on stays or goes without an eviction",
    {
      sizes: [3],
      nodes: { a1: disk(50), a2: disk(50), a3: disk(50) },
      pods: ["a1", "a2", "a3"].flatMap((node) =>
        pods(
          1,
          {
            node,
            shape: shape({ requests: { milliCpu: 1, memory: 1, pods: 1, ephemeralStorage: 30 * GIB } }),
          },
          node,
        ),
      ),
    },
  ),
  one("a bare pod whose claim does not exist holds no idle node", {
    sizes: [3],
    pods: pods(1, {
      owner: "default/Pod/run-7f3a",
      createdAt: NOW - 30 * MINUTE,
      unplaceable: 'persistentvolumeclaim "data" not found',
    }),
  }),
  one("a pod of a node that is gone for good, by its name", {
    sizes: [1],
    raw: { ...EXACT, min: 1 },
    pods: asking({ nodeSelector: { "kubernetes.io/hostname": "ip-10-0-0-1" } }),
  }),
  one("a pod whose zone no pool is in", {
    sizes: [1, 1],
    raw: { ...EXACT, min: 2 },
    pods: asking({ nodeSelector: { [ZONE]: "us-east-1f" } }),
  }),
  pair(
    "the first pool's only group has no capacity: the second launches",
    { milliCpu: 2000, memory: 8 * GIB, pods: 29 },
    { milliCpu: 2000, memory: 8 * GIB, pods: 29 },
    { cpu: 1900 },
    {
      first: { priority: 10 },
      failed: FAILED,
    },
  ),
  one("GPUs: two young nodes without theirs, and pods for three", {
    sizes: [3],
    raw: EXACT,
    nodes: { a1: gpus(1), a2: YOUNG, a3: YOUNG },
    pods: gpuPods(3),
  }),
  one("GPUs: a young node says that it has none, and not nothing", {
    sizes: [2],
    raw: EXACT,
    nodes: { a1: gpus(1), a2: { ...YOUNG, ...gpus(0) } },
    pods: gpuPods(2),
  }),
  ...[16, 40].map((minutes) =>
    one(`GPUs: the last new node got none for ${minutes} minutes, as one before it`, {
      sizes: [2],
      raw: { ...EXACT, min: 2 },
      nodes: { a1: gpus(1), a2: { createdAt: NOW - minutes * MINUTE } },
      instances: { a2: { launchedAt: NOW - (minutes + 1) * MINUTE } },
      status: {
        groups: {
          "workers-a": {
            ...{ failures: 1, lastFailureAt: NOW - 45 * MINUTE, code: "devices-never-came" as const },
            text: "a9 did not get gpu within 15 minutes",
          },
        },
      },
      pods: gpuPods(2),
    }),
  ),
  one("GPUs: of a group of two instance types, one of which has none", {
    sizes: [2],
    raw: { ...EXACT, min: 2 },
    groups: {
      launchTypes: [TYPE, { ...TYPE, name: "g4dn.large", extended: { gpu: 1 } }],
      launches: { instanceTypes: ["m5.large", "g4dn.large"], units: 1 },
    },
    nodes: { a1: gpus(1), a2: { createdAt: NOW - 16 * MINUTE } },
    pods: gpuPods(2),
  }),
  one("GPUs: of a group of two instance types that both have one", {
    sizes: [2],
    raw: { ...EXACT, min: 2 },
    groups: {
      launchTypes: [
        { ...TYPE, extended: { gpu: 1 } },
        { ...TYPE, name: "g5.large", extended: { gpu: 1 } },
      ],
      launches: { instanceTypes: ["g4dn.large", "g5.large"], units: 1 },
    },
    nodes: { a1: gpus(1), a2: YOUNG },
    pods: gpuPods(2),
  }),
  one(
    "GPUs: the only node has lost its own, and pods wait: what was recorded of the pool is believed no more",
    {
      sizes: [1],
      raw: { ...EXACT, min: 1 },
      nodes: { a1: gpus(0) },
      status: {
        shape: {
          allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, extended: { gpu: 1 } },
          ...{ labels: {}, taints: [], units: 1 },
        },
      },
      pods: gpuPods(1),
    },
  ),
];
