import type { Group, InstanceType } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { GIB, MINUTE, NOW, shape } from "../../given.ts";
import { asking, daemon, filled, one, pods, type Scenario, term, ZONE } from "./given.ts";

const TAGS = "k8s.io/cluster-autoscaler/node-template";
const tagged = (more: Readonly<Record<string, string>>): Partial<Group> => ({
  tags: { [`${TAGS}/resources/cpu`]: "4", [`${TAGS}/resources/memory`]: "8Gi", ...more },
});
const type = (name: string, vcpus: number, gib: number, over: Partial<InstanceType> = {}): InstanceType => ({
  ...{ name, vcpus, memoryMib: gib * 1024, maxPods: 29, arch: "amd64", extended: {} },
  ...over,
});
const launching = (...types: readonly InstanceType[]): Partial<Group> => ({
  launchTypes: types,
  launches: { instanceTypes: types.map(({ name }) => name), units: 1 },
});
const gpu = (amount: number) =>
  asking({ requests: { milliCpu: 1, memory: 1, pods: 1, extended: { gpu: amount } } });
const gpuOf = (name: string) =>
  asking({ requests: { milliCpu: 1, memory: 1, pods: 1, extended: { [name]: 1 } } });
const empty = (name: string, groups: Partial<Group>, over: object = {}): Scenario =>
  one(name, { sizes: [0], groups, pods: asking({ cpu: 100, mib: 100 }), ...over });
const tolerating = (key: string, effect?: "NoSchedule" | "NoExecute") =>
  asking({ cpu: 100, tolerations: [{ key, operator: "Exists" as const, ...(effect && { effect }) }] });
const typeLabel = (value: string) => ({ "node.kubernetes.io/instance-type": value });

export const NEXT_NODES: readonly Scenario[] = [
  empty("tags: a label that the pod asks for", tagged({ [`${TAGS}/label/disk`]: "ssd" }), {
    pods: asking({ nodeSelector: { disk: "ssd" } }),
  }),
  empty("tags: a label of another value", tagged({ [`${TAGS}/label/disk`]: "hdd" }), {
    pods: asking({ nodeSelector: { disk: "ssd" } }),
  }),
  ...[
    "gpu:NoSchedule",
    ":NoExecute",
    "a:b:NoSchedule",
    "x:PreferNoSchedule",
    "x:Never",
    "NoSchedule",
    "",
  ].map((tag) => empty(`tags: the taint "${tag}"`, tagged({ [`${TAGS}/taint/dedicated`]: tag }))),
  empty("tags: a taint that the pod tolerates", tagged({ [`${TAGS}/taint/dedicated`]: "gpu:NoSchedule" }), {
    pods: tolerating("dedicated"),
  }),
  empty("tags: a GPU", tagged({ [`${TAGS}/resources/nvidia.com/gpu`]: "1" }), {
    pods: gpuOf("nvidia.com/gpu"),
  }),
  empty("tags: a GPU that cannot be read", tagged({ [`${TAGS}/resources/nvidia.com/gpu`]: "one" }), {
    pods: gpuOf("nvidia.com/gpu"),
  }),
  empty("tags: storage", tagged({ [`${TAGS}/resources/ephemeral-storage`]: "1Gi" }), {
    pods: asking({ requests: { milliCpu: 1, memory: 1, pods: 1, ephemeralStorage: 2 * GIB } }),
  }),
  empty("tags: three pods a node", tagged({ [`${TAGS}/resources/pods`]: "3" }), {
    pods: asking({ cpu: 1, mib: 1 }, 5),
  }),
  empty("tags: 110 pods a node, where they do not say", tagged({}), {
    pods: asking({ cpu: 1, mib: 1 }, 100),
  }),
  empty("tags: no memory", { tags: { [`${TAGS}/resources/cpu`]: "4" } }),
  empty("tags: no CPU", { tags: { [`${TAGS}/resources/memory`]: "8Gi" } }),
  empty("tags and the last node's shape", tagged({}), {
    status: {
      shape: {
        allocatable: { milliCpu: 1000, memory: GIB, pods: 9, ephemeralStorage: GIB, extended: { gpu: 2 } },
        labels: { disk: "ssd" },
        taints: [],
        units: 2,
      },
    },
    pods: [...asking({ nodeSelector: { disk: "ssd" }, cpu: 3900 }), ...gpu(2)],
  }),
  empty("types: one", launching(type("m5.large", 2, 8)), { pods: asking({ cpu: 1930, mib: 1 }) }),
  empty("types: one, and one thousandth more", launching(type("m5.large", 2, 8)), {
    pods: asking({ cpu: 1931, mib: 1 }),
  }),
  empty("types: six cores", launching(type("big", 6, 8)), { pods: asking({ cpu: 5915, mib: 1 }) }),
  empty("types: six cores, and one thousandth more", launching(type("big", 6, 8)), {
    pods: asking({ cpu: 5916, mib: 1 }),
  }),
  empty("types: all the memory", launching(type("m5.large", 2, 8)), { pods: asking({ cpu: 1, mib: 6903 }) }),
  empty("types: one MiB more", launching(type("m5.large", 2, 8)), { pods: asking({ cpu: 1, mib: 6904 }) }),
  empty("types: less memory than is reserved", launching(type("tiny", 2, 0)), {
    pods: asking({ cpu: 1, mib: 1 }),
  }),
  empty("types: the smaller of two", launching(type("m5.xlarge", 4, 16), type("c5.large", 2, 4)), {
    pods: asking({ cpu: 2500, mib: 1 }),
  }),
  empty(
    "types: the memory of one and the CPU of another",
    launching(type("r5.large", 2, 16), type("c5.xlarge", 4, 8)),
    { pods: asking({ cpu: 1900, mib: 9000 }) },
  ),
  empty(
    "types: a GPU of both",
    launching(type("g4", 4, 16, { extended: { gpu: 1 } }), type("g5", 4, 16, { extended: { gpu: 2 } })),
    { pods: gpu(1) },
  ),
  empty(
    "types: two GPUs of one of them",
    launching(type("g4", 4, 16, { extended: { gpu: 1 } }), type("g5", 4, 16, { extended: { gpu: 2 } })),
    { pods: gpu(2) },
  ),
  empty(
    "types: a GPU of one of them",
    launching(type("m5", 4, 16), type("g5", 4, 16, { extended: { gpu: 2 } })),
    { pods: gpu(1) },
  ),
  empty("types: their architecture", launching(type("m6g.large", 2, 8, { arch: "arm64" })), {
    pods: asking({ nodeSelector: { "kubernetes.io/arch": "arm64" } }),
  }),
  empty(
    "types: no common architecture",
    launching(type("m6g.large", 2, 8, { arch: "arm64" }), type("m5.large", 2, 8)),
    { pods: asking({ nodeSelector: { "kubernetes.io/arch": "arm64" } }) },
  ),
  empty("types: the name of one", launching(type("m5.large", 2, 8)), {
    pods: asking({ nodeSelector: typeLabel("m5.large") }),
  }),
  empty("types: that count for four units", {
    ...launching(type("m5.large", 2, 8)),
    launches: { instanceTypes: ["m5.large"], units: 4 },
  }),
  one("types: a node of the smallest is believed", {
    sizes: [1],
    groups: launching(type("m5.large", 2, 8), type("m5.xlarge", 4, 16)),
    nodes: { a1: { labels: typeLabel("m5.large") } },
    pods: (nodes) => [...filled(nodes, 100), ...asking({ cpu: 1990 })],
  }),
  one("types: a node of a larger one is not", {
    sizes: [1],
    groups: launching(type("m5.large", 2, 8), type("m5.xlarge", 4, 16)),
    nodes: { a1: { labels: typeLabel("m5.xlarge") } },
    pods: (nodes) => [...filled(nodes, 100), ...asking({ cpu: 1990 })],
  }),
  one("types: what a plugin adds is kept, the types' GPUs are not", {
    sizes: [1],
    groups: launching(type("a", 2, 8, { extended: { gpu: 1 } }), type("b", 4, 16)),
    nodes: {
      a1: { allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, extended: { gpu: 1, fpga: 1 } } },
    },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...gpu(2),
      ...pods(
        1,
        { shape: shape({ requests: { milliCpu: 200, memory: 1, pods: 1, extended: { fpga: 1 } } }) },
        "fpga",
      ),
    ],
  }),
  empty("the config's labels and taints", tagged({}), {
    raw: { labels: { disk: "ssd" }, taints: [{ key: "mine", effect: "NoSchedule" }] },
    pods: [...asking({ nodeSelector: { disk: "ssd" } }), ...tolerating("mine")],
  }),
  empty("the config's labels and taints, which the pod has too", tagged({}), {
    raw: { labels: { disk: "ssd" }, taints: [{ key: "mine", effect: "NoSchedule" }] },
    pods: asking({ nodeSelector: { disk: "ssd" }, tolerations: [{ key: "mine", operator: "Exists" }] }),
  }),
  empty(
    "a managed node group's labels and taints",
    {
      ...tagged({}),
      kind: "managedNodeGroup",
      nodeLabels: { disk: "ssd" },
      nodeTaints: [{ key: "mine", effect: "NoSchedule" }],
    },
    {
      raw: { min: 0, max: 10 },
      pods: [
        ...asking({ nodeSelector: { disk: "ssd" } }),
        ...pods(
          1,
          {
            shape: shape({
              nodeSelector: { disk: "ssd" },
              tolerations: [{ key: "mine", operator: "Exists" }],
            }),
          },
          "tolerant",
        ),
      ],
    },
  ),
  ...["topology.kubernetes.io/region", "failure-domain.beta.kubernetes.io/region"].map((key) =>
    empty(`the label ${key}`, tagged({}), { pods: asking({ nodeSelector: { [key]: "us-east-1" } }) }),
  ),
  ...[ZONE, "failure-domain.beta.kubernetes.io/zone", "topology.ebs.csi.aws.com/zone"].map((key) =>
    empty(`the label ${key}`, tagged({}), { pods: asking({ nodeSelector: { [key]: "us-east-1a" } }) }),
  ),
  empty(
    "a Local Zone's region",
    { ...tagged({}), zones: ["us-west-2-lax-1a"] },
    { pods: asking({ nodeSelector: { "topology.kubernetes.io/region": "us-west-2" } }) },
  ),
  empty(
    "zones that are not known",
    { ...tagged({}), zones: [] },
    { pods: asking({ nodeSelector: { [ZONE]: "us-east-1a" } }) },
  ),
  one("a node's own labels are not the next one's", {
    sizes: [1],
    nodes: {
      a1: { labels: { "topology.k8s.aws/zone-id": "use1-az1", "kubernetes.io/hostname": "a1", disk: "ssd" } },
    },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...asking({ nodeSelector: { "topology.k8s.aws/zone-id": "use1-az1" } }),
      ...pods(1, { shape: shape({ nodeSelector: { disk: "ssd" } }) }, "ssd"),
    ],
  }),
  one("the newest node is the pattern", {
    sizes: [2],
    nodes: {
      a1: { createdAt: NOW - 30 * MINUTE, allocatable: { milliCpu: 4000, memory: 16 * GIB, pods: 58 } },
    },
    pods: (nodes) => [...filled(nodes, 1900), ...asking({ cpu: 3900 })],
  }),
  one("a node that is still starting is no pattern", {
    sizes: [2],
    nodes: {
      a1: {
        createdAt: NOW - MINUTE,
        taints: [{ key: "node.cilium.io/agent-not-ready", effect: "NoExecute" }],
        allocatable: { milliCpu: 4000, memory: 16 * GIB, pods: 58 },
      },
    },
    pods: (nodes) => [...filled(nodes, 1900), ...asking({ cpu: 3900 })],
  }),
  one("a node of another group is the pattern", {
    sizes: [1, 0],
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...asking({ cpu: 1900, nodeSelectors: [[term(ZONE, "us-east-1b")]] }),
    ],
  }),
  one("DaemonSets of one zone", {
    sizes: [1, 0],
    cluster: { daemonSets: [daemon("logs", { cpu: 500, nodeSelectors: [[term(ZONE, "us-east-1b")]] })] },
    pods: (nodes) => [...filled(nodes, 1900), ...asking({ cpu: 1900 })],
  }),
  one("DaemonSets that do not tolerate the taints", {
    sizes: [1],
    nodes: { a1: { taints: [{ key: "mine", effect: "NoSchedule" }] } },
    cluster: { daemonSets: [daemon("logs", { cpu: 500 })] },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...asking({ cpu: 1900, tolerations: [{ key: "mine", operator: "Exists" }] }),
    ],
  }),
  one("an instance that is launched and no node yet takes the pod", {
    sizes: [1],
    groups: {
      desired: 2,
      instances: [
        {
          id: "i-a1",
          zone: "us-east-1a",
          state: "running",
          healthy: true,
          protectedFromScaleIn: false,
          launchedAt: NOW - 60 * MINUTE,
          units: 1,
        },
        {
          id: "i-new",
          zone: "us-east-1a",
          state: "starting",
          healthy: true,
          protectedFromScaleIn: false,
          launchedAt: NOW - MINUTE,
          units: 1,
        },
      ],
    },
    pods: (nodes) => [...filled(nodes, 900), ...asking({ cpu: 1500 })],
  }),
  one("GPUs that come when their plugin runs", {
    sizes: [2],
    nodes: {
      a1: { allocatable: { milliCpu: 2000, memory: 8 * GIB, pods: 29, extended: { gpu: 1 } } },
      a2: { createdAt: NOW - MINUTE },
    },
    pods: gpu(1).concat(
      pods(
        1,
        { shape: shape({ requests: { milliCpu: 1, memory: 1, pods: 1, extended: { gpu: 1 } } }) },
        "second",
      ),
    ),
  }),
];
