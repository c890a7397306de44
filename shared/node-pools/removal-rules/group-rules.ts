import type { Reduction, RemovalReason, ShrinkableGroup } from "./removal-rule.ts";

type GroupRule = (group: ShrinkableGroup, reduction: Reduction) => RemovalReason | undefined;

/** A group whose `Terminate` process is suspended would keep the drained instance. */
const terminateSuspended: GroupRule = ({ name, suspended }) =>
  suspended.includes("Terminate")
    ? { code: "terminate-suspended", text: `group ${name} has its Terminate process suspended` }
    : undefined;

/** An instance refresh replaces instances one by one and counts on their number. */
const instanceRefresh: GroupRule = ({ name, refreshing }) =>
  refreshing ? { code: "instance-refresh", text: `group ${name} is in an instance refresh` } : undefined;

/** AWS refuses a desired size below the minimum, and what is leaving already counts. */
const groupMin: GroupRule = ({ name, min, desired }, { units, unitsLeaving }) =>
  desired - unitsLeaving - units < min
    ? {
        code: "group-at-min",
        text: `group ${name} would fall below its minimum of ${min} (desired ${desired}, ${unitsLeaving} already leaving)`,
      }
    : undefined;

/** In this order: the first that applies is the reason. */
const RULES: readonly GroupRule[] = [terminateSuspended, instanceRefresh, groupMin];

/** Why a group must not get smaller now; undefined when no rule applies. Checked before any node is cordoned. */
export function groupRemovalReason(group: ShrinkableGroup, reduction: Reduction): RemovalReason | undefined {
  for (const rule of RULES) {
    const reason = rule(group, reduction);
    if (reason) return reason;
  }
  return undefined;
}
