import { randomBytes } from "node:crypto";
import { apiVersionOf, type Resource } from "./api-server/resources.ts";
import { isReady } from "./api-server/table.ts";
import { at, controllerOf, type Fields, type KubeObject, numberAt, textAt, timestamp } from "./object.ts";
import type { ClusterState, Ending } from "./state.ts";
import type { Store } from "./store.ts";

/** A stop longer or shorter than the cluster's usual one, for a pod whose end is to be watched. */
export const STOP_SECONDS = "reflex-sandbox/stop-seconds";

const DEFAULT_GRACE_SECONDS = 30;

/** A pod of a controller's `spec.template`. */
export function createPod(
  { store }: ClusterState,
  owner: KubeObject,
  { kind, ...resource }: Pick<Resource, "kind" | "group" | "version">,
  name: string,
): void {
  const template = at(owner, "spec.template");
  const { name: ownerName, namespace = "default", uid } = owner.metadata;
  const labels = at(template, "metadata.labels");
  const annotations = at(template, "metadata.annotations");
  store.create("pods", {
    apiVersion: "v1",
    kind: "Pod",
    metadata: {
      name,
      namespace,
      labels: fields(labels),
      annotations: fields(annotations),
      ownerReferences: [{ apiVersion: apiVersionOf(resource), kind, name: ownerName, uid, controller: true }],
    },
    spec: podDefaults(fields(at(template, "spec")), store),
    status: { phase: "Pending" },
  });
}

/** What the API server fills in: defaults, and the number of a priority class. */
export function podDefaults(spec: Fields, store: Store): Fields {
  const priorityClass = store.find("priorityclasses", "", textAt(spec, "priorityClassName"));
  return {
    terminationGracePeriodSeconds: DEFAULT_GRACE_SECONDS,
    restartPolicy: "Always",
    schedulerName: "default-scheduler",
    ...(priorityClass && {
      priority: numberAt(priorityClass, "value"),
      preemptionPolicy: textAt(priorityClass, "preemptionPolicy") || "PreemptLowerPriority",
    }),
    ...spec,
  };
}

/** The spec of a workload with the update strategy that it has by default; `kubectl rollout status` asks for it. */
export const workloadDefaults = (kind: string, spec: Fields): Fields =>
  kind === "DaemonSet" || kind === "StatefulSet"
    ? { updateStrategy: { type: "RollingUpdate" }, ...spec }
    : spec;

const fields = (value: unknown): Record<string, never> =>
  typeof value === "object" && value !== null ? { ...(value as Record<string, never>) } : {};

/** Kubernetes' own suffixes: no vowels, nothing that looks like another. */
export function randomSuffix(): string {
  const letters = "bcdfghjklmnpqrstvwxz2456789";
  return [...randomBytes(5)].map((byte) => letters[byte % letters.length]).join("");
}

/** A name that no pod of the owner's namespace has: of 1,000 pods in one go, two get the same suffix now and then. */
export function freshName({ store }: ClusterState, { metadata }: KubeObject): string {
  for (;;) {
    const name = `${metadata.name}-${randomSuffix()}`;
    if (!store.find("pods", metadata.namespace ?? "default", name)) return name;
  }
}

/** Requests a pod's deletion. Without a node it is gone at once; on one it has its grace period. */
export function endPod(
  state: ClusterState,
  pod: KubeObject,
  how: Ending["how"] | undefined,
  by: string,
  gracePeriodSeconds = numberAt(pod, "spec.terminationGracePeriodSeconds", DEFAULT_GRACE_SECONDS),
): KubeObject {
  const { store, clock, timers, pace, endings } = state;
  const { name, namespace = "" } = pod.metadata;
  const node = textAt(pod, "spec.nodeName");
  const before = pod.metadata.deletionGracePeriodSeconds;
  if (how && before === undefined)
    endings.push({ at: clock.now(), how, pod: `${namespace}/${name}`, node, by });
  const phase = textAt(pod, "status.phase");
  if (!node || phase === "Succeeded" || phase === "Failed" || gracePeriodSeconds === 0) {
    return store.remove("pods", namespace, name);
  }
  // A second deletion can only shorten the time.
  if (before !== undefined && before <= gracePeriodSeconds) return pod;
  const ending = store.replace("pods", {
    ...pod,
    metadata: {
      ...pod.metadata,
      deletionTimestamp: timestamp(clock.now() + gracePeriodSeconds * 1000),
      deletionGracePeriodSeconds: gracePeriodSeconds,
    },
  });
  const own = Number(pod.metadata.annotations?.[STOP_SECONDS] ?? Number.NaN) * 1000;
  const stopMs = Math.min(gracePeriodSeconds * 1000, Number.isNaN(own) ? pace.podStopMs : own);
  timers.after(stopMs, () => {
    const now = store.find("pods", namespace, name);
    // A kubelet that is not there ends nothing.
    if (now?.metadata.uid === pod.metadata.uid && kubeletRuns(state, node))
      store.remove("pods", namespace, name);
  });
  return ending;
}

/** A node that is not ready has no kubelet that answers. */
export function kubeletRuns({ store }: ClusterState, node: string): boolean {
  const found = store.find("nodes", "", node);
  return found !== undefined && isReady(found);
}

/** The pods of a controller that count: not ending, not finished. */
export const livePodsOf = ({ store }: ClusterState, owner: KubeObject): KubeObject[] =>
  store.list("pods").filter((pod) => controllerOf(pod)?.uid === owner.metadata.uid && isLive(pod));

export const isLive = (pod: KubeObject): boolean =>
  pod.metadata.deletionTimestamp === undefined &&
  !["Succeeded", "Failed"].includes(textAt(pod, "status.phase"));
