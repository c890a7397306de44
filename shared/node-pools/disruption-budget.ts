import { isOpen } from "../time/windows.ts";
import { nodesOf } from "./node-count.ts";
import type { NodePool } from "./policy.ts";

/** What the budgets of a pool allow to be missing at once. */
export interface DisruptionLimit {
  readonly nodes: number;
  /** The time window of the budget that allows the fewest. */
  readonly window: string | undefined;
}

/** The strictest of the pool's disruption budgets that holds at `now`, for a pool of `size` nodes. */
export function disruptionLimit(
  { disruptionBudgets }: Pick<NodePool, "disruptionBudgets">,
  size: number,
  now: number,
): DisruptionLimit {
  let strictest: DisruptionLimit = { nodes: size, window: undefined };
  for (const { nodes, during } of disruptionBudgets) {
    if (during && !isOpen(during, now)) continue;
    const allowed = nodesOf(nodes, size);
    if (allowed < strictest.nodes) strictest = { nodes: allowed, window: during?.text };
  }
  return strictest;
}
