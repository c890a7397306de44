import { at, type KubeObject, textAt } from "../object.ts";
import { endPod, isLive } from "../pods.ts";
import { podView } from "../scheduler/pod-view.ts";
import { taintsOf } from "../scheduler/snapshot.ts";
import { tolerates } from "../scheduler/taints.ts";
import type { ClusterState } from "../state.ts";
import type { Controller } from "./controller.ts";

const NOT_READY = "node.kubernetes.io/not-ready";
const UNREACHABLE = "node.kubernetes.io/unreachable";
const CORDON = "node.kubernetes.io/unschedulable";
const OWN = [NOT_READY, UNREACHABLE, CORDON];

/** What the API server gives every pod that says nothing else. */
const DEFAULT_TOLERATION_SECONDS = 300;

/** Kubernetes' own taints by a node's conditions and its cordon; pods that do not tolerate one are deleted. */
export const nodeLifecycle: Controller = (state) => {
  for (const node of state.store.list("nodes")) {
    const tainted = withOwnTaints(state, node);
    evictIntolerant(state, tainted);
  }
};

function withOwnTaints(state: ClusterState, node: KubeObject): KubeObject {
  const own = [
    ...readinessTaints(state, node).flatMap((key) => [
      { key, effect: "NoSchedule" },
      { key, effect: "NoExecute" },
    ]),
    ...(at(node, "spec.unschedulable") === true ? [{ key: CORDON, effect: "NoSchedule" }] : []),
  ];
  const before = taintsOf(node);
  const same = (list: readonly { readonly key: string; readonly effect: string }[]) =>
    list
      .map(({ key, effect }) => `${key} ${effect}`)
      .sort()
      .join();
  if (same(before.filter(({ key }) => OWN.includes(key))) === same(own)) return node;
  const taints = [...before.filter(({ key }) => !OWN.includes(key)), ...own];
  return state.store.replace("nodes", { ...node, spec: { ...node.spec, taints } });
}

/** The taint for the node's readiness; it stays for a moment after the node has become ready. */
function readinessTaints({ clock, pace, timers }: ClusterState, node: KubeObject): string[] {
  const conditions = at(node, "status.conditions");
  const ready = Array.isArray(conditions)
    ? conditions.find((condition) => textAt(condition, "type") === "Ready")
    : undefined;
  const status = textAt(ready, "status");
  if (status === "False") return [NOT_READY];
  if (status !== "True") return [UNREACHABLE];
  const hadOne = taintsOf(node).some(({ key }) => key === NOT_READY);
  const left = Date.parse(textAt(ready, "lastTransitionTime")) + pace.untaintMs - clock.now();
  if (!hadOne || !(left > 0)) return [];
  timers.after(left, () => {});
  return [NOT_READY];
}

/** The taint eviction controller: it asks no PodDisruptionBudget. */
function evictIntolerant(state: ClusterState, node: KubeObject): void {
  const taints = taintsOf(node).filter(({ effect }) => effect === "NoExecute");
  if (taints.length === 0) return;
  const since = Date.parse(textAt(node, "status.conditions.0.lastTransitionTime"));
  for (const pod of state.store.list("pods")) {
    if (textAt(pod, "spec.nodeName") !== node.metadata.name || !isLive(pod)) continue;
    const seconds = Math.min(...taints.map((taint) => toleratedSeconds(pod, taint)));
    if (seconds === Number.POSITIVE_INFINITY) continue;
    const left = since + seconds * 1000 - state.clock.now();
    if (left > 0) state.timers.after(left, () => {});
    else endPod(state, pod, "taint-evicted", "taint-eviction-controller");
  }
}

/** How long the pod stays under the taint; `Infinity`: for ever. */
function toleratedSeconds(pod: KubeObject, taint: ReturnType<typeof taintsOf>[number]): number {
  const matching = podView(pod).tolerations.filter((each) => tolerates(each, taint));
  if (matching.length > 0)
    return Math.min(...matching.map(({ seconds }) => seconds ?? Number.POSITIVE_INFINITY));
  return taint.key === NOT_READY || taint.key === UNREACHABLE ? DEFAULT_TOLERATION_SECONDS : 0;
}
