import type { PodsByNode } from "../model/cluster.ts";
import type { CapacityChange, Decision } from "../model/decision.ts";
import type { PoolStatus } from "../model/pool-status.ts";
import { reason } from "../model/reason.ts";
import { newestShape } from "./capacity/node-template.ts";
import { evidenceOf } from "./evidence.ts";
import type { Plans } from "./plans.ts";
import { limitsToSet } from "./pool/group-limits.ts";
import { groupStatuses, type PoolState, targetSize } from "./pool/pool-state.ts";
import type { RepairPlan } from "./scale-in/repair.ts";
import type { ScaleInPlan } from "./scale-in/scale-in.ts";
import { takenBackStatus } from "./scale-in/taken-back.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";
import { warningsOf } from "./warnings.ts";

/** One pool's decision. */
export function combinePlans(state: PoolState, pods: PodsByNode, plans: Plans): Decision {
  const { other, own } = plans;
  const from = targetSize(state);
  const common = {
    pool: state.pool.name,
    uncordon: [],
    capacityChanges: [],
    drain: [],
    terminate: [],
    from,
    to: from,
    nodesNeeded: own?.scaleOut.nodesNeeded,
    warnings: warningsOf(state, plans),
    unremovable: own?.scaleIn?.unremovable ?? [],
    evidence: evidenceOf(state, pods, plans),
    status: statusOf(state, plans),
  };
  if (!own) {
    const why = reason("managed-elsewhere", other ?? "another scaler manages it");
    return { ...common, verdict: "managed-elsewhere", reasons: [why] };
  }
  const { scaleOut, scaleIn, repair } = own;
  const { refused, shortages } = scaleOut;
  if (refused) return { ...common, verdict: "refused", reasons: [refused, ...scaleOut.reasons] };
  if (!scaleIn) return { ...common, ...scalingOut(from, scaleOut) };
  const reasons = [...shortages, ...scaleIn.reasons];
  const smaller = scalingIn(from, scaleIn, repair);
  if (smaller) return { ...common, ...smaller, reasons: [...smaller.reasons, ...reasons] };
  if (scaleIn.refused) return { ...common, verdict: "refused", reasons };
  const limits = limitChanges(state);
  if (limits.length > 0) return { ...common, verdict: "set-limits", capacityChanges: limits, reasons };
  return { ...common, verdict: "hold", reasons };
}

type Change = Pick<Decision, "verdict" | "to" | "reasons"> &
  Partial<Pick<Decision, "uncordon" | "capacityChanges" | "drain" | "terminate">>;

/** Nodes that come, and capacity that a group gives up because AWS did not launch it. */
function scalingOut(from: number, { uncordon, capacityChanges, added, ...scaleOut }: ScaleOutPlan): Change {
  const to = from + uncordon.length + added;
  const released = capacityChanges.flatMap(({ group, unfilled }) =>
    unfilled
      ? [reason("capacity-not-launched", `${group} gives up ${unfilled} that AWS did not launch`)]
      : [],
  );
  const reasons = [...scaleOut.reasons, ...scaleOut.shortages, ...released];
  return { verdict: to > from ? "scale-out" : "release", uncordon, capacityChanges, to, reasons };
}

/** Nodes that go because they are not needed, or are of no use. */
function scalingIn(from: number, scaleIn: ScaleInPlan, repair: RepairPlan): Change | undefined {
  const { terminate } = repair;
  const reasons = terminate.map((each) => each.reason);
  // Each was planned down to the pool's min by itself: together they would go below it.
  const isShrinking = terminate.some(({ shrinks }) => shrinks);
  if (scaleIn.drain.length > 0 && repair.drain.length === 0 && !isShrinking) {
    const { drain } = scaleIn;
    return { verdict: "scale-in", drain, terminate, to: from - drain.length, reasons };
  }
  if (scaleIn.refused || terminate.length + repair.drain.length === 0) return undefined;
  const { drain } = repair;
  const notReady = drain.map(({ node }) =>
    reason("node-not-ready", `node ${node} has not been ready for long: it is drained and terminated`),
  );
  return { verdict: "repair", drain, terminate, to: from - drain.length, reasons: [...reasons, ...notReady] };
}

/** The limits of managed node groups that are not the policy's yet; their sizes stay. */
const limitChanges = ({ groups }: PoolState): CapacityChange[] =>
  groups.flatMap(({ group, limits, busy }) => {
    const toSet = busy ? undefined : limitsToSet(group, limits, group.desired);
    const size = { group: group.name, from: group.desired, to: group.desired, nodes: 0 };
    return toSet ? [{ ...size, limits: toSet }] : [];
  });

function statusOf(state: PoolState, { own, pods }: Plans): PoolStatus {
  const { members, pool, startup } = state;
  const shape = newestShape(members, startup) ?? pool.status.shape;
  const unjoined = own?.repair.unjoined ?? {};
  const owners = pods?.owners ?? {};
  const { devices } = startup;
  return {
    shape,
    lowSince: own?.scaleIn?.lowSince,
    groups: groupStatuses(state),
    takenBack: takenBackStatus(state, own?.scaleOut),
    ...(!shape && Object.keys(devices).length > 0 && { devices }),
    ...(Object.keys(unjoined).length > 0 && { unjoined }),
    ...(Object.keys(owners).length > 0 && { owners }),
  };
}
