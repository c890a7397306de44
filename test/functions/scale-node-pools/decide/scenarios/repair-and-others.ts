import type {
  ClusterNode,
  Group,
  Instance,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { MINUTE, machine, NOW } from "../../given.ts";
import { asking, filled, one, pods, type Scenario } from "./given.ts";

const draining = { since: NOW - MINUTE, byScaler: true, isEnding: false };
const lost = (over: Partial<Instance> = {}): Partial<Group> => ({
  desired: 3,
  instances: [
    ...machines(2),
    {
      id: "i-lost",
      zone: "us-east-1a",
      state: "running",
      healthy: true,
      protectedFromScaleIn: false,
      launchedAt: NOW - 60 * MINUTE,
      units: 1,
      ...over,
    },
  ],
});
function machines(number: number): Instance[] {
  return Array.from({ length: number }, (_, at) => machine(`a${at + 1}`).instance);
}
const busyPods = (nodes: readonly ClusterNode[]) => filled(nodes, nodes.length > 2 ? 1000 : 1300);

export const REPAIR_AND_OTHERS: readonly Scenario[] = [
  ...[30 * MINUTE, 30 * MINUTE - 1].map((ms) =>
    one(`not ready for half an hour, less ${30 * MINUTE - ms} ms`, {
      sizes: [5],
      pods: busyPods,
      nodes: { a1: { ready: false, notReadySince: NOW - ms } },
    }),
  ),
  one("not ready for long, and cordoned", {
    sizes: [5],
    pods: busyPods,
    nodes: { a1: { ready: false, cordoned: true, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("not ready, and nobody knows since when", {
    sizes: [5],
    pods: busyPods,
    nodes: { a1: { ready: false } },
  }),
  one("not ready for long, never repaired", {
    sizes: [5],
    raw: { repairNotReadyAfter: "0s" },
    pods: busyPods,
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("too many not ready to repair", {
    sizes: [5],
    pods: busyPods,
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE }, a2: { ready: false } },
  }),
  one("two to repair, one at a time", {
    sizes: [10],
    pods: busyPods,
    nodes: {
      a1: { ready: false, notReadySince: NOW - 60 * MINUTE },
      a2: { ready: false, notReadySince: NOW - 60 * MINUTE },
    },
  }),
  one("to repair, while another drains", {
    sizes: [5],
    pods: busyPods,
    nodes: {
      a1: { ready: false, notReadySince: NOW - 60 * MINUTE },
      a2: { draining: { ...draining, byScaler: false } },
    },
  }),
  one("to repair, and a pod blocks it", {
    sizes: [5],
    pods: (nodes) => [
      ...busyPods(nodes),
      ...pods(1, { node: "a1", role: "blocking", blocker: "uses local storage" }),
    ],
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("to repair, and its instance is protected", {
    sizes: [5],
    pods: busyPods,
    instances: { a1: { protectedFromScaleIn: true } },
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("to repair, at the group's min", {
    sizes: [5],
    groups: { min: 5 },
    pods: busyPods,
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("to repair, at the pool's min", {
    sizes: [5],
    raw: { min: 5 },
    pods: busyPods,
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("to repair, and the budget allows none", {
    sizes: [5],
    raw: { disruptionBudgets: [{ nodes: 0 }] },
    pods: busyPods,
    nodes: { a1: { ready: false, notReadySince: NOW - 60 * MINUTE } },
  }),
  one("an instance that is no node, seen now", {
    sizes: [2],
    groups: lost(),
    pods: busyPods,
    raw: { maxNotReady: 1 },
  }),
  one("an instance that is no node, seen a while ago", {
    sizes: [2],
    groups: lost(),
    pods: busyPods,
    raw: { maxNotReady: 1 },
    status: { unjoined: { "i-lost": NOW - 15 * MINUTE } },
  }),
  one("an instance that is no node, seen a moment less ago", {
    sizes: [2],
    groups: lost(),
    pods: busyPods,
    raw: { maxNotReady: 1 },
    status: { unjoined: { "i-lost": NOW - 15 * MINUTE + 1 } },
  }),
  one("an instance that is no node, never terminated", {
    sizes: [2],
    groups: lost(),
    pods: busyPods,
    raw: { maxNotReady: 1, terminateUnjoinedAfter: 0 },
    status: { unjoined: { "i-lost": NOW - 60 * MINUTE } },
  }),
  one("an instance that is no node, at the pool's min", {
    sizes: [2],
    groups: lost(),
    pods: busyPods,
    raw: { maxNotReady: 1, min: 3 },
    status: { unjoined: { "i-lost": NOW - 60 * MINUTE } },
  }),
  one("an instance that is no node, protected", {
    sizes: [2],
    groups: lost({ protectedFromScaleIn: true }),
    pods: busyPods,
    raw: { maxNotReady: 1 },
    status: { unjoined: { "i-lost": NOW - 60 * MINUTE } },
  }),
  one("an instance that is no node, of a group in a refresh", {
    sizes: [2],
    groups: { ...lost(), refreshing: true },
    pods: busyPods,
    raw: { maxNotReady: 1 },
    status: { unjoined: { "i-lost": NOW - 60 * MINUTE } },
  }),
  one("an instance that is no node, and too many are missing", {
    sizes: [2],
    groups: lost(),
    pods: busyPods,
    raw: { maxNotReady: 0 },
    status: { unjoined: { "i-lost": NOW - 20 * MINUTE } },
  }),
  one("an instance that never was a node, though too many are missing", {
    sizes: [2],
    groups: lost({ launchedAt: NOW - 35 * MINUTE }),
    pods: busyPods,
    raw: { maxNotReady: 0 },
    status: { unjoined: { "i-lost": NOW - 20 * MINUTE } },
  }),
  one("capacity that AWS did not launch, while other zones may", {
    sizes: [1, 1],
    pods: (nodes) => [...filled(nodes, 1300)],
    groups: { desired: 3, failedLaunch: { at: NOW - MINUTE, message: "no capacity" } },
  }),
  one("cluster-autoscaler's tag", { groups: { tags: { "k8s.io/cluster-autoscaler/enabled": "true" } } }),
  one("cluster-autoscaler's tag, switched off", {
    groups: { tags: { "k8s.io/cluster-autoscaler/enabled": "false" } },
  }),
  one("cluster-autoscaler's tag of the cluster", {
    groups: { tags: { "k8s.io/cluster-autoscaler/main": "owned" } },
  }),
  one("a tag of the cluster that is shared", {
    groups: { tags: { "k8s.io/cluster-autoscaler/main": "shared", other: "owned" } },
  }),
  one("EKS's tags, and no cluster-autoscaler", {
    groups: { kind: "managedNodeGroup", tags: { "k8s.io/cluster-autoscaler/enabled": "true" } },
  }),
  one("EKS's tags, and a cluster-autoscaler", {
    groups: { kind: "managedNodeGroup", tags: { "k8s.io/cluster-autoscaler/enabled": "true" } },
    cluster: { clusterAutoscaler: "kube-system/ca" },
  }),
  ...[
    "ToBeDeletedByClusterAutoscaler",
    "DeletionCandidateOfClusterAutoscaler",
    "karpenter.sh/disrupted",
    "karpenter.sh/disruption",
    "other",
  ].map((key) => one(`the taint ${key}`, { nodes: { a2: { taints: [{ key, effect: "NoSchedule" }] } } })),
  ...["karpenter.sh/nodepool", "karpenter.sh/provisioner-name"].map((key) =>
    one(`the label ${key}`, { nodes: { a2: { labels: { [key]: "default" } } } }),
  ),
  one("a pod that no pool takes, beside Karpenter's nodes", {
    sizes: [1],
    pods: asking({ cpu: 9000 }),
    cluster: { clusterAutoscaler: "kube-system/ca" },
  }),
  one("startup taints of a young node", {
    sizes: [2],
    nodes: {
      a2: {
        createdAt: NOW - MINUTE,
        taints: [{ key: "node.cilium.io/agent-not-ready", effect: "NoExecute" }],
      },
    },
  }),
  one("startup taints of an old node", {
    sizes: [2],
    raw: { startupTaints: ["mine"] },
    nodes: { a2: { taints: [{ key: "mine", effect: "NoSchedule" }] } },
  }),
  one("AZRebalance over two zones", { sizes: [2], groups: { zones: ["us-east-1a", "us-east-1b"] } }),
  one("AZRebalance suspended", {
    sizes: [2],
    groups: { zones: ["us-east-1a", "us-east-1b"], suspended: ["AZRebalance"] },
  }),
  one("AZRebalance of a managed node group", {
    sizes: [2],
    groups: { kind: "managedNodeGroup", zones: ["us-east-1a", "us-east-1b"] },
    raw: { min: 0, max: 10 },
  }),
];
