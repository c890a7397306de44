import { type KubeObject, textAt, timestamp } from "./object.ts";
import { kubeletRuns } from "./pods.ts";
import type { ClusterState } from "./state.ts";

/** How long a pod runs before it succeeds, in seconds; for ever without it. */
export const RUN_SECONDS = "reflex-sandbox/run-seconds";

/** Starts the pods that are bound and not yet started; `begun` holds the UIDs of those already seen to. */
export function startBoundPods(state: ClusterState, begun: Set<string>): void {
  const { store, timers, pace, clock } = state;
  for (const pod of store.list("pods")) {
    const { uid, name, namespace = "" } = pod.metadata;
    const node = textAt(pod, "spec.nodeName");
    if (!node || textAt(pod, "status.phase") !== "Pending" || begun.has(uid)) continue;
    begun.add(uid);
    timers.after(pace.podStartMs, () => {
      begun.delete(uid);
      const bound = store.find("pods", namespace, name);
      const isSame = bound?.metadata.uid === uid && bound.metadata.deletionTimestamp === undefined;
      if (!bound || !isSame || !kubeletRuns(state, node)) return;
      store.replace("pods", runningPod(bound, clock.now()));
      succeedInTime(state, bound, node);
    });
  }
}

/** A kubelet that comes late, or back, ends the pods whose time is over. */
export function endOverduePods(state: ClusterState): void {
  const { store, clock } = state;
  for (const { metadata, ...pod } of store.list("pods")) {
    const { deletionTimestamp, namespace = "", name } = metadata;
    const isOverdue = deletionTimestamp !== undefined && Date.parse(deletionTimestamp) <= clock.now();
    if (isOverdue && kubeletRuns(state, textAt(pod, "spec.nodeName"))) store.remove("pods", namespace, name);
  }
}

/** A pod that runs to its end has done so after as long as its annotation says. */
function succeedInTime(state: ClusterState, pod: KubeObject, node: string): void {
  const seconds = Number(pod.metadata.annotations?.[RUN_SECONDS] ?? Number.NaN);
  if (Number.isNaN(seconds)) return;
  const { store, timers } = state;
  timers.after(seconds * 1000, () => {
    const running = store.find("pods", pod.metadata.namespace ?? "", pod.metadata.name);
    if (running?.metadata.uid !== pod.metadata.uid || !kubeletRuns(state, node)) return;
    const conditions = [{ type: "PodScheduled", status: "True" }];
    store.replace("pods", { ...running, status: { ...running.status, phase: "Succeeded", conditions } });
  });
}

/** The pod as its kubelet reports it once it runs. */
export const runningPod = (pod: KubeObject, now: number): KubeObject => ({
  ...pod,
  status: {
    ...pod.status,
    phase: "Running",
    startTime: timestamp(now),
    conditions: [
      { type: "PodScheduled", status: "True" },
      { type: "Ready", status: "True" },
      { type: "ContainersReady", status: "True" },
    ],
  },
});

/** The pod as its node's silence makes it. */
export const silentPod = (pod: KubeObject): KubeObject => ({
  ...pod,
  status: {
    ...pod.status,
    conditions: [
      { type: "PodScheduled", status: "True" },
      { type: "Ready", status: "False", reason: "NodeNotReady" },
    ],
  },
});
