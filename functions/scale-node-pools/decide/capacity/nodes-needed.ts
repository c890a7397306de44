import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { add, NOTHING, type Totals, within } from "./totals.ts";

/**
 * The smallest number of nodes that keeps every requested resource at or below `percent` percent of the nodes'
 * capacity: as many of the present ones as it takes, largest first, then new ones. Undefined when new
 * nodes are needed and have no capacity (DaemonSets fill them, or their shape is not known).
 *
 * @param present the capacity of each present node beside its DaemonSets
 * @param each the capacity of a new node
 */
export function nodesNeeded(
  requests: Totals,
  present: readonly Resources[],
  each: Resources | undefined,
  percent: number,
): number | undefined {
  let capacity = NOTHING;
  let count = 0;
  for (const node of [...present].sort(largestFirst)) {
    if (within(requests, capacity, percent)) return count;
    capacity = add(capacity, node);
    count++;
  }
  if (within(requests, capacity, percent)) return count;
  const more = each && newNodes(requests, capacity, each, percent);
  return more === undefined ? undefined : count + more;
}

/** How many nodes of one shape bring `requests` to at most `percent` percent of `capacity` and theirs. */
function newNodes(requests: Totals, capacity: Totals, each: Resources, percent: number): number | undefined {
  let most = 0n;
  for (const resource of ["milliCpu", "memory", "pods"] as const) {
    const missing = requests[resource] * 100n - capacity[resource] * BigInt(percent);
    if (missing <= 0n) continue;
    const usable = BigInt(each[resource]) * BigInt(percent);
    if (usable <= 0n) return undefined;
    const nodes = (missing + usable - 1n) / usable;
    if (nodes > most) most = nodes;
  }
  return Number(most);
}

const largestFirst = (a: Resources, b: Resources): number =>
  b.milliCpu - a.milliCpu || b.memory - a.memory || b.pods - a.pods;
