import type { NodeCount } from "./policy.ts";

/** A number of nodes, of `size`: a share is rounded down, but is one node at least unless it is 0 %. */
export function nodesOf(count: NodeCount, size: number): number {
  if ("count" in count) return count.count;
  return count.percent === 0 ? 0 : Math.max(1, Math.floor((size * count.percent) / 100));
}
