import type { Group } from "../../model/cluster.ts";
import { count, minutes, timeOf } from "../../model/wording.ts";
import { isPresent, type Member } from "./members.ts";

/**
 * Why a group is passed over for a while, as a sentence; undefined when it is not. A group that failed to get
 * capacity, or whose instances do not become nodes, would only swallow orders that another zone can fill.
 */
export function backoffReason(
  group: Group,
  members: readonly Member[],
  now: number,
  { passOverFailed, joinWithin }: { readonly passOverFailed: number; readonly joinWithin: number },
): string | undefined {
  const { name, suspended, failedLaunch } = group;
  if (suspended.includes("Launch")) return `${name} is passed over: its process Launch is suspended`;
  const lost = members.filter(({ status }) => status === "neverJoined");
  const [first] = lost;
  if (first) {
    return (
      `${name} is passed over: ${count(lost.length, "instance")} of it (${first.instance.id}) did not become a ` +
      `ready node within ${minutes(joinWithin)}`
    );
  }
  if (failedLaunch && now - failedLaunch.at < passOverFailed && shortfall(group, members) > 0) {
    return (
      `${name} is passed over until ${timeOf(failedLaunch.at + passOverFailed)}: ` +
      `its launch failed at ${timeOf(failedLaunch.at)}: ${failedLaunch.message}`
    );
  }
  return undefined;
}

/** Capacity units that were ordered and are not there yet. */
export function shortfall({ desired }: Group, members: readonly Member[]): number {
  const present = members.filter(isPresent).reduce((units, { instance }) => units + instance.units, 0);
  return Math.max(0, desired - present);
}
