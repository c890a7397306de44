import type { Resources } from "../../../../shared/kubernetes/resources.ts";
import { add, NOTHING, type Totals, within } from "./totals.ts";

/**
 * The smallest number of nodes that keeps every requested resource at or below `percent` percent of what the
 * nodes offer: as many of the present ones as it takes, largest first, then new ones. Undefined when new
 * nodes are needed and offer nothing (DaemonSets fill them, or their shape is not known).
 *
 * @param present what each present node offers beside its DaemonSets
 * @param each what a new node would offer
 */
export function nodesNeeded(
  load: Totals,
  present: readonly Resources[],
  each: Resources | undefined,
  percent: number,
): number | undefined {
  let capacity = NOTHING;
  let count = 0;
  for (const offer of [...present].sort(largestFirst)) {
    if (within(load, capacity, percent)) return count;
    capacity = add(capacity, offer);
    count++;
  }
  if (within(load, capacity, percent)) return count;
  const more = each && newNodes(load, capacity, each, percent);
  return more === undefined ? undefined : count + more;
}

/** How many nodes of one shape bring `load` to at most `percent` percent of `capacity` and theirs. */
function newNodes(load: Totals, capacity: Totals, each: Resources, percent: number): number | undefined {
  let most = 0n;
  for (const resource of ["milliCpu", "memory", "pods"] as const) {
    const missing = load[resource] * 100n - capacity[resource] * BigInt(percent);
    if (missing <= 0n) continue;
    const offer = BigInt(each[resource]) * BigInt(percent);
    if (offer <= 0n) return undefined;
    const nodes = (missing + offer - 1n) / offer;
    if (nodes > most) most = nodes;
  }
  return Number(most);
}

const largestFirst = (a: Resources, b: Resources): number =>
  b.milliCpu - a.milliCpu || b.memory - a.memory || b.pods - a.pods;
