import type { ClusterNode, DaemonSet, Group, Pool } from "../../model/cluster.ts";
import type { GroupLimits } from "../../model/decision.ts";
import type { GroupStatus, PoolStatus } from "../../model/pool-status.ts";
import { type GroupCode, type Reason, reason } from "../../model/reason.ts";
import { type NodeTemplate, templateOf } from "../capacity/node-template.ts";
import { backoffOf, shortfall } from "./backoff.ts";
import { type Bounds, boundsAt } from "./bounds.ts";
import { limitsFor } from "./group-limits.ts";
import { isBeingRemoved, isPresent, type Member, membersOf, type NodeStatus } from "./members.ts";
import { Startup } from "./startup.ts";
import { ZoneSizes } from "./zone-counts.ts";

/** One group, as far as its size is decided on. */
export interface GroupState {
  readonly group: Group;
  readonly members: readonly Member[];
  readonly template: NodeTemplate | undefined;
  /** Capacity units of a new node. */
  readonly unitsPerNode: number;
  /** Nodes that the desired size asks for and AWS has not launched yet. */
  readonly unlaunched: number;
  /** The limits it has, or is to have. */
  readonly limits: GroupLimits;
  /** Why nothing more is expected of it for a while. */
  readonly backoff: Reason<GroupCode> | undefined;
  /** When that is over, ms since the epoch; undefined where nobody knows. */
  readonly backoffUntil: number | undefined;
  /** What to record of it for the next run. */
  readonly status: GroupStatus | undefined;
  /** Why its size cannot be changed now, although what it was asked for will come. */
  readonly busy: Reason<"group-busy"> | undefined;
}

/** A pool as it stands: what all decisions about it start from. */
export interface PoolState {
  readonly pool: Pool;
  /** ms since the epoch. */
  readonly now: number;
  readonly bounds: Bounds;
  readonly members: readonly Member[];
  readonly groups: readonly GroupState[];
  readonly startup: Startup;
  /** Nodes that are there and nodes that AWS still launches. */
  readonly size: number;
}

export function poolState(
  pool: Pool,
  nodeByInstance: ReadonlyMap<string, ClusterNode>,
  daemonSets: readonly DaemonSet[],
  now: number,
): PoolState {
  const { groups, policy } = pool;
  const nodes = groups.flatMap(({ name, instances }) =>
    instances.flatMap(({ id, launchedAt }) => {
      const node = nodeByInstance.get(id);
      return node ? [{ node, group: name, launchedAt }] : [];
    }),
  );
  const startup = new Startup(pool, nodes, now);
  const unjoined = new Set(Object.keys(pool.status.unjoined ?? {}));
  const members = membersOf(groups, nodeByInstance, now, policy.joinWithin, startup);
  const states = groups.map((group): GroupState => {
    const own = members.filter((member) => member.group === group);
    const template = templateOf(group, pool, members, startup, daemonSets);
    const unitsPerNode = template?.units ?? 1;
    const last = pool.status.groups?.[group.name];
    const backoff = backoffOf(group, own, last, unjoined, startup, now, policy);
    return {
      group,
      members: own,
      template,
      unitsPerNode,
      unlaunched: Math.ceil(shortfall(group, own) / unitsPerNode),
      limits: limitsFor(group, policy),
      backoff: backoff.reason,
      backoffUntil: backoff.until,
      status: backoff.status,
      busy: group.busy === undefined ? undefined : reason("group-busy", `${group.name}: ${group.busy}`),
    };
  });
  return {
    pool,
    now,
    bounds: boundsAt(policy, groups, now),
    members,
    startup,
    groups: states,
    size: members.filter(isPresent).length + states.reduce((sum, { unlaunched }) => sum + unlaunched, 0),
  };
}

export const membersWithStatus = (
  { members }: Pick<PoolState, "members">,
  ...statuses: readonly NodeStatus[]
): Member[] => members.filter(({ status }) => statuses.includes(status));

/** What to record of its groups for the next run; undefined when all of them are well. */
export function groupStatuses({ groups }: PoolState): PoolStatus["groups"] {
  const known = groups.flatMap(({ group, status }) => (status ? [[group.name, status] as const] : []));
  return known.length > 0 ? Object.fromEntries(known) : undefined;
}

/** The size when all that is under way is done. */
export const targetSize = ({ size, members }: PoolState): number =>
  size - members.filter(isBeingRemoved).length;

/** The same without what groups in back-off were asked for: nobody knows when AWS launches that. */
export const expectedSize = (state: PoolState): number =>
  targetSize(state) -
  state.groups.reduce((sum, { backoff, unlaunched }) => sum + (backoff === undefined ? 0 : unlaunched), 0);

/** The zones of a group by the nodes they will have when all drains are done, without unlaunched ones. */
export const zonesOf = ({ group, members }: GroupState): ZoneSizes =>
  new ZoneSizes(
    group.zones,
    members.filter((member) => isPresent(member) && member.status !== "draining").map(({ zone }) => zone),
  );
