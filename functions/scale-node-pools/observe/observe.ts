import { asFailure } from "../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api.ts";
import { Misconfigured, type ReflexError } from "../../../shared/lambda/errors.ts";
import type { History } from "../../../shared/ledger/entry.ts";
import { describeGroups } from "../../../shared/node-pools/auto-scaling-groups.ts";
import { clusterOf, type NodePool } from "../../../shared/node-pools/policy.ts";
import type { Cluster, Group, Pool, Reserved } from "../model/cluster.ts";
import { type Dependencies, resourceOf } from "../run/dependencies.ts";
import { recentActivity, toGroup } from "./auto-scaling-groups.ts";
import { observeCluster } from "./cluster.ts";
import { reservedOf } from "./container-insights.ts";
import { describeManaged, groupNamesOf, toManagedGroup } from "./managed-node-groups.ts";
import { readFleet } from "./spot-fleets.ts";

const DAY = 24 * 3_600_000;

/** One pool as it was seen, with its ledger. */
export interface ObservedPool {
  readonly pool: Pool;
  readonly history: History;
}

/** Pools that are decided together, because they share a cluster. */
export interface ClusterObservation {
  readonly api: KubernetesApi;
  readonly cluster: Cluster;
  readonly pools: readonly ObservedPool[];
}

/** A pool that is known by metrics only. */
export interface MetricsObservation {
  readonly seen: ObservedPool;
  readonly reserved: Reserved | undefined;
}

export interface Observations {
  readonly clusters: readonly ClusterObservation[];
  readonly byMetrics: readonly MetricsObservation[];
  /** By pool. A pool that cannot be seen leaves the others alone. */
  readonly failures: ReadonlyMap<string, ReflexError>;
}

/**
 * Looks at pools, all side by side: first their ledgers, then their groups and each cluster once, whose lists do
 * not wait for AWS's.
 *
 * The ledger first, because what another run does after it was read keeps this one from acting (`Ledger.begin`).
 * Read beside the groups, it can show an order as done that the groups did not show yet: the same nodes would be
 * ordered twice.
 */
export async function observe(
  names: readonly string[],
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<Observations> {
  const configured = names.flatMap((name) => {
    const policy = deps.pools[name];
    return policy ? [{ name, policy }] : [];
  });
  const failures = new Map<string, ReflexError>();
  const ledgers = configured.map(({ name, policy }) => ({
    name,
    policy,
    reading: deps.ledger.history(resourceOf(name), now - DAY, signal),
  }));
  const allRead = Promise.allSettled(ledgers.map(({ reading }) => reading));
  const seen = Promise.all(
    ledgers.map(({ name, policy, reading }) =>
      seePool(name, policy, reading, deps, now, signal).catch((error: unknown) => {
        failures.set(name, asFailure(error, "observe", resourceOf(name)));
        return undefined;
      }),
    ),
  ).then((all) => all.filter((one) => one !== undefined));

  const clusterNames = [...new Set(configured.flatMap(({ policy }) => clusterOf(policy) ?? []))];
  const insights = [...new Set(configured.flatMap(({ policy }) => policy.containerInsights ?? []))];
  const [clusters, reserved] = await Promise.all([
    Promise.all(clusterNames.map((name) => seeCluster(name, allRead, seen, deps, signal))),
    seeReserved(insights, deps, now, signal),
  ]);
  const pools = await seen;
  for (const { name, failure } of clusters) {
    for (const { pool } of pools)
      if (failure && clusterOf(pool.policy) === name) failures.set(pool.name, failure);
  }
  for (const { pool } of pools) {
    if (reserved.failure && clusterOf(pool.policy) === undefined) failures.set(pool.name, reserved.failure);
  }
  return {
    clusters: clusters.flatMap(({ name, api, cluster }) =>
      api && cluster
        ? [{ api, cluster, pools: pools.filter(({ pool }) => clusterOf(pool.policy) === name) }]
        : [],
    ),
    byMetrics: reserved.failure
      ? []
      : pools
          .filter(({ pool }) => clusterOf(pool.policy) === undefined)
          .map((one) => ({
            seen: one,
            reserved: reserved.found.get(one.pool.policy.containerInsights ?? ""),
          })),
    failures,
  };
}

async function seePool(
  name: string,
  policy: NodePool,
  reading: Promise<History>,
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<ObservedPool> {
  const history = await reading;
  const [groups, memory] = await Promise.all([
    groupsOf(name, policy, deps, now, signal),
    deps.poolStatuses.read(resourceOf(name), signal),
  ]);
  refuseSharedZones(name, groups);
  return { pool: { name, policy, groups, memory, lastScaleOutAt: lastScaleOutAt(history) }, history };
}

/** An intent to grow whose outcome is not known yet counts: it may well have been carried out. */
const lastScaleOutAt = ({ pending, lastScaleOut }: History): number | undefined =>
  pending?.direction === "out" ? pending.at : lastScaleOut;

async function groupsOf(
  pool: string,
  { autoScalingGroups, managedNodeGroup, spotFleet, joinWithin, passOverFailed }: NodePool,
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<Group[]> {
  if (spotFleet !== undefined)
    return [await readFleet(await deps.spotFleets(), spotFleet, pool, now, signal)];
  const nodegroup = managedNodeGroup && (await describeManaged(deps.eks, managedNodeGroup, pool, signal));
  const names = nodegroup ? groupNamesOf(nodegroup) : (autoScalingGroups ?? []);
  const since = now - Math.max(joinWithin, passOverFailed);
  const [groups, lately] = await Promise.all([
    describeGroups(deps.autoScaling, names, signal),
    // A group that does not exist is an error to these calls; that it does not is for us to say.
    Promise.allSettled(names.map((name) => recentActivity(deps.autoScaling, name, since, signal))),
  ]);
  return names.flatMap((name, index) => {
    const group = groups.get(name);
    const happened = lately[index];
    if (!group || !happened) throw noSuchGroup(name, pool);
    if (happened.status === "rejected") throw happened.reason;
    return [nodegroup ? toManagedGroup(nodegroup, group, happened.value) : toGroup(group, happened.value)];
  });
}

const noSuchGroup = (name: string, pool: string): Misconfigured =>
  new Misconfigured(
    `there is no Auto Scaling group "${name}" in this region: correct nodePools.${pool}; nothing was done for this pool`,
    { call: "autoscaling:DescribeAutoScalingGroups", resource: resourceOf(pool) },
  );

/** Groups that are one pool must have zones of their own: which of two should grow in the same zone is anyone's guess. */
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

async function seeCluster(
  name: string,
  ledgersRead: Promise<unknown>,
  seen: Promise<readonly ObservedPool[]>,
  deps: Dependencies,
  signal: AbortSignal,
): Promise<{
  readonly name: string;
  readonly api?: KubernetesApi;
  readonly cluster?: Cluster;
  readonly failure?: ReflexError;
}> {
  try {
    const [api] = await Promise.all([deps.clusters(name, signal), ledgersRead]);
    const policyOf = seen.then((pools) => {
      const policies = new Map<string, NodePool>();
      for (const { pool } of pools) {
        for (const { instances } of pool.groups)
          for (const { id } of instances) policies.set(id, pool.policy);
      }
      return policies;
    });
    return { name, api, cluster: await observeCluster(api, policyOf, signal) };
  } catch (error) {
    return { name, failure: asFailure(error, "observe", `cluster/${name}`) };
  }
}

async function seeReserved(
  clusters: readonly string[],
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<{ readonly found: ReadonlyMap<string, Reserved>; readonly failure?: ReflexError }> {
  if (clusters.length === 0) return { found: new Map() };
  try {
    return { found: await reservedOf(deps.cloudwatch, clusters, now, signal) };
  } catch (error) {
    return { found: new Map(), failure: asFailure(error, "observe", clusters.join(", ")) };
  }
}
