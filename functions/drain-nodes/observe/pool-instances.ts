import type { NamedPool } from "../../../shared/node-pools/policy.ts";
import { unitsOf } from "../../../shared/node-pools/spot-fleet.ts";
import type { GroupState } from "../model/group.ts";
import type { Dependencies } from "../run/dependencies.ts";
import { groupStates, memberships } from "./auto-scaling-groups.ts";
import { poolOfGroup } from "./find-pool.ts";

/** A pool as AWS has it. */
export interface PoolInstances {
  /** Its Auto Scaling groups, by name; a pool of a Spot Fleet has none. */
  readonly groups: ReadonlyMap<string, GroupState>;
  readonly all: ReadonlySet<string>;
  /** Those that its desired size counts: launched, and not being terminated. */
  readonly present: ReadonlySet<string>;
  /** Its desired size, in nodes. */
  readonly size: number;
}

type PoolDependencies = Pick<Dependencies, "autoScaling" | "pools" | "spotFleets">;

/**
 * The instances and the size of a pool.
 *
 * @param instanceIds instances of the pool: a managed node group's own Auto Scaling group is the one that they are in
 */
export async function poolInstances(
  pool: NamedPool,
  instanceIds: readonly string[],
  signal: AbortSignal,
  deps: PoolDependencies,
): Promise<PoolInstances> {
  const { spotFleet } = pool.policy;
  if (spotFleet !== undefined) return fleetInstances(spotFleet, pool.name, signal, deps);
  const names = await groupNames(pool, instanceIds, signal, deps);
  const groups = await groupStates(deps.autoScaling, names, signal);
  const instances = [...groups.values()].flatMap((group) => group.instances);
  return {
    groups,
    all: new Set(instances.map(({ id }) => id)),
    present: new Set(instances.filter(isPresent).map(({ id }) => id)),
    size: [...groups.values()].reduce(
      (sum, { desired, instances: own }) =>
        sum +
        nodesAsked(
          desired,
          own.filter(isPresent).map(({ units }) => units),
        ),
      0,
    ),
  };
}

/** AWS's states of an instance that it has launched for good: not in standby, in a warm pool, or on its way out. */
const isPresent = ({ lifecycleState }: GroupState["instances"][number]): boolean =>
  !/^(Terminat|Detach|Quarantined|Warmed|EnteringStandby|Standby)/.test(lifecycleState);

/** A size in capacity units as a number of nodes: each counts for what the present ones do on average. */
function nodesAsked(desired: number, units: readonly number[]): number {
  const total = units.reduce((sum, each) => sum + each, 0);
  return total === 0 ? desired : Math.ceil((desired * units.length) / total);
}

async function groupNames(
  pool: NamedPool,
  instanceIds: readonly string[],
  signal: AbortSignal,
  deps: PoolDependencies,
): Promise<readonly string[]> {
  if (pool.policy.autoScalingGroups) return pool.policy.autoScalingGroups;
  const own = await memberships(deps.autoScaling, instanceIds, signal);
  const names = [...new Set([...own.values()].map(({ group }) => group))];
  const owners = await Promise.all(names.map((name) => poolOfGroup(deps, name, signal)));
  return names.filter((_, index) => owners[index]?.name === pool.name);
}

async function fleetInstances(
  fleet: string,
  pool: string,
  signal: AbortSignal,
  { spotFleets }: PoolDependencies,
): Promise<PoolInstances> {
  const fleets = await spotFleets();
  const [request, active] = await Promise.all([
    fleets.describe(fleet, pool, signal),
    fleets.activeInstances(fleet, signal),
  ]);
  const ids = new Set(active.map(({ id }) => id));
  const units = active.map(({ type }) => unitsOf(request, type));
  return { groups: new Map(), all: ids, present: ids, size: nodesAsked(request.target, units) };
}
