import type { Pod } from "../../../../../functions/scale-node-pools/model/cluster.ts";
import { MINUTE, NOW, shape } from "../../given.ts";
import { filled, type Given, HOST, one, pods, type Scenario } from "./given.ts";

/** Four nodes, of which `a1` is the emptiest and is asked first. */
const keeps = (name: string, { pods: own = [], ...given }: Given): Scenario =>
  one(name, {
    sizes: [4],
    pods: (nodes) => [...filled(nodes.slice(1), 100), ...(typeof own === "function" ? own(nodes) : own)],
    ...given,
  });
const ending = (sinceMs: number): Pod[] => pods(1, { node: "a1", terminating: true, endsAt: NOW - sinceMs });
const selecting = (labels: Record<string, string>, disruptionsAllowed: number, more = {}) => ({
  ...{
    namespace: "default",
    name: `budget-${disruptionsAllowed}`,
    disruptionsAllowed,
    currentHealthy: 3,
    desiredHealthy: 3,
  },
  selector: { matchLabels: labels, matchExpressions: [] },
  ...more,
});
const labelled = pods(1, { node: "a1", shape: shape({ labels: { app: "web" }, cpu: 10, mib: 10 }) });

export const WHY_NODES_STAY: readonly Scenario[] = [
  keeps("nothing keeps them", {}),
  keeps("cluster-autoscaler's annotation", {
    nodes: { a1: { annotations: { "cluster-autoscaler.kubernetes.io/scale-down-disabled": "true" } } },
  }),
  keeps("Karpenter's annotation", {
    nodes: { a1: { annotations: { "karpenter.sh/do-not-disrupt": "true" } } },
  }),
  keeps("the annotation with another value", {
    nodes: { a1: { annotations: { "karpenter.sh/do-not-disrupt": "false" } } },
  }),
  keeps("a drain that was cancelled just within the deadline", {
    raw: { drain: { softDeadline: "10m" } },
    nodes: { a1: { drainCancelledAt: NOW - 10 * MINUTE + 1 } },
  }),
  keeps("a drain that was cancelled a deadline ago", {
    raw: { drain: { softDeadline: "10m" } },
    nodes: { a1: { drainCancelledAt: NOW - 10 * MINUTE } },
  }),
  keeps("protection from scale-in", { instances: { a1: { protectedFromScaleIn: true } } }),
  keeps("an instance that is not in service", { instances: { a1: { state: "starting" } } }),
  keeps("an unhealthy instance", { instances: { a1: { healthy: false } } }),
  keeps("a pod that says why", {
    pods: pods(1, {
      node: "a1",
      role: "blocking",
      blocker: "uses local storage",
      shape: shape({ cpu: 10, mib: 10 }),
    }),
  }),
  keeps("a pod that does not say why", {
    pods: pods(1, { node: "a1", role: "blocking", shape: shape({ cpu: 10, mib: 10 }) }),
  }),
  keeps("a DaemonSet's pod does not", { pods: pods(1, { node: "a1", role: "daemon" }) }),
  keeps("a pod that should have ended five minutes ago", { pods: ending(5 * MINUTE) }),
  keeps("a pod that should have ended a moment later", { pods: ending(5 * MINUTE - 1) }),
  keeps("a budget that allows nothing", {
    pods: labelled,
    cluster: { budgets: [selecting({ app: "web" }, 0)] },
  }),
  keeps("a budget that allows one", { pods: labelled, cluster: { budgets: [selecting({ app: "web" }, 1)] } }),
  keeps("two budgets", {
    pods: labelled,
    cluster: { budgets: [selecting({ app: "web" }, 1), selecting({ app: "web" }, 2)] },
  }),
  keeps("a budget for other pods", { pods: labelled, cluster: { budgets: [selecting({ app: "api" }, 0)] } }),
  keeps("a budget of another namespace", {
    pods: labelled,
    cluster: { budgets: [selecting({ app: "web" }, 0, { namespace: "other" })] },
  }),
  keeps("a budget without a selector", {
    pods: labelled,
    cluster: { budgets: [selecting({}, 0, { selector: undefined })] },
  }),
  keeps("a budget for a pod that ends already", {
    pods: labelled.map((pod) => ({ ...pod, terminating: true })),
    cluster: { budgets: [selecting({ app: "web" }, 0)] },
  }),
  keeps("a budget for a DaemonSet's pod", {
    pods: labelled.map((pod) => ({ ...pod, role: "daemon" as const })),
    cluster: { budgets: [selecting({ app: "web" }, 0)] },
  }),
  keeps("a group that is busy", { groups: { busy: "its last update still runs" } }),
  keeps("the group's min", { groups: { min: 2 } }),
  keeps("the group's min, of which one may go", { groups: { min: 1 }, sizes: [3] }),
  keeps("the group's process Terminate is suspended", { groups: { suspended: ["Terminate"] } }),
  keeps("an instance refresh", { groups: { refreshing: true } }),
  keeps("a node that is cordoned is no candidate", { nodes: { a1: { cordoned: true } } }),
  keeps("pods that have no other place", {
    pods: (nodes) =>
      filled(nodes.slice(0, 1), 10).concat(
        pods(1, { node: "a1", shape: shape({ nodeSelector: { [HOST]: "a1" }, cpu: 1, mib: 1 }) }, "pinned"),
      ),
  }),
  one("five nodes for similar reasons", { sizes: [5], groups: { min: 5 }, raw: { min: 0 } }),
  one("pods of a node that ends move on", {
    sizes: [3],
    nodes: { a1: { draining: { since: NOW - MINUTE, byScaler: false, isEnding: false } } },
    pods: (nodes) => filled(nodes, 300),
  }),
];
