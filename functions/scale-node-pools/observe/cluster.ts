import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { currentVersion, forEachListed, type LeaveOut } from "../../../shared/kubernetes/api/list/list.ts";
import type { Unreadable } from "../../../shared/kubernetes/api/unreadable.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { listDaemonSets } from "../../../shared/kubernetes/daemon-set.ts";
import { drainCancelledAt, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNamespaces, type Namespace } from "../../../shared/kubernetes/namespace.ts";
import { listNodesFromCache, type Node } from "../../../shared/kubernetes/node.ts";
import { PODS } from "../../../shared/kubernetes/pod.ts";
import { listClaims, listStorageClasses } from "../../../shared/kubernetes/storage/claim.ts";
import { listVolumeLimits, type VolumeLimits } from "../../../shared/kubernetes/storage/csi-node.ts";
import { listBoundVolumes } from "../../../shared/kubernetes/storage/volume.ts";
import type { DrainExceptions } from "../../../shared/node-pools/drain-rules/rule.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { Cluster, ClusterNode, DaemonSet, Draining, Pod } from "../model/cluster.ts";
import { asAdmitted } from "./daemon-sets.ts";
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
 * Reads everything that is decided on, all lists side by side and from the API server's cache. Of the pods only some
 * are in memory as they were read; what is kept of a pod is small, and equal pods share their shape.
 *
 * Nodes and pods are as new as the beginning of this look: a stale view of them launches for pods that run already, or
 * ends what has just joined. Of the other lists a stale view does no harm: budgets are asked again by each eviction,
 * and a claim, a class, a volume, a namespace or a DaemonSet that is not seen yet is seen a minute later.
 *
 * @param policies the policy of each instance's pool
 */
export async function observeCluster(
  api: KubernetesApi,
  policies: Promise<ReadonlyMap<string, NodePool>>,
  signal: AbortSignal,
): Promise<Cluster> {
  const unreadable: Unreadable[] = [];
  const leaveOut = (object: Unreadable) => void unreadable.push(object);
  const version = currentVersion(api, signal);
  const nodesRead = version.then((notOlderThan) =>
    listNodesFromCache(api, { notOlderThan, signal }, leaveOut),
  );
  const reader = createReader(
    nodesRead,
    readVolumes(api, signal, leaveOut),
    listNamespaces(api, signal, leaveOut),
    policies,
    leaveOut,
  );
  // Whoever needs it awaits it; when a list fails first nobody does.
  reader.catch(() => {});
  const [nodes, limits, budgets, daemonSets, bound, pending] = await Promise.all([
    nodesRead,
    listVolumeLimits(api, signal, leaveOut),
    listBudgets(api, signal, leaveOut),
    readDaemonSets(api, reader, signal, leaveOut),
    readPods(api, { version, fieldSelector: BOUND, signal }, reader),
    readPods(api, { version, fieldSelector: PENDING, signal }, reader),
  ]);
  const { clusterAutoscaler } = await reader;
  const pods = onlyOnce(bound, pending);
  return {
    name: api.cluster,
    nodes: nodes.map((node) => toNode(node, limits.get(node.name))),
    pods,
    budgets,
    daemonSets: asAdmitted(daemonSets, pods),
    unreadable,
    clusterAutoscaler,
  };
}

/** A pod that was bound between the two lists is in both: it is bound. */
function onlyOnce(bound: readonly ReadPod[], pending: readonly ReadPod[]): Pod[] {
  const seen = new Set(bound.map(({ uid }) => uid));
  return [...bound, ...pending.filter(({ uid }) => !seen.has(uid))].map(({ pod }) => pod);
}

async function readVolumes(api: KubernetesApi, signal: AbortSignal, leaveOut: LeaveOut): Promise<Volumes> {
  const [volumes, claims, classes] = await Promise.all([
    listBoundVolumes(api, signal, leaveOut),
    listClaims(api, signal, leaveOut),
    listStorageClasses(api, signal, leaveOut),
  ]);
  return new Volumes(volumes, claims, classes);
}

async function createReader(
  nodesRead: Promise<readonly Node[]>,
  volumesRead: Promise<Volumes>,
  namespacesRead: Promise<readonly Namespace[]>,
  policiesRead: Promise<ReadonlyMap<string, NodePool>>,
  leaveOut: LeaveOut,
): Promise<PodReader> {
  const [nodes, volumes, namespaces, policies] = await Promise.all([
    nodesRead,
    volumesRead,
    namespacesRead,
    policiesRead,
  ]);
  const exceptions = new Map(
    nodes.map(({ name, machine }) => [name, policies.get(machine?.instanceId ?? "")?.drain]),
  );
  return new PodReader(volumes, namespaces, (node = "") => exceptions.get(node) ?? NO_EXCEPTIONS, leaveOut);
}

interface ReadPod {
  readonly uid: string;
  readonly pod: Pod;
}

async function readPods(
  api: KubernetesApi,
  { version, ...options }: { version: Promise<string>; fieldSelector: string; signal: AbortSignal },
  reader: Promise<PodReader>,
): Promise<ReadPod[]> {
  const found: ReadPod[] = [];
  const notOlderThan = await version;
  await forEachListed(api, PODS, { ...options, notOlderThan }, async (some) => {
    const ready = await reader;
    for (const each of some) found.push({ uid: each.uid, pod: ready.read(each) });
  });
  return found;
}

async function readDaemonSets(
  api: KubernetesApi,
  reader: Promise<PodReader>,
  signal: AbortSignal,
  leaveOut: LeaveOut,
): Promise<DaemonSet[]> {
  const [ready, daemonSets] = await Promise.all([reader, listDaemonSets(api, signal, leaveOut)]);
  return daemonSets.map(({ namespace, name, pod }) => ({
    id: `${namespace}/${name}`,
    shape: ready.shapeOfDaemonSet(pod),
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
  // A mark that somebody made unreadable is left to a person, and so is a node that cannot be read.
  const isEnding = node.unreadable !== undefined || mark?.ending === true || mark?.endedAt !== undefined;
  return { since: mark?.startedAt ?? 0, byScaler: mark?.cause === "scale-in", isEnding };
}
