import type { Cluster, ClusterNode, Pod } from "../../model/cluster.ts";
import { type Bin, createBin, putOn } from "../packing/bin.ts";
import { Packing } from "../packing/packing.ts";
import { isTransientTaint } from "../pool/node-template.ts";
import { type PoolState, zonesOf } from "../pool/pool-state.ts";
import { upcomingNode } from "../pool/upcoming-node.ts";
import { UNTRIED_NODE_LABEL } from "./long-pending.ts";

/** The pods of each node, by the node's name. */
export type PodsByNode = ReadonlyMap<string, readonly Pod[]>;

export function podsByNode(pods: readonly Pod[]): PodsByNode {
  const found = new Map<string, Pod[]>();
  for (const pod of pods) {
    if (pod.node === undefined) continue;
    const others = found.get(pod.node);
    if (others) others.push(pod);
    else found.set(pod.node, [pod]);
  }
  return found;
}

/** Notes that the pod has been promised a place on the bin. */
export function reserve({ reservations }: Pick<ClusterSnapshot, "reservations">, bin: Bin, pod: Pod): void {
  const others = reservations.get(bin);
  if (others) others.push(pod);
  else reservations.set(bin, [pod]);
}

/** The cluster's nodes as bins. Each decision that moves pods about has a scene of its own. */
export interface ClusterSnapshot {
  readonly packing: Packing;
  readonly binOf: (node: ClusterNode) => Bin;
  readonly nodeNamed: (name: string) => ClusterNode | undefined;
  /** Pods that have been promised a place on a node they are not on yet, by the node. */
  readonly reservations: Map<Bin, Pod[]>;
}

/**
 * The nodes that take pods now and, with `coming`, those on their way: instances that are joining and nodes that
 * were ordered. Full ones come first, so that what is to be removed stays empty.
 */
export function snapshotOf(
  cluster: Cluster,
  pods: PodsByNode,
  states: readonly PoolState[],
  { coming }: { readonly coming: boolean },
): ClusterSnapshot {
  const statuses = new Map(
    states.flatMap(({ members }) => members.map(({ node, status }) => [node, status] as const)),
  );
  const groups = new Map(
    states.flatMap(({ members }) => members.map(({ node, group }) => [node?.name, group.name] as const)),
  );
  const bins = new Map<ClusterNode, Bin>();
  const byName = new Map(cluster.nodes.map((node) => [node.name, node]));
  for (const node of cluster.nodes) {
    const status = statuses.get(node);
    const comes = coming && status === "joining";
    const stays = status !== "leaving" && status !== "parked" && !node.draining;
    const bin = createBin(
      {
        name: node.name,
        labels: comes ? { ...node.labels, [UNTRIED_NODE_LABEL]: "true" } : node.labels,
        taints:
          comes || node.draining ? node.taints.filter((taint) => !isTransientTaint(taint)) : node.taints,
        group: groups.get(node.name),
        allocatable: node.allocatable,
      },
      comes || (node.ready && !node.cordoned && stays) ? "open" : "closed",
    );
    for (const pod of pods.get(node.name) ?? []) putOn(bin, pod.shape);
    bins.set(node, bin);
  }
  const fullFirst = [...bins.values()].sort(
    (a, b) =>
      a.free.milliCpu - b.free.milliCpu || a.free.memory - b.free.memory || (a.name < b.name ? -1 : 1),
  );
  const packing = new Packing([...fullFirst, ...(coming ? states.flatMap(upcomingNodes) : [])]);
  return {
    packing,
    reservations: new Map(),
    nodeNamed: (name) => byName.get(name),
    binOf: (node) => {
      const bin = bins.get(node);
      if (!bin) throw new Error(`node ${node.name} is not of this cluster`);
      return bin;
    },
  };
}

/** Nodes that were ordered and have no node object yet. A group that is passed over is not counted upon. */
function upcomingNodes({ groups }: PoolState): Bin[] {
  return groups.flatMap((state) => {
    const { group, members, template, ordered, backoff } = state;
    if (!template) return [];
    const launched = members.filter(({ node, status }) => !node && status === "joining");
    const zones = zonesOf(state);
    const bins = launched.map(({ instance, zone }) => upcomingNode(group, template, instance.id, zone ?? ""));
    if (backoff !== undefined) return bins;
    for (let node = 0; node < ordered; node++) {
      const zone = zones.smallest();
      zones.grow(zone);
      bins.push(upcomingNode(group, template, `${group.name}~${node + 1}`, zone));
    }
    return bins;
  });
}
