import { largest } from "../../../shared/kubernetes/resources.ts";
import type { DaemonSet, Pod } from "../model/cluster.ts";

/**
 * The DaemonSets with what their next pod will request. What is filled in when a pod is admitted (the defaults of a
 * LimitRange, the overhead of a RuntimeClass, a webhook's own idea) stands in no template, but in the newest pod there is.
 */
export function asAdmitted(daemonSets: readonly DaemonSet[], pods: readonly Pod[]): DaemonSet[] {
  const newest = new Map<string, Pod>();
  for (const pod of pods) {
    if (pod.daemonSet === undefined) continue;
    const known = newest.get(pod.daemonSet);
    if (!known || pod.createdAt > known.createdAt) newest.set(pod.daemonSet, pod);
  }
  return daemonSets.map((set) => {
    const pod = newest.get(set.id);
    return pod ? withAtLeast(set, pod) : set;
  });
}

function withAtLeast({ id, shape }: DaemonSet, pod: Pod): DaemonSet {
  const { requirements } = shape;
  const requests = largest(requirements.requests, pod.shape.requirements.requests);
  return { id, shape: { ...shape, requirements: { ...requirements, requests } } };
}
