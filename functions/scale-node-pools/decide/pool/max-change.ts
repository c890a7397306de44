import { type Reason, reason } from "../../model/reason.ts";
import { count } from "../../model/wording.ts";
import type { PoolState } from "./pool-state.ts";

/** Why so many nodes at once are neither launched nor drained; undefined when the policy allows it. */
export function maxChangeReason(
  nodes: number,
  { bounds, pool, size }: PoolState,
): Reason<"max-change"> | undefined {
  const { maxChange } = pool.policy;
  const most = Math.max(bounds.max, size);
  if (nodes * 100 <= maxChange * most) return undefined;
  return reason(
    "max-change",
    `refused: ${count(nodes, "node")} at once are more than maxChange, ${maxChange} % of ${most}; ` +
      "raise maxChange if this is meant",
  );
}
