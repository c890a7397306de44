import { add, below, NOTHING } from "../pool/totals.ts";
import type { BudgetsOf, Candidate } from "./node-rules.ts";
import { Choice, fullness } from "./removal-planner.ts";
import type { NodeRef } from "../../model/decision.ts";
import { allowance } from "./disruption-budget.ts";
import { stillGrowing, whyNoneGoes } from "./pool-rules.ts";
import { isLoad, offerOfNode, sumOf } from "../pool/requested.ts";
import { moreThanMaxChange } from "../pool/max-change.ts";
import type { OutPlan } from "../scale-out/scale-out.ts";
import { type PoolState, sizeToBe, standingAt } from "../pool/pool-state.ts";
import type { PodsByNode, Scene } from "../snapshot/cluster-snapshot.ts";
import { minutes, timeOf } from "../../model/wording.ts";

/** Which nodes are to go, and why no more of them. */
export interface InPlan {
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
export function shrinkPool(
  state: PoolState,
  scene: Scene,
  pods: PodsByNode,
  out: OutPlan,
  budgetsOf: BudgetsOf,
): InPlan {
  const { policy, memory } = state.pool;
  const nodes = candidates(state, pods);
  const capacity = sumOf(nodes.map(({ offer }) => offer));
  const low = nodes.length > 0 && below(out.load, capacity, policy.removeSlowlyBelow);
  const lowSince = low ? (memory.lowSince ?? state.now) : undefined;
  const stay = (why: string): InPlan => ({ drain: [], reasons: [why], refused: undefined, lowSince });

  const surplus = sizeToBe(state) - state.bounds.max;
  if (surplus <= 0 && !low)
    return stay(stillGrowing(state) ?? fullness(out.load, capacity, policy.targetUtilisation));
  if (surplus <= 0 && sizeToBe(state) <= state.bounds.min) return stay(`at its min of ${state.bounds.min}`);
  const guard = whyNoneGoes(state, out);
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

  const choice = new Choice(state, scene, nodes, { load: out.load, capacity }, budgetsOf);
  const { chosen, reasons } = choice.choose(surplus, allowed.nodes);
  const refused = moreThanMaxChange(chosen.length, state);
  if (refused !== undefined) return { ...stay(refused), refused };
  const drain = chosen.map(({ node, member }) => ({ node: node.name, instanceId: member.instance.id }));
  return { drain, reasons, refused: undefined, lowSince };
}

function candidates({ members, pool, now }: PoolState, pods: PodsByNode): Candidate[] {
  return standingAt({ members }, "schedulable").flatMap((member): Candidate[] => {
    const { node, zone = "" } = member;
    if (!node) return [];
    const own = pods.get(node.name) ?? [];
    const load = own.filter(isLoad).reduce((sum, { shape }) => add(sum, shape.needs.requests), NOTHING);
    return [
      { member, node, zone, pods: own, load, offer: offerOfNode(node, pods), policy: pool.policy, now },
    ];
  });
}
