import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";

/** A node that awaits its replacement, beside the rest of its pool. */
export interface ReplacementView {
  readonly mark: Pick<DrainMark, "cordonedAt">;
  /** The pool's nodes, this one included. */
  readonly nodes: readonly Pick<Node, "createdAt" | "ready" | "unschedulable">[];
  /** A pod waits that no node takes: there is no room yet for those of this node. */
  readonly isStarved: boolean;
  readonly policy: Pick<NodePool, "joinWithin" | "drain" | "disruptionBudgets">;
  /** ms since the epoch. */
  readonly now: number;
}

/**
 * Whether the drain of a node may start that AWS recommends to replace: a node has joined since it was cordoned, or
 * none came within the time a node takes (its pods have room elsewhere), and nothing waits for room. What waits for
 * ever, for reasons of its own, does not hold it for ever.
 */
export function mayStartReplacement({ mark, nodes, isStarved, policy, now }: ReplacementView): boolean {
  const waited = now - mark.cordonedAt;
  if (isOverdue({ mark, policy, now })) return true;
  if (isStarved) return false;
  const hasJoined = nodes.some(
    ({ createdAt, ready, unschedulable }) => createdAt > mark.cordonedAt && ready && !unschedulable,
  );
  return hasJoined || waited >= policy.joinWithin;
}

/** Whether a node has awaited its replacement for longer than a node takes to join and another to be drained. */
export const isOverdue = ({ mark, policy, now }: Pick<ReplacementView, "mark" | "policy" | "now">): boolean =>
  now - mark.cordonedAt >= policy.joinWithin + policy.drain.softDeadline;
