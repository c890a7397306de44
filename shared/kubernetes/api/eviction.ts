import type { Pod } from "../pod.ts";
import type { KubernetesApi } from "./api.ts";

type Target = Pick<Pod, "namespace" | "name" | "uid">;

const podPath = ({ namespace, name }: Target): string =>
  `/api/v1/namespaces/${encodeURIComponent(namespace)}/pods/${encodeURIComponent(name)}`;

/**
 * Asks the API server to evict this very pod: it holds the PodDisruptionBudgets, and the UID keeps a pod of
 * the same name that was made meanwhile from being hit. Throws KubernetesError for anything but success;
 * what it means is functions/drain-nodes' to say.
 */
export async function evictPod(
  api: KubernetesApi,
  pod: Target,
  gracePeriodSeconds: number | undefined,
  signal?: AbortSignal,
): Promise<void> {
  await createEviction(api, pod, deleteOptions(pod, gracePeriodSeconds), signal);
}

/** What `evictPod` would come to now, by the API server's own checks: nothing is evicted, and no budget is used up. */
export async function checkEviction(api: KubernetesApi, pod: Target, signal?: AbortSignal): Promise<void> {
  await createEviction(api, pod, { ...deleteOptions(pod, undefined), dryRun: ["All"] }, signal);
}

async function createEviction(
  api: KubernetesApi,
  pod: Target,
  options: object,
  signal: AbortSignal | undefined,
): Promise<void> {
  const body = {
    apiVersion: "policy/v1",
    kind: "Eviction",
    metadata: { name: pod.name, namespace: pod.namespace },
    deleteOptions: options,
  };
  const path = `${podPath(pod)}/eviction`;
  await api.call({ method: "POST", path, body, verb: "create", resource: "pods/eviction", signal });
}

/** Deletes this very pod, past every PodDisruptionBudget. Throws KubernetesError for anything but success. */
export async function deletePod(
  api: KubernetesApi,
  pod: Target,
  gracePeriodSeconds: number,
  signal?: AbortSignal,
): Promise<void> {
  const body = { apiVersion: "v1", kind: "DeleteOptions", ...deleteOptions(pod, gracePeriodSeconds) };
  await api.call({ method: "DELETE", path: podPath(pod), body, verb: "delete", resource: "pods", signal });
}

const deleteOptions = (pod: Target, gracePeriodSeconds: number | undefined) => ({
  preconditions: { uid: pod.uid },
  ...(gracePeriodSeconds !== undefined && { gracePeriodSeconds }),
});
