import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { listBudgets } from "../../../shared/kubernetes/budget.ts";
import { GIVEN_BACK_ANNOTATION, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";
import { type Pod as ApiPod, podPages } from "../../../shared/kubernetes/pod.ts";
import { type BoundVolume, listBoundVolumes } from "../../../shared/kubernetes/volume.ts";
import type { Overlooked } from "../../../shared/node-pools/drain-rules/verdict.ts";
import type { Cluster, ClusterNode, Draining, Pod } from "../model.ts";
import { PodReader, placesOfClaims } from "./pods.ts";

/** Pods that are not finished: bound ones and waiting ones in two lists side by side, which halves the rounds. */
const BOUND = "spec.nodeName!=,status.phase!=Succeeded,status.phase!=Failed";
const WAITING = "spec.nodeName=,status.phase!=Succeeded,status.phase!=Failed";

/**
 * Everything that is decided on, in one look. Of the lists of pods only one page each is in memory as it was
 * read; what is kept of a pod is small, and equal pods share what they ask for.
 *
 * @param overlooked what a drain of a node's pool would overlook, by the node's instance
 */
export async function observeCluster(
  api: KubernetesApi,
  overlooked: (instanceId: string | undefined) => Overlooked,
  signal: AbortSignal,
): Promise<Cluster> {
  const nodesAndVolumes = Promise.all([listNodes(api, { signal }), listBoundVolumes(api, signal)]);
  const reader = nodesAndVolumes.then(([nodes, volumes]) => readerFor(nodes, volumes, overlooked));
  const [[nodes], budgets, bound, waiting] = await Promise.all([
    nodesAndVolumes,
    listBudgets(api, signal),
    podsOf(api, BOUND, reader, signal),
    podsOf(api, WAITING, reader, signal),
  ]);
  const { clusterAutoscaler } = await reader;
  // A pod that was bound between the two lists is in both: it is bound.
  const seen = new Set(bound.map(({ uid }) => uid));
  const pods = [...bound, ...waiting.filter(({ uid }) => !seen.has(uid))].map(({ pod }) => pod);
  return { name: api.cluster, nodes: nodes.map(toNode), pods, budgets, clusterAutoscaler };
}

function readerFor(
  nodes: readonly Node[],
  volumes: readonly BoundVolume[],
  overlooked: (instanceId: string | undefined) => Overlooked,
): PodReader {
  const instances = new Map(nodes.map(({ name, machine }) => [name, machine?.instanceId]));
  return new PodReader(placesOfClaims(volumes), (node) =>
    overlooked(node === undefined ? undefined : instances.get(node)),
  );
}

async function podsOf(
  api: KubernetesApi,
  fieldSelector: string,
  reader: Promise<PodReader>,
  signal: AbortSignal,
): Promise<{ readonly uid: string; readonly pod: Pod }[]> {
  const found: { readonly uid: string; readonly pod: Pod }[] = [];
  for await (const page of podPages(api, { fieldSelector, signal })) {
    const { read } = await reader.then((ready) => ({ read: (pod: ApiPod) => ready.read(pod) }));
    for (const pod of page) found.push({ uid: pod.uid, pod: read(pod) });
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
  givenBackAt: givenBackAt(node),
});

function drainingOf(node: Node): Draining | undefined {
  if (!isDraining(node)) return undefined;
  const mark = readDrainMark(node);
  // A mark that somebody made unreadable is left to a person; one that has ended is past taking back.
  return {
    since: (mark?.since ?? 0) * 1000,
    byScaler: mark?.reason === "scale-in" && mark.ended === undefined,
  };
}

function givenBackAt({ annotations }: Node): number | undefined {
  const seconds = Number(annotations[GIVEN_BACK_ANNOTATION] ?? Number.NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}
