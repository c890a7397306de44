import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { drainCancelledAt, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";
import { podPages } from "../../../shared/kubernetes/pod.ts";
import { type BoundVolume, listBoundVolumes } from "../../../shared/kubernetes/volume.ts";
import type { DrainExceptions } from "../../../shared/node-pools/drain-rules/rule.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { Cluster, ClusterNode, Draining, Pod } from "../model/cluster.ts";
import { nodeTermsByClaim, PodReader } from "./pods.ts";

/** Pods that are not finished: bound ones and pending ones in two lists side by side, which halves the rounds. */
const BOUND = "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed";
const PENDING = "spec.nodeName=,status.phase!=Succeeded,status.phase!=Failed";

/** On a node that is in no pool of ours. */
const NO_EXCEPTIONS: DrainExceptions = {
  evictLocalStorage: false,
  evictUnreplicated: false,
  evictProtected: false,
};

/**
 * Reads everything that is decided on. Of the lists of pods only one page each is in memory as it was read; what is
 * kept of a pod is small, and equal pods share their shape.
 *
 * @param policies the policy of each instance's pool
 */
export async function observeCluster(
  api: KubernetesApi,
  policies: Promise<ReadonlyMap<string, NodePool>>,
  signal: AbortSignal,
): Promise<Cluster> {
  const nodesAndVolumes = Promise.all([listNodes(api, { signal }), listBoundVolumes(api, signal)]);
  const reader = Promise.all([nodesAndVolumes, policies]).then(([[nodes, volumes], known]) =>
    readerFor(nodes, volumes, known),
  );
  // Whoever needs it awaits it; when a list fails first nobody does.
  reader.catch(() => {});
  const [[nodes], budgets, bound, pending] = await Promise.all([
    nodesAndVolumes,
    listBudgets(api, signal),
    podsOf(api, BOUND, reader, signal),
    podsOf(api, PENDING, reader, signal),
  ]);
  const { clusterAutoscaler } = await reader;
  // A pod that was bound between the two lists is in both: it is bound.
  const seen = new Set(bound.map(({ uid }) => uid));
  const pods = [...bound, ...pending.filter(({ uid }) => !seen.has(uid))].map(({ pod }) => pod);
  return { name: api.cluster, nodes: nodes.map(toNode), pods, budgets, clusterAutoscaler };
}

function readerFor(
  nodes: readonly Node[],
  volumes: readonly BoundVolume[],
  policies: ReadonlyMap<string, NodePool>,
): PodReader {
  const exceptions = new Map(
    nodes.map(({ name, machine }) => [name, policies.get(machine?.instanceId ?? "")?.drain]),
  );
  return new PodReader(nodeTermsByClaim(volumes), (node = "") => exceptions.get(node) ?? NO_EXCEPTIONS);
}

async function podsOf(
  api: KubernetesApi,
  fieldSelector: string,
  reader: Promise<PodReader>,
  signal: AbortSignal,
): Promise<{ readonly uid: string; readonly pod: Pod }[]> {
  const found: { readonly uid: string; readonly pod: Pod }[] = [];
  for await (const page of podPages(api, { fieldSelector, signal })) {
    const ready = await reader;
    for (const pod of page) found.push({ uid: pod.uid, pod: ready.read(pod) });
  }
  return found;
}

const toNode = (node: Node): ClusterNode => ({
  name: node.name,
  uid: node.uid,
  resourceVersion: node.resourceVersion,
  createdAt: node.createdAt,
  labels: node.labels,
  annotations: node.annotations,
  taints: node.taints,
  allocatable: node.allocatable,
  instanceId: node.machine?.instanceId,
  zone: node.machine?.zone,
  ready: node.ready,
  cordoned: node.unschedulable,
  draining: drainingOf(node),
  drainCancelledAt: drainCancelledAt(node),
});

function drainingOf(node: Node): Draining | undefined {
  if (!isDraining(node)) return undefined;
  const mark = readDrainMark(node);
  // A mark that somebody made unreadable is left to a person.
  const isEnding = mark?.ending === true || mark?.endedAt !== undefined;
  return { since: mark?.startedAt ?? 0, byScaler: mark?.cause === "scale-in", isEnding };
}
