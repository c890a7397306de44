import { type KubeObject, textAt, timestamp } from "./object.ts";
import { kubeletRuns } from "./pods.ts";
import type { ClusterState } from "./state.ts";

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
      if (bound && isSame && kubeletRuns(state, node)) store.replace("pods", runningPod(bound, clock.now()));
    });
  }
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
