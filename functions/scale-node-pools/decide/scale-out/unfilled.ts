import type { CapacityChange } from "../../model/decision.ts";
import { shortfall } from "../pool/backoff.ts";
import type { GroupState, PoolState } from "../pool/pool-state.ts";
import type { CapacityPlan } from "./capacity-plan.ts";

/**
 * Groups in back-off give up the capacity that AWS did not launch, where another group of the pool can launch instead:
 * it would count towards the pool's max, and come when nobody needs it any more. No instance is terminated by it: the
 * new size is what is there. The pool falls below its min only by what the other groups can launch after that.
 */
export function releaseUnfilled(
  { groups, bounds }: PoolState,
  { targetSize, added }: Pick<CapacityPlan, "targetSize" | "added">,
): CapacityChange[] {
  const others = groups.filter(({ backoff, template }) => !backoff && template);
  if (others.length === 0) return [];
  const room = others.reduce(
    (sum, { group, limits, unitsPerNode }) =>
      sum + Math.floor(Math.max(0, limits.max - group.desired) / unitsPerNode),
    -added,
  );
  let spare = Math.max(0, targetSize - bounds.min + room);
  return groups.flatMap((state) => {
    const { group, unitsPerNode } = state;
    const most = Math.min(shortfall(group, state.members), spare * unitsPerNode);
    const to = Math.max(group.min, group.desired - most);
    if (!mayRelease(state) || to >= group.desired) return [];
    spare -= Math.ceil((group.desired - to) / unitsPerNode);
    return [{ group: group.name, from: group.desired, to, nodes: 0, unfilled: group.desired - to }];
  });
}

/** With an instance that AWS is launching the size cannot be known. */
const mayRelease = ({ group: { instances }, backoff, busy }: GroupState): boolean =>
  backoff !== undefined && busy === undefined && instances.every(({ state }) => state !== "starting");
