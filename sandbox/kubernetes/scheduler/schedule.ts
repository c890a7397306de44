import { at, type KubeObject, textAt } from "../object.ts";
import type { ClusterState } from "../state.ts";
import { listAt } from "./amounts.ts";
import { whyNot } from "./filters.ts";
import type { PodView } from "./pod-view.ts";
import { preempt } from "./preemption.ts";
import { assume, type NodeView, podViews, type Snapshot, takeSnapshot } from "./snapshot.ts";
import { provisionVolumes, unboundClaim } from "./volume-filters.ts";

/**
 * One pass of the default scheduler: binds each waiting pod to the node with the most room among those it fits,
 * the most important first, and writes into the others' conditions why not.
 */
export function schedule(state: ClusterState): void {
  const pods = podViews(state);
  const waiting = pods.filter(({ nodeName, isTerminating }) => nodeName === "" && !isTerminating);
  if (waiting.length === 0) return;
  const snapshot = takeSnapshot(state, pods);
  /** Shapes that fit nowhere in this pass, with what was said: the nodes only get fuller. */
  const unplaced = new Map<string, string>();
  for (const pod of waiting.toSorted((a, b) => b.priority - a.priority)) {
    const verdict = unplaced.get(pod.shape) ?? place(pod, snapshot);
    if (typeof verdict !== "string") bind(state, pod, verdict);
    else {
      // A pod with affinity may find a place as soon as another of its kind has one.
      if (pod.affinity.length === 0) unplaced.set(pod.shape, verdict);
      markUnschedulable(state, pod, verdict);
    }
  }
}

/** The node for the pod, or why there is none. */
function place(pod: PodView, snapshot: Snapshot): NodeView | string {
  const { state, nodes } = snapshot;
  if (pod.gates.length > 0) return GATED;
  const count = `0/${nodes.size} nodes are available`;
  const unbound = unboundClaim(pod, state);
  if (unbound !== undefined) return `${count}: ${unbound}. ${NO_HELP}`;
  let best: NodeView | undefined;
  const reasons = new Map<string, number>();
  for (const node of nodes.values()) {
    const why = whyNot(pod, node, snapshot);
    if (why !== undefined) reasons.set(why, (reasons.get(why) ?? 0) + 1);
    else if (!best || node.name === pod.nominatedNode || room(node) > room(best)) best = node;
    if (best?.name === pod.nominatedNode) break;
  }
  if (best) return best;
  if (nodes.size === 0) return `${count}.`;
  const listed = [...reasons].map(([why, number]) => `${number} ${why}`).sort();
  return `${count}: ${listed.join(", ")}. ${NO_HELP}`;
}

const GATED = "Scheduling is blocked due to non-empty scheduling gates";
const NO_HELP = "preemption: 0/0 nodes are available: no victims found.";

/** The share of its CPU that is free: the default scheduler, too, prefers the emptiest. */
const room = ({ free, allocatable }: NodeView): number => (free.cpu ?? 0) / Math.max(1, allocatable.cpu ?? 0);

function bind(state: ClusterState, pod: PodView, node: NodeView): void {
  assume(node, pod);
  provisionVolumes(pod, node, state);
  const { object } = pod;
  const { nominatedNodeName: _, ...status } = object.status ?? {};
  state.store.replace("pods", {
    ...object,
    spec: { ...object.spec, nodeName: node.name },
    status: { ...status, conditions: [{ type: "PodScheduled", status: "True" }] },
  });
}

function markUnschedulable(state: ClusterState, pod: PodView, message: string): void {
  const reason = message === GATED ? "SchedulingGated" : "Unschedulable";
  const unschedulable = { type: "PodScheduled", status: "False", reason, message };
  const [known] = listAt(pod.object, "status.conditions");
  if (textAt(known, "message") === message && textAt(known, "reason") === reason) return;
  state.store.replace("pods", {
    ...pod.object,
    status: { ...pod.object.status, phase: "Pending", conditions: [unschedulable] },
  });
}

/** For pods that wait: has others of lower priority make room. One pod a pass, as a victim may be enough for many. */
export function makeRoom(state: ClusterState): void {
  const pods = podViews(state);
  const waiting = pods.filter(
    ({ object, nodeName, isTerminating, gates }) =>
      nodeName === "" && !isTerminating && gates.length === 0 && isUnschedulable(object),
  );
  const lowest = Math.min(...pods.flatMap(({ nodeName, priority }) => (nodeName === "" ? [] : [priority])));
  for (const pod of waiting.toSorted((a, b) => b.priority - a.priority)) {
    if (pod.priority <= lowest) return;
    if (unboundClaim(pod, state) !== undefined) continue;
    const node = preempt(pod, takeSnapshot(state, podViews(state)));
    if (node === undefined || node === pod.nominatedNode) continue;
    const { object } = pod;
    state.store.replace("pods", { ...object, status: { ...object.status, nominatedNodeName: node } });
    return;
  }
}

const isUnschedulable = (pod: KubeObject): boolean =>
  listAt(pod, "status.conditions").some((condition) => at(condition, "reason") === "Unschedulable");
