import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { listDaemonSets } from "../../../shared/kubernetes/daemon-set.ts";
import { drainCancelledAt, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";
import { readablePodPages } from "../../../shared/kubernetes/pod.ts";
import { listClaims, listStorageClasses } from "../../../shared/kubernetes/storage/claim.ts";
import { listVolumeLimits, type VolumeLimits } from "../../../shared/kubernetes/storage/csi-node.ts";
import { listBoundVolumes } from "../../../shared/kubernetes/storage/volume.ts";
import type { DrainExceptions } from "../../../shared/node-pools/drain-rules/rule.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { Cluster, ClusterNode, DaemonSet, Draining, Pod } from "../model/cluster.ts";
import { PodReader } from "./pods.ts";
import { Volumes } from "./volumes.ts";

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
 * Reads everything that is decided on, all lists side by side. Of the lists of pods only one page each is in memory as
 * it was read; what is kept of a pod is small, and equal pods share their shape.
 *
 * @param policies the policy of each instance's pool
 */
export async function observeCluster(
  api: KubernetesApi,
  policies: Promise<ReadonlyMap<string, NodePool>>,
  signal: AbortSignal,
): Promise<Cluster> {
  const nodesRead = listNodes(api, { signal });
  const reader = createReader(nodesRead, readVolumes(api, signal), policies);
  // Whoever needs it awaits it; when a list fails first nobody does.
  reader.catch(() => {});
  const [nodes, limits, budgets, daemonSets, bound, pending] = await Promise.all([
    nodesRead,
    listVolumeLimits(api, signal),
    listBudgets(api, signal),
    readDaemonSets(api, reader, signal),
    readPods(api, BOUND, reader, signal),
    readPods(api, PENDING, reader, signal),
  ]);
  const { clusterAutoscaler, unreadable } = await reader;
  // A pod that was bound between the two lists is in both: it is bound.
  const seen = new Set(bound.map(({ uid }) => uid));
  const pods = [...bound, ...pending.filter(({ uid }) => !seen.has(uid))].map(({ pod }) => pod);
  return {
    name: api.cluster,
    nodes: nodes.map((node) => toNode(node, limits.get(node.name))),
    pods,
    budgets,
    daemonSets,
    unreadable,
    clusterAutoscaler,
  };
}

async function readVolumes(api: KubernetesApi, signal: AbortSignal): Promise<Volumes> {
  const [volumes, claims, classes] = await Promise.all([
    listBoundVolumes(api, signal),
    listClaims(api, signal),
    listStorageClasses(api, signal),
  ]);
  return new Volumes(volumes, claims, classes);
}

async function createReader(
  nodesRead: Promise<readonly Node[]>,
  volumesRead: Promise<Volumes>,
  policiesRead: Promise<ReadonlyMap<string, NodePool>>,
): Promise<PodReader> {
  const [nodes, volumes, policies] = await Promise.all([nodesRead, volumesRead, policiesRead]);
  const exceptions = new Map(
    nodes.map(({ name, machine }) => [name, policies.get(machine?.instanceId ?? "")?.drain]),
  );
  return new PodReader(volumes, (node = "") => exceptions.get(node) ?? NO_EXCEPTIONS);
}

async function readPods(
  api: KubernetesApi,
  fieldSelector: string,
  reader: Promise<PodReader>,
  signal: AbortSignal,
): Promise<{ readonly uid: string; readonly pod: Pod }[]> {
  const found: { readonly uid: string; readonly pod: Pod }[] = [];
  for await (const page of readablePodPages(api, { fieldSelector, signal })) {
    const ready = await reader;
    for (const each of page) {
      const pod = "unreadable" in each ? ready.readUnreadable(each) : ready.read(each);
      if (pod) found.push({ uid: each.uid, pod });
    }
  }
  return found;
}

async function readDaemonSets(
  api: KubernetesApi,
  reader: Promise<PodReader>,
  signal: AbortSignal,
): Promise<DaemonSet[]> {
  const [ready, daemonSets] = await Promise.all([reader, listDaemonSets(api, signal)]);
  return daemonSets.map(({ namespace, name, pod }) => ({
    id: `${namespace}/${name}`,
    shape: ready.read(pod).shape,
  }));
}

const toNode = (node: Node, volumeLimits: VolumeLimits | undefined): ClusterNode => ({
  name: node.name,
  uid: node.uid,
  resourceVersion: node.resourceVersion,
  createdAt: node.createdAt,
  labels: node.labels,
  annotations: node.annotations,
  taints: node.taints,
  allocatable: node.allocatable,
  volumeLimits,
  instanceId: node.machine?.instanceId,
  zone: node.machine?.zone,
  ready: node.ready,
  notReadySince: node.notReadySince,
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
