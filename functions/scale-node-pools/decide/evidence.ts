import type { PodsByNode, SpotPrice } from "../model/cluster.ts";
import type { Decision } from "../model/decision.ts";
import { capacityOfNode, totalOf } from "./capacity/node-capacity.ts";
import { utilisation } from "./capacity/totals.ts";
import type { Plans, PodFindings } from "./plans.ts";
import type { NodeStatus } from "./pool/members.ts";
import { membersWithStatus, type PoolState } from "./pool/pool-state.ts";

/** The numbers that a decision was read from. */
export function evidenceOf(
  state: PoolState,
  pods: PodsByNode,
  { own, pods: findings }: Plans,
): Decision["evidence"] {
  const nodes = (...statuses: NodeStatus[]) => membersWithStatus(state, ...statuses).length;
  const schedulable = membersWithStatus(state, "schedulable").flatMap(({ node }) =>
    node ? [capacityOfNode(node, pods)] : [],
  );
  const scaleOut = own?.scaleOut;
  const used = scaleOut && utilisation(scaleOut.requests, totalOf(schedulable));
  return {
    schedulable: nodes("schedulable"),
    joining: nodes("joining"),
    unlaunched: state.groups.reduce((sum, { unlaunched }) => sum + unlaunched, 0),
    draining: nodes("draining"),
    cordoned: nodes("cordoned"),
    notReady: nodes("notReady", "neverJoined"),
    min: state.bounds.min,
    max: state.bounds.max,
    ...(state.pool.spotPrice && { spotPricePerHour: shownPrice(state.pool.spotPrice) }),
    ...(state.bounds.window !== undefined && { window: state.bounds.window }),
    /** Requests over the capacity of the nodes that take pods now, pending pods included. */
    utilisationPercent: used === undefined ? null : used / 10,
    pendingPods: scaleOut ? scaleOut.placed + scaleOut.unplaced : null,
    unplacedPods: scaleOut ? scaleOut.unplaced : null,
    ...(findings && { unschedulablePods: unschedulable(findings) }),
  };
}

const shownPrice = (price: SpotPrice): number | string =>
  "perHour" in price ? price.perHour : `not known: ${price.unknown}`;

/** Pending pods of the cluster that no pool could take, or that no node helps. */
const unschedulable = ({ unschedulable, excluded }: PodFindings): number =>
  unschedulable.reduce((sum, { pods }) => sum + pods.length, excluded.length);
