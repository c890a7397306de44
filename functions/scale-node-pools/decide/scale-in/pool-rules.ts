import { count, list, timeOf } from "../../model/wording.ts";
import { isOnItsWayOut } from "../pool/members.ts";
import { membersWithStatus, type PoolState } from "../pool/pool-state.ts";
import type { ScaleOutPlan } from "../scale-out/scale-out.ts";
import { notReadyLimit } from "./disruption-budget.ts";

/** One reason to leave all nodes; undefined when it does not apply. */
type Guard = (state: PoolState, out: ScaleOutPlan) => string | undefined;

const podsWait: Guard = (_state, { left, placed }) =>
  left + placed > 0
    ? `${count(left + placed, "pod")} wait for a place in this pool: no node goes`
    : undefined;

/** Nodes were ordered or launched and take no pods yet. */
export const growthUnderWayReason = ({ members, groups }: PoolState): string | undefined => {
  const ordered = groups.reduce((sum, group) => sum + (group.backoff === undefined ? group.ordered : 0), 0);
  const coming = membersWithStatus({ members }, "joining").length + ordered;
  return coming > 0 ? `${count(coming, "node")} on the way` : undefined;
};

const stillShrinking: Guard = ({ members }) => {
  const going = members.filter(isOnItsWayOut).length;
  return going > 0 ? `${count(going, "node")} of the last plan still being emptied` : undefined;
};

const grewLately: Guard = ({ pool, now }) => {
  const until = (pool.lastScaleOutAt ?? Number.NEGATIVE_INFINITY) + pool.policy.scaleInDelay;
  return now < until ? `the pool grew lately: no node goes before ${timeOf(until)}` : undefined;
};

const unwell: Guard = ({ pool, members, size }) => {
  const sick = membersWithStatus({ members }, "notReady", "neverJoined");
  const limit = notReadyLimit(pool.policy, size);
  if (sick.length <= limit) return undefined;
  const names = list(sick.map(({ node, instance }) => node?.name ?? instance.id));
  return `${count(sick.length, "node")} not ready (${names}), more than ${limit}: no node goes until they are`;
};

/** In this order: the first that applies is told. */
const GUARDS: readonly Guard[] = [podsWait, growthUnderWayReason, stillShrinking, grewLately, unwell];

/** Why no node goes now, whichever it would be; undefined when one may. */
export function scaleInBlockedReason(state: PoolState, out: ScaleOutPlan): string | undefined {
  for (const guard of GUARDS) {
    const why = guard(state, out);
    if (why !== undefined) return why;
  }
  return undefined;
}
