import { clusterOf } from "../../../../shared/node-pools/policy.ts";
import type { Group, Pool, SpotPrice } from "../../model/cluster.ts";
import type { Dependencies } from "../../run/dependencies.ts";

type MarketDependencies = Pick<Dependencies, "launchTypes" | "pools" | "spotPrices">;

/** The pool with what AWS may launch for it, where it chooses among several types, and what Spot costs, where pools compete. */
export async function withMarket(
  pool: Pool,
  deps: MarketDependencies,
  now: number,
  signal: AbortSignal,
): Promise<Pool> {
  const [groups, spotPrice] = await Promise.all([
    Promise.all(pool.groups.map((group) => withTypes(group, deps, signal))),
    spotPriceOf(pool, deps, now, signal),
  ]);
  return { ...pool, groups, ...(spotPrice && { spotPrice }) };
}

async function withTypes(group: Group, deps: MarketDependencies, signal: AbortSignal): Promise<Group> {
  const { launches } = group;
  if (!launches || launches.instanceTypes.length < 2) return group;
  return { ...group, launchTypes: await (await deps.launchTypes()).of(launches, signal) };
}

/** The highest of its groups' prices; asked only where it decides between this pool and another of the cluster. */
async function spotPriceOf(
  { policy, groups }: Pool,
  deps: MarketDependencies,
  now: number,
  signal: AbortSignal,
): Promise<SpotPrice | undefined> {
  const cluster = clusterOf(policy);
  const rivals = Object.values(deps.pools).filter((other) => clusterOf(other) === cluster);
  const mayBeSpot = groups.some(({ launches }) => launches && launches.market !== "on-demand");
  if (cluster === undefined || rivals.length < 2 || policy.pricePerHour !== undefined || !mayBeSpot)
    return undefined;
  const prices = await deps.spotPrices();
  const found = await Promise.all(groups.map((group) => prices.of(group, now, signal)));
  const known = found.flatMap((price) => (price && "perHour" in price ? [price.perHour] : []));
  return known.length > 0 ? { perHour: Math.max(...known) } : found.find((price) => price !== undefined);
}
