import { isReady } from "../api-server/table.ts";
import { numberAt, textAt } from "../object.ts";
import { createPod, endPod, freshName, livePodsOf } from "../pods.ts";
import type { Controller } from "./controller.ts";

const REPLICA_SET = { group: "apps", version: "v1", kind: "ReplicaSet" };

/** As many pods as wanted: makes what is missing anew, ends what is too many, unbound ones first. */
export const replicaSets: Controller = (state) => {
  for (const set of state.store.list("replicasets")) {
    const wanted = numberAt(set, "spec.replicas", 1);
    const pods = livePodsOf(state, set);
    for (let missing = wanted - pods.length; missing > 0; missing -= 1) {
      createPod(state, set, REPLICA_SET, freshName(state, set));
    }
    const bound = (pod: (typeof pods)[number]) => (textAt(pod, "spec.nodeName") ? 1 : 0);
    for (const pod of pods
      .toSorted((a, b) => bound(a) - bound(b))
      .slice(0, Math.max(0, pods.length - wanted))) {
      endPod(state, pod, undefined, "");
    }
    const now = livePodsOf(state, set);
    const status = { replicas: now.length, readyReplicas: now.filter(isReady).length };
    state.store.replace("replicasets", { ...set, status });
  }
};
