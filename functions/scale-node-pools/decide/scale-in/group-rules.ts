import { isOnItsWayOut } from "../pool/members.ts";
import type { GroupState } from "../pool/pool-state.ts";

/** Why a group must not get smaller by `units` now, before any node is cordoned; undefined when it may. */
export function groupBlockedReason(
  { group, members, busy }: GroupState,
  chosenUnits: number,
  units: number,
): string | undefined {
  const { name, suspended, refreshing, desired, min } = group;
  if (suspended.includes("Terminate")) return `the process Terminate of ${name} is suspended`;
  if (refreshing) return `an instance refresh of ${name} is under way`;
  if (busy !== undefined) return busy;
  const going = members
    .filter(isOnItsWayOut)
    .reduce((sum, { instance }) => sum + instance.units, chosenUnits);
  return desired - going - units < min ? `${name} is at its min of ${min}` : undefined;
}
