import type { NodeRef } from "../../model/decision.ts";
import { minutes, timeOf } from "../../model/wording.ts";
import { maxChangeReason } from "../pool/max-change.ts";
import { membersWithStatus, type PoolState, targetSize } from "../pool/pool-state.ts";
import { isLoad, offerOfNode, sumOf } from "../pool/requested.ts";
import { add, below, NOTHING } from "../pool/totals.ts";
import type { ScaleOutPlan } from "../scale-out/scale-out.ts";
import type { ClusterSnapshot, PodsByNode } from "../snapshot/cluster-snapshot.ts";
import { allowance } from "./disruption-budget.ts";
import type { BudgetsOf, Candidate } from "./node-rules.ts";
import { growthUnderWayReason, scaleInBlockedReason } from "./pool-rules.ts";
import { fullness, RemovalPlanner } from "./removal-planner.ts";

/** Which nodes are to go, and why no more of them. */
export interface ScaleInPlan {
  readonly drain: readonly NodeRef[];
  readonly reasons: readonly string[];
  /** Why none of it is done, although it should be: it is more than the policy allows at once. */
  readonly refused: string | undefined;
  /** Since when the utilisation has been low. */
  readonly lowSince: number | undefined;
}

/**
 * The nodes to be emptied now: emptiest first, then oldest, from the largest zone, as long as every pod on them
 * has another place and the pool stays at or below its target.
 *
 * @param scene the nodes that are there, with everything that has been promised a place on them
 */
export function planScaleIn(
  state: PoolState,
  scene: ClusterSnapshot,
  pods: PodsByNode,
  out: ScaleOutPlan,
  budgetsOf: BudgetsOf,
): ScaleInPlan {
  const { policy, memory } = state.pool;
  const nodes = candidates(state, pods);
  const capacity = sumOf(nodes.map(({ offer }) => offer));
  const low = nodes.length > 0 && below(out.load, capacity, policy.removeSlowlyBelow);
  const lowSince = low ? (memory.lowSince ?? state.now) : undefined;
  const stay = (why: string): ScaleInPlan => ({ drain: [], reasons: [why], refused: undefined, lowSince });

  const surplus = targetSize(state) - state.bounds.max;
  if (surplus <= 0 && !low)
    return stay(growthUnderWayReason(state) ?? fullness(out.load, capacity, policy.targetUtilisation));
  if (surplus <= 0 && targetSize(state) <= state.bounds.min) return stay(`at its min of ${state.bounds.min}`);
  const guard = scaleInBlockedReason(state, out);
  if (guard !== undefined) return stay(guard);
  if (surplus <= 0 && lowSince !== undefined && state.now - lowSince < policy.scaleInAfter) {
    return stay(
      `below ${policy.removeSlowlyBelow} % since ${timeOf(lowSince)}: nodes go after ${minutes(policy.scaleInAfter)} of that`,
    );
  }
  const allowed = allowance(state);
  if (allowed.nodes === 0) {
    const window = allowed.window === undefined ? "" : ` (${allowed.window})`;
    return stay(`the disruption budget${window} allows no node to go now`);
  }

  const choice = new RemovalPlanner(state, scene, nodes, { load: out.load, capacity }, budgetsOf);
  const { chosen, reasons } = choice.choose(surplus, allowed.nodes);
  const refused = maxChangeReason(chosen.length, state);
  if (refused !== undefined) return { ...stay(refused), refused };
  const drain = chosen.map(({ node, member }) => ({ node: node.name, instanceId: member.instance.id }));
  return { drain, reasons, refused: undefined, lowSince };
}

function candidates({ members, pool, now }: PoolState, pods: PodsByNode): Candidate[] {
  return membersWithStatus({ members }, "schedulable").flatMap((member): Candidate[] => {
    const { node, zone = "" } = member;
    if (!node) return [];
    const own = pods.get(node.name) ?? [];
    const load = own.filter(isLoad).reduce((sum, { shape }) => add(sum, shape.needs.requests), NOTHING);
    return [
      { member, node, zone, pods: own, load, offer: offerOfNode(node, pods), policy: pool.policy, now },
    ];
  });
}
