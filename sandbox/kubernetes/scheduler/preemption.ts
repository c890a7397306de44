import { budgetsOfPod, countBudget } from "../controllers/disruption-budgets.ts";
import { endPod } from "../pods.ts";
import { whyNot } from "./filters.ts";
import type { PodView } from "./pod-view.ts";
import { type NodeView, type Snapshot, withPods } from "./snapshot.ts";

/** What would have to go from a node to make room. */
interface Offer {
  readonly node: NodeView;
  readonly victims: readonly PodView[];
  /** Victims whose budget allows no disruption now. */
  readonly violations: number;
}

/**
 * `DefaultPreemption`: makes room for the pod on the node where it costs least, and answers that node's name. The
 * victims get their grace period; the pod is bound when they are gone.
 */
export function preempt(pod: PodView, snapshot: Snapshot): string | undefined {
  if (!pod.preempts || isPreempting(pod, snapshot)) return undefined;
  const offers = [...snapshot.nodes.values()].flatMap((node) => offerOf(pod, node, snapshot) ?? []);
  const [best] = offers.toSorted(
    (a, b) =>
      a.violations - b.violations ||
      highest(a.victims) - highest(b.victims) ||
      a.victims.length - b.victims.length,
  );
  if (!best) return undefined;
  for (const { object } of best.victims) endPod(snapshot.state, object, "preempted", "default-scheduler");
  return best.node.name;
}

/** It has made room before, and the victims are still ending. */
const isPreempting = ({ nominatedNode, priority }: PodView, { nodes }: Snapshot): boolean =>
  nodes.get(nominatedNode)?.pods.some((other) => other.isTerminating && other.priority < priority) ?? false;

function offerOf(pod: PodView, node: NodeView, snapshot: Snapshot): Offer | undefined {
  const lower = node.pods.filter(({ priority }) => priority < pod.priority);
  if (lower.length === 0) return undefined;
  const kept = node.pods.filter(({ priority }) => priority >= pod.priority);
  if (whyNot(pod, withPods(node, kept), snapshot) !== undefined) return undefined;
  let stays = kept;
  const victims: PodView[] = [];
  // As many as possible are spared, the most important first.
  for (const each of lower.toSorted((a, b) => b.priority - a.priority)) {
    const spared = [...stays, each];
    if (whyNot(pod, withPods(node, spared), snapshot) === undefined) stays = spared;
    else victims.push(each);
  }
  const violations = victims.filter((victim) => isHeld(victim, snapshot)).length;
  return { node, victims, violations };
}

const isHeld = ({ object }: PodView, { state }: Snapshot): boolean =>
  budgetsOfPod(state, object).some((budget) => countBudget(state, budget).disruptionsAllowed <= 0);

const highest = (pods: readonly PodView[]): number =>
  Math.max(Number.NEGATIVE_INFINITY, ...pods.map(({ priority }) => priority));
