import type { KubernetesApi } from "../../../shared/kubernetes/api/api.ts";
import { describeGroups } from "../../../shared/node-pools/auto-scaling-groups.ts";
import { clusterOf, type NamedPool, namedPools } from "../../../shared/node-pools/policy.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { memberships } from "./auto-scaling-groups.ts";

/** The pool that has this Auto Scaling group; a managed node group's own group says so by its tags. */
export async function poolOfGroup(
  deps: Pick<Dependencies, "autoScaling" | "pools">,
  group: string,
  signal: AbortSignal,
): Promise<NamedPool | undefined> {
  const pools = namedPools(deps.pools);
  const named = pools.find(({ policy }) => policy.autoScalingGroups?.includes(group));
  if (named || !pools.some(({ policy }) => policy.managedNodeGroup)) return named;
  const found = (await describeGroups(deps.autoScaling, [group], signal)).get(group);
  const tags = new Map(found?.Tags?.map(({ Key, Value }) => [Key, Value]));
  return pools.find(
    ({ policy: { managedNodeGroup } }) =>
      managedNodeGroup !== undefined &&
      managedNodeGroup.cluster === tags.get("eks:cluster-name") &&
      managedNodeGroup.name === tags.get("eks:nodegroup-name"),
  );
}

/** The pool that has this instance, through its Auto Scaling group or its Spot Fleet. */
export async function poolOfInstance(
  deps: Pick<Dependencies, "autoScaling" | "pools" | "spotFleets">,
  instanceId: string,
  signal: AbortSignal,
): Promise<NamedPool | undefined> {
  const membership = (await memberships(deps.autoScaling, [instanceId], signal)).get(instanceId);
  if (membership) return poolOfGroup(deps, membership.group, signal);
  const fleets = namedPools(deps.pools).filter(({ policy }) => policy.spotFleet !== undefined);
  if (fleets.length === 0) return undefined;
  const instance = await (await deps.spotFleets()).instance(instanceId, signal);
  return fleets.find(({ policy }) => policy.spotFleet === instance?.fleet);
}

/** Whose an instance is. */
export interface Ownership {
  /**
   * `own` of this pool, `foreign` when another pool or nobody of ours has it, `gone` when AWS has it in no group any
   * more. What a mark or an order says is believed only when it is `own` or `gone`.
   */
  readonly owner: "own" | "foreign" | "gone";
  /** AWS's word for its state in its Auto Scaling group; undefined when it is in none. */
  readonly lifecycleState?: string;
}

/** What AWS says of an instance that a mark or an order of this pool names. */
export async function ownerOf(
  instanceId: string,
  { name, policy }: NamedPool,
  deps: Pick<Dependencies, "autoScaling" | "pools" | "spotFleets">,
  signal: AbortSignal,
): Promise<Ownership> {
  const membership = (await memberships(deps.autoScaling, [instanceId], signal)).get(instanceId);
  if (membership) {
    const owner = await poolOfGroup(deps, membership.group, signal);
    const { lifecycleState } = membership;
    return { owner: owner?.name === name ? "own" : "foreign", lifecycleState };
  }
  if (policy.spotFleet === undefined) return { owner: "gone" };
  const instance = await (await deps.spotFleets()).instance(instanceId, signal);
  if (!instance) return { owner: "gone" };
  return { owner: instance.fleet === policy.spotFleet ? "own" : "foreign" };
}

/** The cluster a pool's nodes are in; undefined for a pool that is sized from metrics: nothing can be drained. */
export async function clusterApi(
  deps: Pick<Dependencies, "clusters">,
  { policy }: NamedPool,
  signal: AbortSignal,
): Promise<KubernetesApi | undefined> {
  const cluster = clusterOf(policy);
  return cluster === undefined ? undefined : deps.clusters(cluster, signal);
}
