import type { Group } from "../../model/cluster.ts";
import { type GroupCode, type Reason, reason } from "../../model/reason.ts";
import { count, minutes, timeOf } from "../../model/wording.ts";
import { isPresent, type Member } from "./members.ts";

/**
 * Why a group is in back-off; undefined when it is not. A group that failed to get capacity, or whose instances do
 * not join the cluster, would only take up capacity that another zone can provide.
 */
export function backoffReason(
  group: Group,
  members: readonly Member[],
  now: number,
  { launchBackoff, joinWithin }: { readonly launchBackoff: number; readonly joinWithin: number },
): Reason<GroupCode> | undefined {
  const { name, suspended, failedLaunch } = group;
  if (suspended.includes("Launch")) {
    return reason("launch-suspended", `${name} is in back-off: its process Launch is suspended`);
  }
  const unjoined = members.filter(({ status }) => status === "neverJoined");
  const [first] = unjoined;
  if (first) {
    return reason(
      "instances-never-joined",
      `${name} is in back-off: ${count(unjoined.length, "instance")} of it (${first.instance.id}) did not become a ` +
        `ready node within ${minutes(joinWithin)}`,
    );
  }
  if (failedLaunch && now - failedLaunch.at < launchBackoff && shortfall(group, members) > 0) {
    return reason(
      "launch-failed",
      `${name} is in back-off until ${timeOf(failedLaunch.at + launchBackoff)}: ` +
        `its launch failed at ${timeOf(failedLaunch.at)}: ${failedLaunch.message}`,
    );
  }
  return undefined;
}

/** Capacity units that the group should have and does not have yet. */
export function shortfall({ desired }: Group, members: readonly Member[]): number {
  const present = members.filter(isPresent).reduce((units, { instance }) => units + instance.units, 0);
  return Math.max(0, desired - present);
}
