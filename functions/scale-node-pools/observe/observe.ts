import { asFailure } from "../../../shared/aws/failure.ts";
import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import type { ReflexError } from "../../../shared/lambda/errors.ts";
import { clusterOf, type NodePool } from "../../../shared/node-pools/policy.ts";
import type { Cluster, ClusterNode, ReservedCapacity } from "../model/cluster.ts";
import { type Dependencies, resourceOf } from "../run/dependencies.ts";
import { observeCluster } from "./cluster.ts";
import { readReservedCapacity } from "./container-insights.ts";
import { withMarket } from "./launches/launch-market.ts";
import { type ObservedPool, observePool, type PoolWithHistory } from "./pool.ts";

const DAY_MS = 24 * 3_600_000;

/** Pools that are decided together, because they share a cluster. */
export interface ClusterObservation {
  readonly api: KubernetesApi;
  readonly cluster: Cluster;
  readonly pools: readonly ObservedPool[];
}

/** A pool that is sized from metrics. */
export interface MetricsObservation {
  readonly observed: ObservedPool;
  readonly reserved: ReservedCapacity | undefined;
}

export interface Observations {
  readonly clusters: readonly ClusterObservation[];
  readonly byMetrics: readonly MetricsObservation[];
  /** By pool. A pool that cannot be observed leaves the others alone. */
  readonly failures: ReadonlyMap<string, ReflexError>;
}

/**
 * Observes pools, all side by side: first their ledgers, then their groups and each cluster once, whose lists do
 * not wait for AWS's.
 *
 * The ledger first, because what another run does after it was read keeps this one from acting (`Ledger.begin`).
 * Read beside the groups, it can show a change as applied that the groups did not show yet: the same nodes would be
 * launched twice.
 */
export async function observe(
  names: readonly string[],
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<Observations> {
  const configured = names.flatMap((name): PoolWithHistory[] => {
    const policy = deps.pools[name];
    return policy
      ? [{ name, policy, history: deps.ledger.history(resourceOf(name), now - DAY_MS, signal) }]
      : [];
  });
  const ledgersRead = Promise.allSettled(configured.map(({ history }) => history));
  const pools = Promise.all(configured.map((pool) => tryPool(pool, deps, now, signal)));
  const observedPools = pools.then((all) => all.flatMap((one) => one.observed ?? []));

  const clusterNames = new Set(configured.flatMap(({ policy }) => clusterOf(policy) ?? []));
  const insights = new Set(configured.flatMap(({ policy }) => policy.containerInsights ?? []));
  const [read, clusters, insightsRead] = await Promise.all([
    pools,
    Promise.all([...clusterNames].map((name) => tryCluster(name, ledgersRead, observedPools, deps, signal))),
    tryContainerInsights([...insights], deps, now, signal),
  ]);
  const nodes = new Map(clusters.map(({ name, seen }) => [name, seen?.cluster.nodes ?? []]));
  const triedPools = await Promise.all(
    read.map((pool) => withLaunchTypes(pool, nodes.get(clusterOf(pool.policy) ?? "") ?? [], deps, signal)),
  );
  return {
    clusters: clusters.flatMap(({ name, seen }) =>
      seen ? [{ ...seen, pools: poolsOf(triedPools, (policy) => clusterOf(policy) === name) }] : [],
    ),
    byMetrics: insightsRead.failure
      ? []
      : poolsOf(triedPools, (policy) => clusterOf(policy) === undefined).map((observed) => ({
          observed,
          reserved: insightsRead.found.get(observed.pool.policy.containerInsights ?? ""),
        })),
    failures: failuresOf(triedPools, clusters, insightsRead.failure),
  };
}

interface TriedPool {
  readonly name: string;
  readonly policy: NodePool;
  readonly observed?: ObservedPool;
  readonly failure?: ReflexError;
}

const poolsOf = (pools: readonly TriedPool[], takes: (policy: NodePool) => boolean): ObservedPool[] =>
  pools.flatMap(({ policy, observed }) => (observed && takes(policy) ? [observed] : []));

/** A pool fails for itself, for its cluster, or for the metrics it is sized from. */
function failuresOf(
  pools: readonly TriedPool[],
  clusters: readonly TriedCluster[],
  insights: ReflexError | undefined,
): Map<string, ReflexError> {
  const ofCluster = new Map(clusters.map(({ name, failure }) => [name, failure]));
  return new Map(
    pools.flatMap(({ name, policy, failure }) => {
      const cluster = clusterOf(policy);
      const first = failure ?? (cluster === undefined ? insights : ofCluster.get(cluster));
      return first ? [[name, first] as const] : [];
    }),
  );
}

async function tryPool(
  pool: PoolWithHistory,
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<TriedPool> {
  const { name, policy } = pool;
  try {
    const observed = await observePool(pool, deps, now, signal);
    return {
      name,
      policy,
      observed: { ...observed, pool: await withMarket(observed.pool, deps, now, signal) },
    };
  } catch (error) {
    return { name, policy, failure: asFailure(error, "observe", resourceOf(name)) };
  }
}

/** Of a pool without a node, past or present, that the config does not describe either, its groups' instance types say it. */
async function withLaunchTypes(
  tried: TriedPool,
  nodes: readonly ClusterNode[],
  deps: Pick<Dependencies, "launchTypes">,
  signal: AbortSignal,
): Promise<TriedPool> {
  const { observed, policy, name } = tried;
  if (!observed || policy.nodeShape || policy.containerInsights !== undefined) return tried;
  const { groups, status } = observed.pool;
  const instances = new Set(groups.flatMap((group) => group.instances.map(({ id }) => id)));
  if (status.shape || nodes.some(({ instanceId }) => instances.has(instanceId ?? ""))) return tried;
  try {
    const described = await Promise.all(
      groups.map(async (group) => {
        if (!group.launches) return group;
        const launchTypes = await (await deps.launchTypes()).of(group.launches, signal);
        return { ...group, launchTypes };
      }),
    );
    return { ...tried, observed: { ...observed, pool: { ...observed.pool, groups: described } } };
  } catch (error) {
    return { name, policy, failure: asFailure(error, "observe", resourceOf(name)) };
  }
}

interface TriedCluster {
  readonly name: string;
  readonly seen?: { readonly api: KubernetesApi; readonly cluster: Cluster };
  readonly failure?: ReflexError;
}

async function tryCluster(
  name: string,
  ledgersRead: Promise<unknown>,
  pools: Promise<readonly ObservedPool[]>,
  deps: Dependencies,
  signal: AbortSignal,
): Promise<TriedCluster> {
  try {
    const [api] = await Promise.all([deps.clusters(name, signal), ledgersRead]);
    const cluster = await observeCluster(api, pools.then(policyByInstance), signal);
    return { name, seen: { api, cluster } };
  } catch (error) {
    return { name, failure: asFailure(error, "observe", `cluster/${name}`) };
  }
}

const policyByInstance = (pools: readonly ObservedPool[]): Map<string, NodePool> =>
  new Map(
    pools.flatMap(({ pool }) =>
      pool.groups.flatMap(({ instances }) => instances.map(({ id }) => [id, pool.policy] as const)),
    ),
  );

async function tryContainerInsights(
  clusters: readonly string[],
  deps: Dependencies,
  now: number,
  signal: AbortSignal,
): Promise<{ readonly found: ReadonlyMap<string, ReservedCapacity>; readonly failure?: ReflexError }> {
  if (clusters.length === 0) return { found: new Map() };
  try {
    return { found: await readReservedCapacity(await deps.cloudwatch(), clusters, now, signal) };
  } catch (error) {
    return { found: new Map(), failure: asFailure(error, "observe", clusters.join(", ")) };
  }
}
