import { toleratesNode } from "../../../shared/kubernetes/toleration.ts";
import { at, controllerOf, textAt } from "../object.ts";
import { asNode, asPod } from "../parsed.ts";
import { createPod, endPod, freshName, isLive } from "../pods.ts";
import { isReady } from "../table.ts";
import type { Controller } from "./controller.ts";

const DAEMON_SET = { group: "apps", version: "v1", kind: "DaemonSet" };

/** One pod on each node that it fits by labels and taints, cordoned or not. */
export const daemonSets: Controller = (state) => {
  const { store } = state;
  for (const set of store.list("daemonsets")) {
    const pods = store.list("pods").filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
    const example = asPod({
      apiVersion: "v1",
      kind: "Pod",
      metadata: { ...set.metadata, namespace: set.metadata.namespace ?? "default" },
      spec: { ...Object(at(set, "spec.template.spec")) },
      status: {},
    });
    const wanted = store.list("nodes").filter((object) => {
      const node = asNode(object);
      const selected = Object.entries(example.nodeSelector).every(
        ([key, value]) => node.labels[key] === value,
      );
      return selected && toleratesNode(example.tolerations, { ...node, unschedulable: false });
    });
    const names = new Set(wanted.map(({ metadata }) => metadata.name));
    const placed = new Set(pods.map((pod) => textAt(pod, "spec.nodeName")));
    for (const name of names) {
      if (!placed.has(name)) createPod(state, set, DAEMON_SET, freshName(state, set), name);
    }
    for (const pod of pods) {
      if (isLive(pod) && !names.has(textAt(pod, "spec.nodeName"))) endPod(state, pod, undefined, "");
    }
    const now = store.list("pods").filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
    store.replace("daemonsets", {
      ...set,
      status: {
        desiredNumberScheduled: names.size,
        currentNumberScheduled: now.length,
        numberReady: now.filter(isReady).length,
      },
    });
  }
};
