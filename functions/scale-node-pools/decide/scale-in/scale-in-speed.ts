import { type Reason, reason, type ScaleInCode } from "../../model/reason.ts";
import { count, percent } from "../../model/wording.ts";
import { below, type Totals, utilisation } from "../capacity/totals.ts";
import { expectedSize, membersWithStatus, type PoolState } from "../pool/pool-state.ts";

/** How full a pool is, in words. */
export const fullness = (requests: Totals, capacity: Totals, target: number): string =>
  `requests are ${percent(utilisation(requests, capacity))} of the nodes' capacity; the target is ${target} %`;

/**
 * Why one more node is to be removed; undefined when none is. A pool above its max goes down to that, whatever its
 * utilisation; one that is far below its target loses as many nodes at once as the disruption budget allows, another one
 * node at a time.
 *
 * @param capacity of the nodes that stay
 * @param chosen nodes that this plan removes already
 */
export function scaleInReason(
  state: PoolState,
  requests: Totals,
  capacity: Totals,
  chosen: number,
): Reason<ScaleInCode> | undefined {
  const { bounds, pool } = state;
  const { removeFastBelow, removeSlowlyBelow, targetUtilisation } = pool.policy;
  const surplus = expectedSize(state) - bounds.max;
  if (chosen < surplus) {
    const window = bounds.window === undefined ? "" : ` (${bounds.window})`;
    const text = `${count(surplus, "node")} more than the max of ${bounds.max}${window}`;
    return reason("above-max", text);
  }
  // Only nodes that take pods count for min: of the others nobody knows when they will.
  const left = membersWithStatus(state, "schedulable").length - chosen;
  if (surplus > 0 || left <= bounds.min) return undefined;
  const now = fullness(requests, capacity, targetUtilisation);
  if (below(requests, capacity, removeFastBelow)) {
    const text = `${now}; below ${removeFastBelow} % nodes go as fast as the disruption budget allows`;
    return reason("far-below-target", text);
  }
  if (chosen > 0 || !below(requests, capacity, removeSlowlyBelow)) return undefined;
  const text = `${now}; below ${removeSlowlyBelow} % one node goes at a time`;
  return reason("below-target", text);
}
