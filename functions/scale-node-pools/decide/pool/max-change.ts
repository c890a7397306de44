import { count } from "../../model/wording.ts";
import type { PoolState } from "./pool-state.ts";

/** Why so many nodes at once are not ordered or ended; undefined when the policy allows it. */
export function maxChangeReason(nodes: number, { bounds, pool, size }: PoolState): string | undefined {
  const { maxChange } = pool.policy;
  const most = Math.max(bounds.max, size);
  if (nodes * 100 <= maxChange * most) return undefined;
  return (
    `refused: ${count(nodes, "node")} at once are more than maxChange, ${maxChange} % of ${most}; ` +
    "raise maxChange if this is meant"
  );
}
