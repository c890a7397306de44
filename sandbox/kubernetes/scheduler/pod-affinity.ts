import { selects } from "../../../shared/kubernetes/scheduling/selector.ts";
import type { Filter } from "./filter.ts";
import type { AffinityTerm, PodView } from "./pod-view.ts";
import type { NodeView, Snapshot } from "./snapshot.ts";

/** `InterPodAffinity`: required affinity and anti-affinity, and the anti-affinity of pods that are there. */
export const interPodAffinity: Filter = (pod, node, snapshot) => {
  if (repelled(pod, node, snapshot)) return "node(s) didn't satisfy existing pods anti-affinity rules";
  if (pod.antiAffinity.some((term) => countIn(term, node, snapshot) > 0))
    return "node(s) didn't match pod anti-affinity rules";
  const hasFriends = pod.affinity.every((term) => countIn(term, node, snapshot) > 0);
  return hasFriends || isFirstOfItsKind(pod, node, snapshot)
    ? undefined
    : "node(s) didn't match pod affinity rules";
};

/** Whether a pod that is there does not want this one in its domain. */
function repelled(pod: PodView, node: NodeView, { nodes, state }: Snapshot): boolean {
  for (const other of nodes.values()) {
    const here = other.name === node.name ? node : other;
    for (const { antiAffinity } of here.pods) {
      for (const term of antiAffinity) {
        const domain = here.labels[term.topologyKey];
        if (domain === undefined || node.labels[term.topologyKey] !== domain) continue;
        if (isMeant(term, pod, state)) return true;
      }
    }
  }
  return false;
}

/** How many pods the term means in the node's domain; none on a node without the label. */
function countIn(term: AffinityTerm, node: NodeView, { nodes, state }: Snapshot): number {
  const domain = node.labels[term.topologyKey];
  if (domain === undefined) return 0;
  let count = 0;
  for (const other of nodes.values()) {
    if (other.labels[term.topologyKey] !== domain) continue;
    const here = other.name === node.name ? node : other;
    count += here.pods.filter((pod) => isMeant(term, pod, state)).length;
  }
  return count;
}

/** The first pod of a group that wants to be together may go anywhere with the labels. */
function isFirstOfItsKind(pod: PodView, node: NodeView, snapshot: Snapshot): boolean {
  const { nodes, state } = snapshot;
  if (pod.affinity.some(({ topologyKey }) => node.labels[topologyKey] === undefined)) return false;
  if (!pod.affinity.every((term) => isMeant(term, pod, state))) return false;
  return ![...nodes.values()].some(({ pods }) =>
    pods.some((other) => pod.affinity.some((term) => isMeant(term, other, state))),
  );
}

function isMeant(
  { namespaces, namespaceSelector, selector }: AffinityTerm,
  { namespace, labels }: PodView,
  { store }: Snapshot["state"],
): boolean {
  const bySelector =
    namespaceSelector !== undefined &&
    selects(namespaceSelector, {
      "kubernetes.io/metadata.name": namespace,
      ...store.find("namespaces", "", namespace)?.metadata.labels,
    });
  return (bySelector || namespaces.includes(namespace)) && selects(selector, labels);
}
