import type { PodsByNode, PoolStatus } from "../model/cluster.ts";
import type { CapacityChange, Decision } from "../model/decision.ts";
import { reason } from "../model/reason.ts";
import { newestShape } from "./capacity/node-template.ts";
import { evidenceOf } from "./evidence.ts";
import type { Plans } from "./plans.ts";
import { limitsToSet } from "./pool/group-limits.ts";
import { type PoolState, targetSize } from "./pool/pool-state.ts";
import type { ScaleInPlan } from "./scale-in/scale-in.ts";
import { warningsOf } from "./warnings.ts";

/** One pool's decision. */
export function combinePlans(state: PoolState, pods: PodsByNode, plans: Plans): Decision {
  const { other, scaleOut, scaleIn } = plans;
  const from = targetSize(state);
  const common = {
    pool: state.pool.name,
    uncordon: [],
    capacityChanges: [],
    drain: [],
    from,
    to: from,
    nodesNeeded: scaleOut?.nodesNeeded,
    warnings: warningsOf(state, plans),
    unremovable: scaleIn?.unremovable ?? [],
    evidence: evidenceOf(state, pods, scaleOut),
    status: statusOf(state, scaleIn),
  };
  if (!scaleOut) {
    const why = reason("managed-elsewhere", other ?? "another scaler manages it");
    return { ...common, verdict: "managed-elsewhere", reasons: [why] };
  }
  const { refused, shortages, uncordon, capacityChanges, added } = scaleOut;
  if (refused) return { ...common, verdict: "refused", reasons: [refused, ...scaleOut.reasons] };
  if (capacityChanges.length > 0 || uncordon.length > 0) {
    const to = from + uncordon.length + added;
    const reasons = [...scaleOut.reasons, ...shortages];
    return { ...common, verdict: "scale-out", uncordon, capacityChanges, to, reasons };
  }
  const reasons = [...shortages, ...(scaleIn?.reasons ?? [])];
  const drain = scaleIn?.drain ?? [];
  if (drain.length > 0) {
    return { ...common, verdict: "scale-in", drain, to: from - drain.length, reasons };
  }
  if (scaleIn?.refused) return { ...common, verdict: "refused", reasons };
  const limits = limitChanges(state);
  if (limits.length > 0) return { ...common, verdict: "set-limits", capacityChanges: limits, reasons };
  return { ...common, verdict: "hold", reasons };
}

/** The limits of managed node groups that are not the policy's yet; their sizes stay. */
const limitChanges = ({ groups }: PoolState): CapacityChange[] =>
  groups.flatMap(({ group, limits, busy }) => {
    const toSet = busy ? undefined : limitsToSet(group, limits, group.desired);
    const size = { group: group.name, from: group.desired, to: group.desired, nodes: 0 };
    return toSet ? [{ ...size, limits: toSet }] : [];
  });

function statusOf({ members, pool, startup }: PoolState, scaleIn: ScaleInPlan | undefined): PoolStatus {
  const shape = newestShape(members, startup) ?? pool.status.shape;
  const lowSince = scaleIn?.lowSince;
  return { ...(shape && { shape }), ...(lowSince !== undefined && { lowSince }) };
}
