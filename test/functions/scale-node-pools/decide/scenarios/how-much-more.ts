import type { Group } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { GIB, MINUTE, NOW, shape } from "../../given.ts";
import { asking, filled, one, pods, type Scenario } from "./given.ts";

const noPlace = (cpu = 1500, number = 1) => asking({ cpu }, number);
const unit = (over: Partial<Group>) => over;

export const HOW_MUCH_MORE: readonly Scenario[] = [
  one("one pod more than there is room for", {
    sizes: [1],
    pods: (nodes) => [...filled(nodes, 1000), ...noPlace()],
  }),
  one("three pods on two nodes", {
    sizes: [1],
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1000, 3)],
  }),
  one("five pods in three zones", {
    sizes: [1, 1, 0],
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 5)],
  }),
  one("above the target", { sizes: [2], pods: (nodes) => filled(nodes, 1401) }),
  one("at the target", { sizes: [2], pods: (nodes) => filled(nodes, 1400) }),
  one("far above the target", { sizes: [3], pods: (nodes) => filled(nodes, 1990) }),
  one("up to min", { sizes: [1], raw: { min: 3 }, pods: (nodes) => filled(nodes, 1000) }),
  one("up to the min of a window", {
    sizes: [1],
    raw: { min: 0, max: 9, windows: [{ during: "Mon 08:00-18:00 UTC", min: 3 }] },
  }),
  one("to the size of a window", {
    sizes: [1],
    raw: { min: 0, max: 9, windows: [{ during: "Mon 08:00-18:00 UTC", desired: 4 }] },
  }),
  one("a window that is closed", {
    sizes: [1],
    raw: { min: 0, max: 9, windows: [{ during: "Tue 08:00-18:00 UTC", desired: 4 }] },
  }),
  one("at max", { sizes: [2], raw: { max: 2 }, pods: (nodes) => [...filled(nodes, 1900), ...noPlace()] }),
  one("one below max", {
    sizes: [2],
    raw: { max: 3 },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 2)],
  }),
  one("the groups' max", {
    sizes: [2, 1],
    groups: { max: 2 },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 3)],
  }),
  one("at max, above the target", { sizes: [2], raw: { max: 2 }, pods: (nodes) => filled(nodes, 1900) }),
  one("below min, at the groups' max", { sizes: [1], raw: { min: 3, max: 5 }, groups: { max: 2 } }),
  one("min above max", { sizes: [1], raw: { min: 3 }, groups: { max: 2 } }),
  one("more than maxChange", {
    sizes: [2],
    raw: { maxChange: 30 },
    groups: { max: 10 },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 4)],
  }),
  one("just maxChange", {
    sizes: [2],
    raw: { maxChange: 50 },
    groups: { max: 10 },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 4)],
  }),
  one("a busy group", {
    sizes: [1, 1],
    groups: { busy: "its last update still runs" },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
  }),
  one("a group whose launch failed a minute ago", {
    sizes: [1],
    groups: {
      desired: 2,
      failedLaunch: {
        at: NOW - MINUTE,
        message:
          "We currently do not have sufficient m5.large capacity in the Availability Zone you requested",
        missingType: "m5.large",
      },
    },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
  }),
  one("a group whose launch failed a back-off ago", {
    sizes: [1],
    groups: { desired: 2, failedLaunch: { at: NOW - 15 * MINUTE, message: "no capacity" } },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
  }),
  one("a failed launch of a group that has all it asked for", {
    sizes: [1],
    groups: { failedLaunch: { at: NOW - MINUTE, message: "no capacity" } },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
  }),
  one("a group in its third back-off", {
    sizes: [1],
    status: {
      groups: {
        "workers-a": {
          failures: 3,
          lastFailureAt: NOW - 59 * MINUTE,
          code: "launch-failed",
          text: "its launch failed",
        },
      },
    },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
    nodes: { a1: { createdAt: NOW - 600 * MINUTE } },
  }),
  one("a group after its third back-off", {
    sizes: [1],
    status: {
      groups: {
        "workers-a": {
          failures: 3,
          lastFailureAt: NOW - 60 * MINUTE,
          code: "launch-failed",
          text: "its launch failed",
        },
      },
    },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
    nodes: { a1: { createdAt: NOW - 600 * MINUTE } },
  }),
  one("launching is suspended", {
    sizes: [1],
    groups: { suspended: ["Launch"] },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
  }),
  one("a node that is to be launched takes the pod", {
    sizes: [1],
    groups: { desired: 2 },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace()],
  }),
  one("a node that is joining takes the pod", {
    sizes: [2],
    nodes: { a2: { ready: false, createdAt: NOW - MINUTE } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("a draining node of our own takes the pod again", {
    sizes: [2],
    nodes: { a2: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: false }, cordoned: true } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("a drain that is ending stays", {
    sizes: [2],
    nodes: { a2: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: true }, cordoned: true } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("another's drain stays", {
    sizes: [2],
    nodes: { a2: { draining: { since: NOW - MINUTE, byScaler: false, isEnding: false }, cordoned: true } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("the drain of an unhealthy instance stays", {
    sizes: [2],
    instances: { a2: { healthy: false } },
    nodes: { a2: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: false } } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("the drain of a node that is not ready stays", {
    sizes: [2],
    nodes: { a2: { ready: false, draining: { since: NOW - MINUTE, byScaler: true, isEnding: false } } },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("the drain that began last is cancelled first", {
    sizes: [3],
    nodes: {
      a2: { draining: { since: NOW - 2 * MINUTE, byScaler: true, isEnding: false } },
      a3: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: false } },
    },
    pods: (nodes) => [...filled(nodes.slice(0, 1), 1900), ...noPlace()],
  }),
  one("two drains are cancelled for the target", {
    sizes: [3],
    nodes: {
      a2: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: false } },
      a3: { draining: { since: NOW - MINUTE, byScaler: true, isEnding: false } },
    },
    pods: (nodes) => filled(nodes, 1500),
  }),
  one("headroom of a node", { sizes: [2], raw: { headroom: 1 }, pods: (nodes) => filled(nodes, 1100) }),
  one("headroom of half the nodes", {
    sizes: [4],
    raw: { headroom: "50%" },
    pods: (nodes) => filled(nodes, 1000),
  }),
  one("headroom of CPU and memory", {
    sizes: [2],
    raw: { headroom: { cpu: "1", memory: "1Gi" } },
    pods: (nodes) => filled(nodes, 1000),
  }),
  one("headroom of a pool whose nodes are not known", { sizes: [0], raw: { headroom: 2, min: 0 } }),
  one("pods for a pool whose nodes are not known", { sizes: [0], pods: noPlace() }),
  one("pods for an empty pool with a shape", {
    sizes: [0, 0],
    raw: { nodeShape: { cpu: "4", memory: "16Gi", pods: 58 } },
    pods: noPlace(1500, 3),
  }),
  one("pods for an empty pool with its last node's shape", {
    sizes: [0],
    status: {
      shape: {
        allocatable: { milliCpu: 4000, memory: 16 * GIB, pods: 58 },
        labels: {},
        taints: [],
        units: 1,
      },
    },
    pods: noPlace(1500, 3),
  }),
  one("pods for an empty pool whose tags say what its nodes are", {
    sizes: [0],
    groups: {
      tags: {
        "k8s.io/cluster-autoscaler/node-template/resources/cpu": "4",
        "k8s.io/cluster-autoscaler/node-template/resources/memory": "8Gi",
      },
    },
    pods: noPlace(1500, 3),
  }),
  one("pods for an empty pool whose types are known", {
    sizes: [0],
    groups: {
      launchTypes: [
        { name: "m5.large", vcpus: 2, memoryMib: 8192, maxPods: 29, arch: "amd64", extended: {} },
      ],
      launches: { instanceTypes: ["m5.large"], units: 1 },
    },
    pods: noPlace(1500, 3),
  }),
  one("pods for a pool of several types", {
    sizes: [1],
    groups: {
      launchTypes: [
        { name: "m5.large", vcpus: 2, memoryMib: 8192, maxPods: 29, arch: "amd64", extended: {} },
        { name: "m5.xlarge", vcpus: 4, memoryMib: 16384, maxPods: 58, arch: "amd64", extended: {} },
      ],
      launches: { instanceTypes: ["m5.large", "m5.xlarge"], units: 1 },
    },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 3)],
  }),
  one("nodes that count for several units", {
    sizes: [2],
    groups: unit({ desired: 8, max: 20 }),
    instances: { a1: { units: 4 }, a2: { units: 4 } },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 3)],
  }),
  one("a managed node group whose limits have to be wider", {
    sizes: [2],
    groups: { kind: "managedNodeGroup", min: 1, max: 2 },
    raw: { min: 0, max: 8 },
    pods: (nodes) => [...filled(nodes, 1900), ...noPlace(1500, 3)],
  }),
  one("a managed node group whose limits are others", {
    sizes: [2],
    groups: { kind: "managedNodeGroup", min: 1, max: 2 },
    raw: { min: 2, max: 8, windows: [{ during: "Tue 08:00-18:00 UTC", min: 4, max: 12 }] },
  }),
  one("a managed node group whose limits are right", {
    sizes: [2],
    groups: { kind: "managedNodeGroup", min: 2, max: 12 },
    raw: { min: 2, max: 8, windows: [{ during: "Tue 08:00-18:00 UTC", min: 4, max: 12 }] },
  }),
  one("a busy managed node group keeps its limits", {
    sizes: [2],
    groups: { kind: "managedNodeGroup", min: 1, max: 2, busy: "its last update still runs" },
    raw: { min: 2, max: 8 },
  }),
  one("pods that have waited long although there is room", {
    sizes: [2],
    pods: pods(2, {
      createdAt: NOW - 10 * MINUTE,
      owner: "default/ReplicaSet/web",
      schedulerMessage: "0/2 nodes",
    }),
    nodes: { a1: { createdAt: NOW - MINUTE }, a2: { createdAt: NOW - MINUTE } },
  }),
  one("pods that every node refused", {
    sizes: [1],
    pods: pods(1, { createdAt: NOW - 5 * MINUTE, owner: "default/ReplicaSet/web" }),
  }),
  one("pods that every node refused, almost", {
    sizes: [1],
    pods: pods(1, { createdAt: NOW - 5 * MINUTE + 1, owner: "default/ReplicaSet/web" }),
  }),
  one("pods that wait for a volume", {
    sizes: [1],
    pods: pods(1, {
      schedulerMessage: 'persistentvolumeclaim "data" not found',
      shape: shape({ cpu: 1900 }),
    }),
  }),
  one("pods that no node could take", {
    sizes: [1],
    pods: pods(1, { unplaceable: "its scheduling gate is closed" }),
  }),
  one("pods whose owner got a node in vain", {
    sizes: [1],
    status: {
      owners: {
        "default/ReplicaSet/web": { stuckSince: NOW - 60 * MINUTE, failures: 2, until: NOW + MINUTE },
      },
    },
    pods: pods(1, { owner: "default/ReplicaSet/web", shape: shape({ cpu: 1900 }) }),
  }),
  one("pods whose owner may have a node again", {
    sizes: [1],
    status: {
      owners: { "default/ReplicaSet/web": { stuckSince: NOW - 60 * MINUTE, failures: 2, until: NOW } },
    },
    pods: (nodes) => [
      ...filled(nodes, 1900),
      ...pods(1, { owner: "default/ReplicaSet/web", shape: shape({ cpu: 1900 }) }),
    ],
  }),
  one("objects that cannot be read", {
    sizes: [1],
    cluster: {
      unreadable: [{ kind: "pod", id: "default/odd", why: "an operator that is not known" }],
    },
  }),
];
