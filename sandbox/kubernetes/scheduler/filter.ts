import type { PodView } from "./pod-view.ts";
import type { NodeView, Snapshot } from "./snapshot.ts";

/** One plugin's question about a pod and a node: why the pod cannot go there, in kube-scheduler's words. */
export type Filter = (pod: PodView, node: NodeView, snapshot: Snapshot) => string | undefined;
