import { type Reason, reason, type ScaleInCode } from "../../model/reason.ts";
import { count, percent } from "../../model/wording.ts";
import { below, type Totals, utilisation } from "../capacity/totals.ts";
import { expectedSize, membersWithStatus, type PoolState } from "../pool/pool-state.ts";

/** How fast a pool gets smaller, and why. */
export type ScaleInSpeed =
  /** It is above its max: down to that, whatever the utilisation. */
  | { readonly kind: "surplus"; readonly reason: Reason<ScaleInCode> }
  /** As many nodes at once as the disruption budget allows. */
  | { readonly kind: "fast"; readonly reason: Reason<ScaleInCode> }
  /** One node at a time. */
  | { readonly kind: "slow"; readonly reason: Reason<ScaleInCode> };

/** How full a pool is, in words. */
export const fullness = (requests: Totals, capacity: Totals, target: number): string =>
  `requests are ${percent(utilisation(requests, capacity))} of the nodes' capacity; the target is ${target} %`;

/**
 * Whether one more node is to be removed, and how fast; undefined when none is.
 *
 * @param capacity of the nodes that stay
 * @param chosen nodes that this plan removes already
 */
export function scaleInSpeed(
  state: PoolState,
  requests: Totals,
  capacity: Totals,
  chosen: number,
): ScaleInSpeed | undefined {
  const { bounds, pool } = state;
  const { removeFastBelow, removeSlowlyBelow, targetUtilisation } = pool.policy;
  const surplus = expectedSize(state) - bounds.max;
  if (chosen < surplus) {
    const window = bounds.window === undefined ? "" : ` (${bounds.window})`;
    const text = `${count(surplus, "node")} more than the max of ${bounds.max}${window}`;
    return { kind: "surplus", reason: reason("above-max", text) };
  }
  // Only nodes that take pods count for min: of the others nobody knows when they will.
  const left = membersWithStatus(state, "schedulable").length - chosen;
  if (surplus > 0 || left <= bounds.min) return undefined;
  const now = fullness(requests, capacity, targetUtilisation);
  if (below(requests, capacity, removeFastBelow)) {
    const text = `${now}; below ${removeFastBelow} % nodes go as fast as the disruption budget allows`;
    return { kind: "fast", reason: reason("far-below-target", text) };
  }
  if (chosen > 0 || !below(requests, capacity, removeSlowlyBelow)) return undefined;
  const text = `${now}; below ${removeSlowlyBelow} % one node goes at a time`;
  return { kind: "slow", reason: reason("below-target", text) };
}
