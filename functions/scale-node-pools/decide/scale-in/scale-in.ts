import type { DisruptionLimit } from "../../../../shared/node-pools/disruption-budget.ts";
import type { PodsByNode } from "../../model/cluster.ts";
import type { NodeRef, UnremovableNode } from "../../model/decision.ts";
import { type HoldCode, type PoolCode, type Reason, reason } from "../../model/reason.ts";
import { minutes, timeOf } from "../../model/wording.ts";
import { capacityOfNode, totalOf } from "../capacity/node-capacity.ts";
import { needsPlace, requestsOfPods } from "../capacity/pool-requests.ts";
import { below, type Totals } from "../capacity/totals.ts";
import { maxChangeReason } from "../pool/max-change.ts";
import { expectedSize, membersWithStatus, type PoolState } from "../pool/pool-state.ts";
import type { ScaleOutPlan } from "../scale-out/scale-out.ts";
import type { ClusterSnapshot } from "../snapshot/cluster-snapshot.ts";
import { disruptionsAllowed } from "./disruption-budget.ts";
import type { Candidate, RemovalContext } from "./node-rules.ts";
import { nodesUpcoming, scaleInBlockedReason } from "./pool-rules.ts";
import { type Removal, RemovalPlanner } from "./removal-planner.ts";
import { fullness } from "./scale-in-speed.ts";

/** Which nodes are removed, and why no more of them. */
export interface ScaleInPlan {
  readonly drain: readonly NodeRef[];
  readonly reasons: readonly Reason[];
  readonly unremovable: readonly UnremovableNode[];
  /** Why none of it is done, although it should be: it is more than the policy allows at once. */
  readonly refused: Reason<"max-change"> | undefined;
  /** Since when the utilisation has been low. */
  readonly lowSince: number | undefined;
}

/**
 * The nodes to be drained now: emptiest first, then oldest, from the largest zone, as long as every pod on them has
 * another place and the pool stays at or below its target.
 *
 * @param snapshot the nodes that are there, with every pod that has a place reserved on them
 */
export function planScaleIn(
  state: PoolState,
  snapshot: ClusterSnapshot,
  pods: PodsByNode,
  scaleOut: ScaleOutPlan,
  budgetsOf: RemovalContext["budgetsOf"],
): ScaleInPlan {
  const nodes = candidatesOf(state, pods);
  const capacity = totalOf(nodes.map((node) => node.capacity));
  const { requests } = scaleOut;
  const { policy, status } = state.pool;
  const isLow = below(requests, capacity, policy.removeSlowlyBelow);
  const lowSince = isLow ? (status.lowSince ?? state.now) : undefined;
  const keepAll = (why: Reason): ScaleInPlan => ({
    drain: [],
    reasons: [why],
    unremovable: [],
    refused: undefined,
    lowSince,
  });

  const hold = notWanted(state, requests, capacity, lowSince) ?? scaleInBlockedReason(state, scaleOut);
  if (hold) return keepAll(hold);
  const wait = lowTooBriefly(state, lowSince);
  if (wait) return keepAll(wait);
  const allowance = disruptionsAllowed(state);
  if (allowance.nodes === 0) return keepAll(noDisruptionAllowed(allowance));

  const planner = new RemovalPlanner(state, snapshot, nodes, { requests, capacity }, budgetsOf);
  const removal = planner.plan(allowance.nodes);
  const refused = maxChangeReason(removal.chosen.length, state);
  if (refused) return { ...keepAll(refused), refused };
  const drain = removal.chosen.map(({ node, member }) => ({
    node: node.name,
    instanceId: member.instance.id,
  }));
  return {
    drain,
    reasons: reasonsOf(removal),
    unremovable: removal.unremovable,
    refused: undefined,
    lowSince,
  };
}

const isAboveMax = (state: PoolState): boolean => expectedSize(state) > state.bounds.max;

/** Why the pool has no reason to get smaller. */
function notWanted(
  state: PoolState,
  requests: Totals,
  capacity: Totals,
  lowSince: number | undefined,
): Reason<HoldCode> | undefined {
  if (isAboveMax(state)) return undefined;
  if (lowSince === undefined) {
    const { targetUtilisation } = state.pool.policy;
    return nodesUpcoming(state) ?? reason("on-target", fullness(requests, capacity, targetUtilisation));
  }
  const { min } = state.bounds;
  return membersWithStatus(state, "schedulable").length <= min
    ? reason("at-min", `at its min of ${min}`)
    : undefined;
}

function lowTooBriefly(state: PoolState, lowSince: number | undefined): Reason<HoldCode> | undefined {
  const { removeSlowlyBelow, scaleInAfter } = state.pool.policy;
  if (isAboveMax(state) || lowSince === undefined || state.now - lowSince >= scaleInAfter) return undefined;
  const since = `below ${removeSlowlyBelow} % since ${timeOf(lowSince)}`;
  return reason("below-target-too-briefly", `${since}: nodes go after ${minutes(scaleInAfter)} of that`);
}

function noDisruptionAllowed({ window }: DisruptionLimit): Reason<HoldCode> {
  const budget = window === undefined ? "" : ` (${window})`;
  return reason("disruption-budget", `the disruption budget${budget} allows no node to go now`);
}

/** How many nodes that stay are named. */
const NAMED = 3;

function reasonsOf({ chosen, reason: why, unremovable }: Removal): Reason[] {
  const stay = unremovable
    .slice(0, NAMED)
    .map(({ node, reason: { code, text } }) => reason<PoolCode>(code, `node ${node} stays: ${text}`));
  const more = unremovable.length - NAMED;
  return [
    ...(why ? [why] : []),
    ...(chosen.length === 0 ? [reason("no-removable-node", "no node can go")] : []),
    ...stay,
    ...(more > 0 ? [reason("no-removable-node", `${more} more nodes stay for similar reasons`)] : []),
  ];
}

function candidatesOf(state: PoolState, pods: PodsByNode): Candidate[] {
  const { groups, pool, now } = state;
  return groups.flatMap((group) =>
    membersWithStatus(group, "schedulable").flatMap((member): Candidate[] => {
      const { node, zone = "" } = member;
      if (!node) return [];
      const own = pods.get(node.name) ?? [];
      const requests = requestsOfPods(own.filter(needsPlace));
      const capacity = capacityOfNode(node, pods);
      return [{ member, node, zone, group, pods: own, requests, capacity, policy: pool.policy, now }];
    }),
  );
}
