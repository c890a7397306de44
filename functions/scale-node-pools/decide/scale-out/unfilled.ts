import type { CapacityChange } from "../../model/decision.ts";
import { shortfall } from "../pool/backoff.ts";
import type { GroupState, PoolState } from "../pool/pool-state.ts";

/**
 * Groups in back-off give up the capacity that AWS did not launch, where another group of the pool can launch instead:
 * it would count towards the pool's max, and come when nobody needs it any more. No instance is terminated by it: the
 * new size is what is there.
 */
export function releaseUnfilled({ groups }: PoolState): CapacityChange[] {
  if (groups.every(({ backoff, template }) => backoff || !template)) return [];
  return groups.flatMap((state) => {
    const { group } = state;
    const to = Math.max(group.min, group.desired - shortfall(group, state.members));
    if (!mayRelease(state) || to >= group.desired) return [];
    return [{ group: group.name, from: group.desired, to, nodes: 0, unfilled: group.desired - to }];
  });
}

/** A Spot Fleet is a pool of its own. With an instance that AWS is launching the size cannot be known. */
const mayRelease = ({ group: { kind, instances }, backoff, busy }: GroupState): boolean =>
  backoff !== undefined &&
  busy === undefined &&
  kind !== "spotFleet" &&
  instances.every(({ state }) => state !== "starting");
