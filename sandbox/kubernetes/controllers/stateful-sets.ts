import { isReady } from "../api-server/table.ts";
import { type KubeObject, numberAt } from "../object.ts";
import { createPod, endPod, livePodsOf } from "../pods.ts";
import type { Controller } from "./controller.ts";

const STATEFUL_SET = { group: "apps", version: "v1", kind: "StatefulSet" };

/** `name-0` to `name-n`: a pod is made anew under its old name, once the one before has gone. */
export const statefulSets: Controller = (state) => {
  const { store } = state;
  for (const set of store.list("statefulsets")) {
    const { name, namespace = "default" } = set.metadata;
    const wanted = numberAt(set, "spec.replicas", 1);
    const names = Array.from({ length: wanted }, (_, index) => `${name}-${index}`);
    for (const pod of names)
      if (!store.find("pods", namespace, pod)) createPod(state, set, STATEFUL_SET, pod);
    for (const pod of livePodsOf(state, set)) {
      if (!names.includes(pod.metadata.name)) endPod(state, pod, undefined, "");
    }
    store.replace("statefulsets", { ...set, status: statusOf(livePodsOf(state, set)) });
  }
};

/** Of one revision: a pod keeps its template until it is made anew. */
function statusOf(pods: readonly KubeObject[]): Readonly<Record<string, unknown>> {
  const ready = pods.filter(isReady).length;
  return {
    observedGeneration: 1,
    replicas: pods.length,
    currentReplicas: pods.length,
    updatedReplicas: pods.length,
    readyReplicas: ready,
    availableReplicas: ready,
    currentRevision: "1",
    updateRevision: "1",
  };
}
