import type { Taint } from "../../../shared/kubernetes/node.ts";
import { at, type KubeObject, textAt } from "../object.ts";
import type { ClusterState } from "../state.ts";
import { type Amounts, amountsOf, listAt, minus } from "./amounts.ts";
import { type PodView, podView } from "./pod-view.ts";

/** A node as kube-scheduler reads it, with what is on it. */
export interface NodeView {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly taints: readonly Taint[];
  readonly unschedulable: boolean;
  readonly allocatable: Amounts;
  /** How many volumes its CSI drivers attach, by driver; a driver that is not in it has no limit. */
  readonly volumeLimits: ReadonlyMap<string, number>;
  pods: readonly PodView[];
  /** Allocatable less what its pods ask for. */
  free: Amounts;
}

/** What one scheduling pass works with. */
export interface Snapshot {
  readonly state: ClusterState;
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** Pods that preemption makes room for, by the node nominated. */
  readonly nominated: ReadonlyMap<string, readonly PodView[]>;
}

export function takeSnapshot(state: ClusterState, pods: readonly PodView[]): Snapshot {
  const { store } = state;
  const byNode = Map.groupBy(
    pods.filter(({ nodeName, isFinished }) => nodeName !== "" && !isFinished),
    ({ nodeName }) => nodeName,
  );
  const nodes = new Map(
    store.list("nodes").map((object) => {
      const own = byNode.get(object.metadata.name) ?? [];
      return [object.metadata.name, nodeView(object, own, volumeLimits(state, object.metadata.name))];
    }),
  );
  const waiting = pods.filter(({ nodeName, nominatedNode }) => nodeName === "" && nominatedNode !== "");
  return { state, nodes, nominated: Map.groupBy(waiting, ({ nominatedNode }) => nominatedNode) };
}

function nodeView(
  object: KubeObject,
  pods: readonly PodView[],
  limits: ReadonlyMap<string, number>,
): NodeView {
  const allocatable = amountsOf(at(object, "status.allocatable"));
  return {
    name: object.metadata.name,
    labels: object.metadata.labels ?? {},
    taints: taintsOf(object),
    unschedulable: at(object, "spec.unschedulable") === true,
    allocatable,
    volumeLimits: limits,
    pods,
    free: pods.reduce((free, { requests }) => minus(free, requests), allocatable),
  };
}

/** A node's taints, as they stand on it. */
export const taintsOf = (node: KubeObject): Taint[] =>
  listAt(node, "spec.taints").map((taint) => {
    const value = textAt(taint, "value");
    const effect = textAt(taint, "effect");
    return {
      key: textAt(taint, "key"),
      effect: effect === "NoExecute" || effect === "PreferNoSchedule" ? effect : "NoSchedule",
      ...(value !== "" && { value }),
    };
  });

function volumeLimits({ store }: ClusterState, node: string): ReadonlyMap<string, number> {
  const drivers = listAt(store.find("csinodes", "", node), "spec.drivers");
  return new Map(
    drivers.flatMap((driver) => {
      const count = at(driver, "allocatable.count");
      return typeof count === "number" ? [[textAt(driver, "name"), count] as const] : [];
    }),
  );
}

/** Puts the pod on the node. */
export function assume(node: NodeView, pod: PodView): void {
  node.pods = [...node.pods, pod];
  node.free = minus(node.free, pod.requests);
}

/** The node with other pods on it, for a question about what would be. */
export const withPods = (node: NodeView, pods: readonly PodView[]): NodeView => ({
  ...node,
  pods,
  free: pods.reduce((free, { requests }) => minus(free, requests), node.allocatable),
});

/** The store's pods as the scheduler reads them. */
export const podViews = ({ store }: ClusterState): PodView[] => store.list("pods").map(podView);
