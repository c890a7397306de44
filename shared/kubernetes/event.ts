import type { KubernetesApi } from "./api/api.ts";

/** Something to be said about a pod, as `kubectl describe pod` shows it. */
export interface PodEvent {
  readonly pod: { readonly namespace: string; readonly name: string; readonly uid: string };
  /** Of the event; a second one of this name in the pod's namespace is refused with 409. */
  readonly name: string;
  /** For example `NotTriggerScaleUp`. */
  readonly reason: string;
  readonly message: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** The API server takes no longer message. */
const MAX_MESSAGE = 1024;

/** Creates an Event. Throws Blocked without the permission, KubernetesError 409 when there is one of this name. */
export async function createPodEvent(
  api: KubernetesApi,
  { pod, name, reason, message, at }: PodEvent,
  signal?: AbortSignal,
): Promise<void> {
  const time = new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
  const body = {
    apiVersion: "v1",
    kind: "Event",
    metadata: { name, namespace: pod.namespace },
    involvedObject: { apiVersion: "v1", kind: "Pod", ...pod },
    type: "Normal",
    reason,
    message: message.slice(0, MAX_MESSAGE),
    source: { component: "reflex" },
    reportingComponent: "reflex",
    reportingInstance: "scale-node-pools",
    firstTimestamp: time,
    lastTimestamp: time,
    count: 1,
  };
  const path = `/api/v1/namespaces/${encodeURIComponent(pod.namespace)}/events`;
  await api.call({ method: "POST", path, body, verb: "create", resource: "events", signal });
}
