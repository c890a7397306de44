import type { Node } from "../../shared/kubernetes/node.ts";
import { meetsTerms } from "../../shared/kubernetes/node-term.ts";
import { nodeTermsShape } from "../../shared/kubernetes/node-term-shape.ts";
import type { Pod } from "../../shared/kubernetes/pod.ts";
import { fits, type Resources, subtract } from "../../shared/kubernetes/resources.ts";
import { toleratesNode } from "../../shared/kubernetes/toleration.ts";
import { at, type KubeObject, textAt } from "./object.ts";
import { asNode, asPod } from "./parsed.ts";
import type { ClusterState } from "./state.ts";

interface Place {
  readonly node: Node;
  /** Allocatable less what is bound. */
  free: Resources;
}

/** Binds each pending pod to the ready node with the most room among those it fits; tells the others why not. */
export function schedule(state: ClusterState): void {
  const { store } = state;
  const pods = store.list("pods");
  const waiting = pods.filter(
    (pod) => !textAt(pod, "spec.nodeName") && pod.metadata.deletionTimestamp === undefined,
  );
  if (waiting.length === 0) return;
  const places = placesOf(store.list("nodes").map(asNode), pods);
  const byPriority = waiting.toSorted((a, b) => asPod(b).priority - asPod(a).priority);
  for (const pod of byPriority) {
    const place = bestPlace(asPod(pod), places, state);
    if (place) bind(state, pod, place);
    else tellUnschedulable(state, pod, places.length);
  }
}

function placesOf(nodes: readonly Node[], pods: readonly KubeObject[]): Place[] {
  const places = new Map(nodes.map((node) => [node.name, { node, free: node.allocatable }]));
  for (const object of pods) {
    const pod = asPod(object);
    const place = pod.nodeName === undefined ? undefined : places.get(pod.nodeName);
    if (place && pod.phase !== "Succeeded" && pod.phase !== "Failed")
      place.free = subtract(place.free, pod.requests);
  }
  return [...places.values()].filter(({ node }) => node.ready);
}

function bestPlace(pod: Pod, places: readonly Place[], state: ClusterState): Place | undefined {
  let best: Place | undefined;
  for (const place of places) {
    if (!fitsNode(pod, place, state)) continue;
    if (!best || room(place) > room(best)) best = place;
  }
  return best;
}

function fitsNode(pod: Pod, { node, free }: Place, state: ClusterState): boolean {
  return (
    Object.entries(pod.nodeSelector).every(([key, value]) => node.labels[key] === value) &&
    meetsTerms(pod.nodeTerms, node) &&
    toleratesNode(pod.tolerations, node) &&
    volumesReach(pod, node, state) &&
    fits(pod.requests, free)
  );
}

/** A bound volume is where it is: the pod has to go there. */
function volumesReach(pod: Pod, node: Node, { store }: ClusterState): boolean {
  return pod.claims.every((claim) => {
    const volume = textAt(store.find("persistentvolumeclaims", pod.namespace, claim), "spec.volumeName");
    const required = at(store.find("persistentvolumes", "", volume), "spec.nodeAffinity.required");
    return required === undefined || meetsTerms(nodeTermsShape.parse(required), node);
  });
}

/** The share of its CPU that is free: Kubernetes' default scheduler, too, prefers the emptiest. */
const room = ({ node, free }: Place): number => free.milliCpu / Math.max(1, node.allocatable.milliCpu);

function bind({ store }: ClusterState, pod: KubeObject, place: Place): void {
  place.free = subtract(place.free, asPod(pod).requests);
  store.replace("pods", {
    ...pod,
    spec: { ...pod.spec, nodeName: place.node.name },
    status: { ...pod.status, conditions: [{ type: "PodScheduled", status: "True" }] },
  });
}

function tellUnschedulable({ store }: ClusterState, pod: KubeObject, nodes: number): void {
  const message = `0/${nodes} nodes are available.`;
  const told = { type: "PodScheduled", status: "False", reason: "Unschedulable", message };
  const conditions = at(pod, "status.conditions");
  const known =
    Array.isArray(conditions) && conditions.some((each) => textAt(each, "reason") === "Unschedulable");
  if (!known)
    store.replace("pods", { ...pod, status: { ...pod.status, phase: "Pending", conditions: [told] } });
}
