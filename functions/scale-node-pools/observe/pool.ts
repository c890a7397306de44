import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import { describeGroups } from "../../../shared/node-pools/auto-scaling-groups.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { Group, Pool } from "../model/cluster.ts";
import { type Dependencies, resourceOf } from "../run/dependencies.ts";
import { recentActivity, toGroup } from "./auto-scaling-groups.ts";
import { describeManaged, groupNamesOf, toManagedGroup } from "./managed-node-groups.ts";
import { readFleet } from "./spot-fleets.ts";

/** One pool as it was observed, with its ledger. */
export interface ObservedPool {
  readonly pool: Pool;
  readonly history: History;
}

/** A pool of the config, with its ledger, which was read first. */
export interface PoolWithHistory {
  readonly name: string;
  readonly policy: NodePool;
  readonly history: Promise<History>;
}

/** Reads the groups of a pool and what earlier runs recorded. */
export async function observePool(
  { name, policy, history: reading }: PoolWithHistory,
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<ObservedPool> {
  const history = await reading;
  const [groups, status] = await Promise.all([
    readGroups(name, policy, deps, now, signal),
    deps.poolStatuses.read(resourceOf(name), signal),
  ]);
  refuseSharedZones(name, groups);
  const { lastScaleIn: lastScaleInAt } = history;
  const pool = { name, policy, groups, status, lastScaleOutAt: lastScaleOutAt(history), lastScaleInAt };
  return { pool, history };
}

/** An intent to scale out whose outcome is not known yet counts: it may well have been carried out. */
const lastScaleOutAt = ({ pending, lastScaleOut }: History): number | undefined =>
  pending?.direction === "out" ? pending.at : lastScaleOut;

async function readGroups(
  pool: string,
  policy: NodePool,
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<Group[]> {
  const { autoScalingGroups, managedNodeGroup, spotFleet } = policy;
  if (spotFleet !== undefined) {
    return [await readFleet(await deps.spotFleets(), spotFleet, pool, now, signal)];
  }
  const nodegroup = managedNodeGroup && (await describeManaged(deps.eks, managedNodeGroup, pool, signal));
  const names = nodegroup ? groupNamesOf(nodegroup) : (autoScalingGroups ?? []);
  const since = now - lookBackMs(policy);
  const [groups, activities] = await Promise.all([
    describeGroups(deps.autoScaling, names, signal),
    // A group that does not exist is an error to these calls; that it does not is for us to say.
    Promise.allSettled(names.map((name) => recentActivity(deps.autoScaling, name, since, signal))),
  ]);
  return names.map((name, index) => {
    const group = groups.get(name);
    const activity = activities[index];
    if (!group || !activity) throw noSuchGroup(name, pool);
    if (activity.status === "rejected") throw activity.reason;
    return nodegroup ? toManagedGroup(nodegroup, group, activity.value) : toGroup(group, activity.value);
  });
}

/** Launches are of interest until their instance is due to be terminated for not joining, failures during the back-off. */
const lookBackMs = ({ joinWithin, launchBackoff, terminateUnjoinedAfter }: NodePool): number =>
  Math.max(joinWithin * (terminateUnjoinedAfter + 1), launchBackoff);

const noSuchGroup = (name: string, pool: string): Misconfigured =>
  new Misconfigured(
    `there is no Auto Scaling group "${name}" in this region: correct nodePools.${pool}; nothing was done for this pool`,
    { call: "autoscaling:DescribeAutoScalingGroups", resource: resourceOf(pool) },
  );

/** Groups of one pool must have zones of their own: which of two should grow in the same zone is anyone's guess. */
function refuseSharedZones(pool: string, groups: readonly Group[]): void {
  const owners = new Map<string, string>();
  for (const { name, zones } of groups) {
    for (const zone of zones) {
      const other = owners.get(zone);
      if (other !== undefined) {
        throw new Misconfigured(
          `nodePools.${pool}.autoScalingGroups: found ${other} and ${name} both in zone ${zone}, expected zones of its ` +
            "own for each group; nothing was done for this pool",
          { resource: resourceOf(pool) },
        );
      }
      owners.set(zone, name);
    }
  }
}
