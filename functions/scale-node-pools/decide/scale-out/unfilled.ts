import type { CapacityChange } from "../../model/decision.ts";
import { shortfall } from "../pool/backoff.ts";
import type { GroupState, PoolState } from "../pool/pool-state.ts";

/**
 * Groups in back-off give up the capacity that AWS did not launch, where another group of the pool can launch instead:
 * it would count towards the pool's max, and come when nobody needs it any more. No instance is terminated by it: the
 * new size is what is there.
 *
 * @param size of the pool when all that is planned is done; it does not fall below the pool's min
 */
export function releaseUnfilled({ groups, bounds }: PoolState, size: number): CapacityChange[] {
  if (groups.every(({ backoff, template }) => backoff || !template)) return [];
  let spare = Math.max(0, size - bounds.min);
  return groups.flatMap((state) => {
    const { group, unitsPerNode } = state;
    const most = Math.min(shortfall(group, state.members), spare * unitsPerNode);
    const to = Math.max(group.min, group.desired - most);
    if (!mayRelease(state) || to >= group.desired) return [];
    spare -= Math.ceil((group.desired - to) / unitsPerNode);
    return [{ group: group.name, from: group.desired, to, nodes: 0, unfilled: group.desired - to }];
  });
}

/** A Spot Fleet is a pool of its own. With an instance that AWS is launching the size cannot be known. */
const mayRelease = ({ group: { kind, instances }, backoff, busy }: GroupState): boolean =>
  backoff !== undefined &&
  busy === undefined &&
  kind !== "spotFleet" &&
  instances.every(({ state }) => state !== "starting");
