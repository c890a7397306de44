import type { PoolStatus } from "../model/cluster.ts";
import type { CapacityChange, Decision } from "../model/decision.ts";
import { limitsToSet } from "./pool/group-limits.ts";
import type { NodeStatus } from "./pool/members.ts";
import { shapeToKeep } from "./pool/node-template.ts";
import { membersWithStatus, type PoolState, targetSize } from "./pool/pool-state.ts";
import { offerOfNode, sumOf } from "./pool/requested.ts";
import { utilisation } from "./pool/totals.ts";
import type { ScaleInPlan } from "./scale-in/scale-in.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";
import type { PodsByNode } from "./snapshot/cluster-snapshot.ts";
import { warningsOf } from "./warnings.ts";

/** What was found out about one pool. */
export interface Findings {
  /** Who else looks after it. */
  readonly other: string | undefined;
  /** Absent when somebody else does. */
  readonly out: ScaleOutPlan | undefined;
  /** Absent when it grows. */
  readonly shrinking: ScaleInPlan | undefined;
}

/** One pool's decision. */
export function combinePlans(
  state: PoolState,
  pods: PodsByNode,
  { other, out, shrinking }: Findings,
): Decision {
  const { pool } = state;
  const from = targetSize(state);
  const common = {
    pool: pool.name,
    uncordon: [],
    orders: [],
    drain: [],
    from,
    to: from,
    need: out?.need,
    warnings: warningsOf(state, other, out, shrinking),
    evidence: evidenceOf(state, pods, out),
    memory: memoryOf(state, shrinking),
  };
  if (!out) return { ...common, verdict: "hands-off", reasons: [other ?? "another scaler looks after it"] };
  if (out.refused !== undefined) {
    return { ...common, verdict: "refused", reasons: [out.refused, ...out.reasons] };
  }
  const { uncordon, orders, added, limits } = out;
  if (orders.length > 0 || uncordon.length > 0) {
    const to = from + uncordon.length + added;
    return { ...common, verdict: "out", uncordon, orders, to, reasons: [...out.reasons, ...limits] };
  }
  const { drain = [], reasons = [], refused } = shrinking ?? {};
  const all = [...limits, ...reasons];
  if (drain.length > 0) return { ...common, verdict: "in", drain, to: from - drain.length, reasons: all };
  if (refused !== undefined) return { ...common, verdict: "refused", reasons: all };
  const limitOrders = limitOrdersOf(state);
  if (limitOrders.length > 0) return { ...common, verdict: "limits", orders: limitOrders, reasons: all };
  return { ...common, verdict: "hold", reasons: all };
}

/** Orders that change no size: the limits of managed node groups that are not the policy's yet. */
function limitOrdersOf({ groups }: PoolState): CapacityChange[] {
  return groups.flatMap(({ group, limits, busy }) => {
    const toSet = limitsToSet(group, limits, group.desired);
    const order = { group: group.name, from: group.desired, to: group.desired, nodes: 0 };
    return toSet && busy === undefined ? [{ ...order, limits: toSet }] : [];
  });
}

function memoryOf({ members, pool }: PoolState, shrinking: ScaleInPlan | undefined): PoolStatus {
  const shape = shapeToKeep(members) ?? pool.memory.shape;
  const lowSince = shrinking?.lowSince;
  return { ...(shape && { shape }), ...(lowSince !== undefined && { lowSince }) };
}

function evidenceOf(state: PoolState, pods: PodsByNode, out: ScaleOutPlan | undefined): Decision["evidence"] {
  const number = (...statuses: NodeStatus[]) => membersWithStatus(state, ...statuses).length;
  const open = membersWithStatus(state, "schedulable").flatMap(({ node }) =>
    node ? [offerOfNode(node, pods)] : [],
  );
  const used = out && utilisation(out.load, sumOf(open));
  return {
    schedulable: number("schedulable"),
    joining: number("joining"),
    ordered: state.groups.reduce((sum, { ordered }) => sum + ordered, 0),
    draining: number("draining"),
    cordoned: number("cordoned"),
    notReady: number("notReady", "neverJoined"),
    min: state.bounds.min,
    max: state.bounds.max,
    ...(state.bounds.window !== undefined && { window: state.bounds.window }),
    /** Requests over what the nodes that take pods now offer, pending pods included. */
    utilisationPercent: used === undefined ? null : used / 10,
    pendingPods: (out?.placed ?? 0) + (out?.left ?? 0),
    unplacedPods: out?.left ?? 0,
  };
}
