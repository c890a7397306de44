import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { subtract } from "../../../../shared/kubernetes/resources.ts";
import type { ClusterNode, Group, PodNeeds, Pool } from "../../model/cluster.ts";
import { backoffReason, shortfall } from "./backoff.ts";
import { type Bounds, boundsAt } from "./bounds.ts";
import { type Limits, limitsFor } from "./group-limits.ts";
import { isOnItsWayOut, isPresent, type Member, membersOf, type NodeStatus } from "./members.ts";
import { type Template, templateOf } from "./node-template.ts";
import { ZoneSizes } from "./zone-counts.ts";

/** One group, as far as it can be ordered from. */
export interface GroupState {
  readonly group: Group;
  readonly members: readonly Member[];
  readonly template: Template | undefined;
  /** Capacity units of a new node. */
  readonly unitsPerNode: number;
  /** Nodes that were ordered and are not launched yet. */
  readonly ordered: number;
  /** The limits it has, or is to have. */
  readonly limits: Limits;
  /** Why nothing more is expected of it for a while. */
  readonly backoff: string | undefined;
  /** Why it takes no order now, although what was ordered will come. */
  readonly busy: string | undefined;
}

/** A pool as it stands: what all decisions about it start from. */
export interface PoolState {
  readonly pool: Pool;
  readonly now: number;
  readonly bounds: Bounds;
  readonly members: readonly Member[];
  readonly groups: readonly GroupState[];
  /** Nodes there are and nodes that were ordered. */
  readonly size: number;
}

export function poolState(
  pool: Pool,
  nodeByInstance: ReadonlyMap<string, ClusterNode>,
  daemonSets: readonly PodNeeds[],
  now: number,
): PoolState {
  const { groups, policy } = pool;
  const members = membersOf(groups, nodeByInstance, now, policy.joinWithin);
  const states = groups.map((group): GroupState => {
    const own = members.filter((member) => member.group === group);
    const template = templateOf(group, pool, members, daemonSets);
    const unitsPerNode = template?.units ?? 1;
    return {
      group,
      members: own,
      template,
      unitsPerNode,
      ordered: Math.ceil(shortfall(group, own) / unitsPerNode),
      limits: limitsFor(group, policy),
      backoff: backoffReason(group, own, now, policy),
      busy: group.busy === undefined ? undefined : `${group.name}: ${group.busy}`,
    };
  });
  return {
    pool,
    now,
    bounds: boundsAt(policy, groups, now),
    members,
    groups: states,
    size: members.filter(isPresent).length + states.reduce((sum, { ordered }) => sum + ordered, 0),
  };
}

export const membersWithStatus = (
  { members }: Pick<PoolState, "members">,
  ...statuses: readonly NodeStatus[]
): Member[] => members.filter(({ status }) => statuses.includes(status));

/** The size when all that is under way is done. */
export const targetSize = ({ size, members }: PoolState): number =>
  size - members.filter(isOnItsWayOut).length;

/** What a new node offers beside its DaemonSets. */
export const capacityOf = ({ allocatable, daemons }: Template): Resources => subtract(allocatable, daemons);

/** The zones of a group by the nodes they will have when all drains are done; orders not launched yet left out. */
export const zonesOf = ({ group, members }: GroupState): ZoneSizes =>
  new ZoneSizes(
    group.zones,
    members.filter((member) => isPresent(member) && member.status !== "draining").map(({ zone }) => zone),
  );
