import { nodesOf } from "../../../../shared/node-pools/node-count.ts";
import { isOpen } from "../../../../shared/time/windows.ts";
import { membersWithStatus, type PoolState } from "../pool/pool-state.ts";

/** How many more nodes may be drained now. */
export interface DisruptionAllowance {
  readonly nodes: number;
  /** The time window of the budget that allows the fewest. */
  readonly window: string | undefined;
}

/** The strictest disruption budget that holds now, minus the nodes that are missing already. */
export function disruptionsAllowed({ pool, members, size, now }: PoolState): DisruptionAllowance {
  const missing = membersWithStatus({ members }, "draining", "terminating", "notReady", "neverJoined").length;
  let strictest: DisruptionAllowance = { nodes: size, window: undefined };
  for (const { nodes, during } of pool.policy.disruptionBudgets) {
    if (during && !isOpen(during, now)) continue;
    const allowed = nodesOf(nodes, size);
    if (allowed < strictest.nodes) strictest = { nodes: allowed, window: during?.text };
  }
  return { ...strictest, nodes: Math.max(0, strictest.nodes - missing) };
}
