import type { Filter } from "./filter.ts";
import {
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  nodeUnschedulable,
  taintToleration,
} from "./node-filters.ts";
import { interPodAffinity } from "./pod-affinity.ts";
import type { PodView } from "./pod-view.ts";
import { type NodeView, type Snapshot, withPods } from "./snapshot.ts";
import { podTopologySpread } from "./topology-spread.ts";
import { nodeVolumeLimits, volumeBinding, volumeRestrictions } from "./volume-filters.ts";

/** kube-scheduler's default filters, in its order: the first that speaks is the node's reason. */
const FILTERS: readonly Filter[] = [
  nodeUnschedulable,
  taintToleration,
  nodeAffinity,
  nodePorts,
  nodeResourcesFit,
  volumeRestrictions,
  nodeVolumeLimits,
  volumeBinding,
  podTopologySpread,
  interPodAffinity,
];

/**
 * Why the pod cannot go to the node; undefined when it can. Room that preemption makes for pods of the same or a
 * higher priority is theirs.
 */
export function whyNot(pod: PodView, node: NodeView, snapshot: Snapshot): string | undefined {
  const reserved = (snapshot.nominated.get(node.name) ?? []).filter(
    ({ uid, priority }) => uid !== pod.uid && priority >= pod.priority,
  );
  const seen = reserved.length === 0 ? node : withPods(node, [...node.pods, ...reserved]);
  for (const filter of FILTERS) {
    const why = filter(pod, seen, snapshot);
    if (why !== undefined) return why;
  }
  return undefined;
}
