import type { ClusterNode, Pod, PodNeeds, PodShape } from "../../model/cluster.ts";
import { createBin } from "../packing/bin.ts";
import { holdAll, STATIC_RULES } from "../packing/filters.ts";

/** The scheduler looks at a waiting pod again within seconds of any change; after so long it has said no for good. */
const PENDING_TIMEOUT_MS = 5 * 60_000;

/** The label, in the simulation only, of nodes the scheduler has not had yet. */
export const UNTRIED_NODE_LABEL = "reflex/not-tried-yet";

/**
 * Pods that wait, as the simulation is to place them. One that has waited long has been refused by every node
 * there is, whatever the simulation makes of them (it does not know all of the scheduler's rules): its place can
 * only be on a node that comes. Once such a node has come since, and it still waits, another one would not help.
 */
export function restrictLongPending(
  waiting: readonly Pod[],
  nodes: readonly ClusterNode[],
  now: number,
): Pod[] {
  const newest = new Map<PodNeeds, number>();
  const lastTried = (needs: PodNeeds): number => {
    const known = newest.get(needs);
    if (known !== undefined) return known;
    const joined = nodes
      .filter((node) => node.ready && mayBeOn(needs, node))
      .map(({ createdAt }) => createdAt);
    const last = joined.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
    newest.set(needs, last);
    return last;
  };
  const elsewhere = new Map<PodShape, PodShape>();
  return waiting.map((pod) => {
    const refused = now - pod.createdAt >= PENDING_TIMEOUT_MS && lastTried(pod.shape.needs) < pod.createdAt;
    return refused ? { ...pod, shape: onNodesToCome(pod.shape, elsewhere) } : pod;
  });
}

/** Pods that have waited long although a node has come for them, and that the simulation has a place for. */
export const isLongPending = (pod: Pod, now: number): boolean =>
  now - pod.createdAt >= 2 * PENDING_TIMEOUT_MS &&
  pod.shape.needs.nodeSelector[UNTRIED_NODE_LABEL] === undefined;

function mayBeOn(needs: PodNeeds, { name, labels, taints, allocatable }: ClusterNode): boolean {
  return holdAll(
    STATIC_RULES,
    needs,
    createBin({ name, labels, taints, allocatable, group: undefined }, "open"),
  );
}

function onNodesToCome(shape: PodShape, known: Map<PodShape, PodShape>): PodShape {
  const made = known.get(shape) ?? {
    ...shape,
    needs: { ...shape.needs, nodeSelector: { ...shape.needs.nodeSelector, [UNTRIED_NODE_LABEL]: "true" } },
  };
  known.set(shape, made);
  return made;
}
