import type { PodShape } from "../../model/cluster.ts";
import { capacityOfTemplate } from "../capacity/node-capacity.ts";
import type { PoolState } from "../pool/pool-state.ts";

/**
 * Pools in the order in which they are asked for a node for such a pod: by priority, least waste, price, place in the
 * config. A configured price goes before the one AWS asks for Spot.
 */
export const poolsInOrder = <T extends { readonly state: PoolState }>(
  pools: readonly T[],
  shape: PodShape,
): T[] =>
  pools
    .map((pool) => {
      const { policy, spotPrice } = pool.state.pool;
      const spot = spotPrice && "perHour" in spotPrice ? spotPrice.perHour : Number.MAX_VALUE;
      const { priority, pricePerHour = spot } = policy;
      return { pool, priority, waste: wasteOf(pool.state, shape), pricePerHour };
    })
    .sort((a, b) => b.priority - a.priority || a.waste - b.waste || a.pricePerHour - b.pricePerHour)
    .map(({ pool }) => pool);

/**
 * The share of a new node, in percent, that such pods would leave unused if nothing else came: the average over CPU,
 * memory and each extended resource the node has. A GPU that nobody asks for is wasted whole.
 */
export function wasteOf({ groups }: PoolState, { requirements: { requests } }: PodShape): number {
  const template = groups.find(({ template }) => template)?.template;
  if (!template) return 100;
  const { allocatable } = template;
  const free = capacityOfTemplate(template);
  const extended = Object.entries(allocatable.extended ?? {}).map(([name, has]) => ({
    has,
    free: free.extended?.[name] ?? 0,
    asks: requests.extended?.[name] ?? 0,
  }));
  const resources = [
    { has: allocatable.milliCpu, free: free.milliCpu, asks: requests.milliCpu },
    { has: allocatable.memory, free: free.memory, asks: requests.memory },
    ...extended,
  ].filter(({ has }) => has > 0);
  const pods = resources.reduce(
    (most, { free, asks }) => (asks > 0 ? Math.min(most, Math.floor(free / asks)) : most),
    free.pods,
  );
  const unused = resources.map(({ has, asks }) => 1 - Math.min(1, (pods * asks) / has));
  return Math.round((100 * unused.reduce((sum, share) => sum + share, 0)) / unused.length);
}
