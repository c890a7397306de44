import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { DRAIN_LABEL, isDraining, readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import { listNodes, type Node } from "../../../shared/kubernetes/node.ts";

/** Two small pages, whatever the cluster: the server picks out what is cordoned, and what a person has uncordoned. */
export async function markedNodes(api: KubernetesApi, signal: AbortSignal): Promise<Node[]> {
  const [cordoned, labelled] = await Promise.all([
    listNodes(api, { fieldSelector: "spec.unschedulable=true", signal }),
    listNodes(api, { labelSelector: DRAIN_LABEL, signal }),
  ]);
  const all = new Map([...cordoned.filter(isDraining), ...labelled].map((node) => [node.name, node]));
  return [...all.values()];
}

/** It runs no pods soon; one that awaits its replacement still does. */
export const isBeingDrained = (node: Node): boolean =>
  isDraining(node) && readDrainMark(node)?.awaitsReplacement !== true;
