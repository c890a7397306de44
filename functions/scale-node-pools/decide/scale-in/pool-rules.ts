import { type HoldCode, type Reason, reason } from "../../model/reason.ts";
import { count, list, timeOf } from "../../model/wording.ts";
import { isBeingRemoved } from "../pool/members.ts";
import { membersWithStatus, type PoolState } from "../pool/pool-state.ts";
import { notReadyLimit } from "../pool/repair-due.ts";
import type { ScaleOutPlan } from "../scale-out/scale-out.ts";

/** Why all nodes stay, whichever it would be; undefined when the rule does not apply. */
type PoolRule = (state: PoolState, scaleOut: ScaleOutPlan) => Reason<HoldCode> | undefined;

const podsPending: PoolRule = (_state, { unplaced, placed }) =>
  unplaced + placed > 0
    ? reason("pods-pending", `${count(unplaced + placed, "pod")} wait for a place in this pool: no node goes`)
    : undefined;

/** Nodes that were launched or are to be, and that take no pods yet. */
export function nodesUpcoming({ members, groups }: PoolState): Reason<"nodes-upcoming"> | undefined {
  const unlaunched = groups.reduce(
    (sum, group) => sum + (group.backoff === undefined ? group.unlaunched : 0),
    0,
  );
  const upcoming = membersWithStatus({ members }, "joining").length + unlaunched;
  return upcoming > 0 ? reason("nodes-upcoming", `${count(upcoming, "node")} on the way`) : undefined;
}

const nodesDraining: PoolRule = ({ members }) => {
  const draining = members.filter(isBeingRemoved).length;
  return draining > 0
    ? reason("nodes-draining", `${count(draining, "node")} of the last plan still draining`)
    : undefined;
};

const scaledOutRecently: PoolRule = ({ pool, now }) => {
  const until = (pool.lastScaleOutAt ?? Number.NEGATIVE_INFINITY) + pool.policy.scaleInDelay;
  return now < until
    ? reason("scaled-out-recently", `the pool scaled out recently: no node goes before ${timeOf(until)}`)
    : undefined;
};

const takenBackLately: PoolRule = ({ pool, now }) => {
  const { failures = 0, until = 0 } = pool.status.takenBack ?? {};
  if (now >= until) return undefined;
  const times = failures === 1 ? "" : ` ${failures} times in a row`;
  const text = `a scale-in was taken back${times}, as pods had no place without the node: no node goes before ${timeOf(until)}`;
  return reason("scale-in-taken-back", text);
};

const tooManyNotReady: PoolRule = ({ pool, members, size }) => {
  const notReady = membersWithStatus({ members }, "notReady", "neverJoined");
  const limit = notReadyLimit(pool.policy, size);
  if (notReady.length <= limit) return undefined;
  const names = list(notReady.map(({ node, instance }) => node?.name ?? instance.id));
  const text = `${count(notReady.length, "node")} not ready (${names}), more than ${limit}: no node goes until they are`;
  return reason("too-many-not-ready", text);
};

/** In this order: the first that applies is the reason. */
const RULES: readonly PoolRule[] = [
  podsPending,
  nodesUpcoming,
  nodesDraining,
  scaledOutRecently,
  takenBackLately,
  tooManyNotReady,
];

/** Why no node is removed now, whichever it would be; undefined when no rule applies. */
export function scaleInBlockedReason(state: PoolState, scaleOut: ScaleOutPlan): Reason<HoldCode> | undefined {
  for (const rule of RULES) {
    const why = rule(state, scaleOut);
    if (why) return why;
  }
  return undefined;
}
