import { isReady } from "../api-server/table.ts";
import { at, controllerOf, type KubeObject, textAt } from "../object.ts";
import { createPod, endPod, freshName, isLive } from "../pods.ts";
import { matchesNode } from "../scheduler/node-filters.ts";
import { type PodView, podView } from "../scheduler/pod-view.ts";
import { taintsOf } from "../scheduler/snapshot.ts";
import { untolerated } from "../scheduler/taints.ts";
import type { Controller } from "./controller.ts";

const DAEMON_SET = { group: "apps", version: "v1", kind: "DaemonSet" };

/**
 * One pod on each node that it fits by labels and taints, cordoned or not. The scheduler binds it to the node that
 * its affinity names, if there is room.
 */
export const daemonSets: Controller = (state) => {
  const { store } = state;
  for (const set of store.list("daemonsets")) {
    const pods = store.list("pods").filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
    const example = exampleOf(set);
    const nodes = new Map(store.list("nodes").map((node) => [node.metadata.name, node]));
    const byNode = Map.groupBy(pods, nodeOf);
    let desired = 0;
    for (const [name, node] of nodes) {
      if (!mayRun(example, node)) continue;
      desired += 1;
      if (byNode.has(name) || untolerated(example.tolerations, taintsOf(node), ["NoSchedule"])) continue;
      createPod(state, withNode(set, name), DAEMON_SET, freshName(state, set));
    }
    for (const pod of pods.filter(isLive)) {
      const node = nodes.get(nodeOf(pod));
      if (!node || !mayRun(example, node)) endPod(state, pod, undefined, "");
    }
    const now = store.list("pods").filter((pod) => controllerOf(pod)?.uid === set.metadata.uid);
    store.replace("daemonsets", {
      ...set,
      status: {
        desiredNumberScheduled: desired,
        currentNumberScheduled: now.length,
        numberReady: now.filter(isReady).length,
        updatedNumberScheduled: now.length,
        numberAvailable: now.filter(isReady).length,
        observedGeneration: set.metadata.generation ?? 1,
      },
    });
  }
};

/** What the controller adds to the template's tolerations. */
const OWN_TOLERATIONS = [
  { key: "node.kubernetes.io/not-ready", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/unreachable", operator: "Exists", effect: "NoExecute" },
  { key: "node.kubernetes.io/disk-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/memory-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/pid-pressure", operator: "Exists", effect: "NoSchedule" },
  { key: "node.kubernetes.io/unschedulable", operator: "Exists", effect: "NoSchedule" },
];

const NODE_NAME = "metadata.name";

function exampleOf(set: KubeObject): PodView {
  return podView({
    apiVersion: "v1",
    kind: "Pod",
    metadata: { ...set.metadata, namespace: set.metadata.namespace ?? "default" },
    spec: withTolerations(Object(at(set, "spec.template.spec"))),
    status: {},
  });
}

const withTolerations = (spec: { readonly tolerations?: readonly unknown[] }) => ({
  ...spec,
  tolerations: [...(spec.tolerations ?? []), ...OWN_TOLERATIONS],
});

/** By labels and by taints with `NoExecute`: under one with `NoSchedule` a pod stays that is there. */
const mayRun = (example: PodView, node: KubeObject): boolean =>
  matchesNode(example, { name: node.metadata.name, labels: node.metadata.labels ?? {} }) &&
  !untolerated(example.tolerations, taintsOf(node), ["NoExecute"]);

/** The set with a template whose pod goes to this node only. */
function withNode(set: KubeObject, name: string): KubeObject {
  const template = Object(at(set, "spec.template"));
  const spec = withTolerations(Object(template.spec));
  const required = at(spec, "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution");
  const terms = at(required, "nodeSelectorTerms");
  const field = { key: NODE_NAME, operator: "In", values: [name] };
  const bound = (Array.isArray(terms) && terms.length > 0 ? terms : [{}]).map((term: object) => ({
    ...term,
    matchFields: [field],
  }));
  const affinity = {
    ...Object(at(spec, "affinity")),
    nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: bound } },
  };
  return {
    ...set,
    spec: { ...set.spec, template: { ...template, spec: { ...spec, affinity } } },
  };
}

/** The node a pod of a DaemonSet is for, bound or not. */
function nodeOf(pod: KubeObject): string {
  const bound = textAt(pod, "spec.nodeName");
  if (bound !== "") return bound;
  return podView(pod).nodeTerms[0]?.fields.find(({ key }) => key === NODE_NAME)?.values[0] ?? "";
}
