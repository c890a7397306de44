import { type DisruptionLimit, disruptionLimit } from "../../../../shared/node-pools/disruption-budget.ts";
import { membersWithStatus, type PoolState } from "../pool/pool-state.ts";

/** How many more nodes may be drained now: the strictest disruption budget, minus the nodes that are missing already. */
export function disruptionsAllowed({ pool, members, size, now }: PoolState): DisruptionLimit {
  const missing = membersWithStatus({ members }, "draining", "terminating", "notReady", "neverJoined").length;
  const strictest = disruptionLimit(pool.policy, size, now);
  return { ...strictest, nodes: Math.max(0, strictest.nodes - missing) };
}
