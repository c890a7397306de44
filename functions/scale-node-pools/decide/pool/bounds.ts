import { minNodesAt } from "../../../../shared/node-pools/min-nodes.ts";
import type { NodePool } from "../../../../shared/node-pools/policy.ts";
import { isOpen } from "../../../../shared/time/windows.ts";
import type { Group } from "../../model/cluster.ts";

/** How many nodes a pool may have now. */
export interface Bounds {
  readonly min: number;
  readonly max: number;
  /** The time window they come from, as it is written in the config. */
  readonly window: string | undefined;
}

/**
 * The first time window that is open, over the pool's own bounds, over its groups'. The groups' bounds hold in
 * any case: AWS refuses what is outside of them.
 */
export function boundsAt(
  policy: Pick<NodePool, "windows" | "min" | "max">,
  groups: readonly Group[],
  now: number,
): Bounds {
  const open = policy.windows.find(({ during }) => isOpen(during, now));
  const atLeast = minNodesAt(policy, now);
  const atMost = open?.desired ?? open?.max ?? policy.max ?? sum(groups, "max");
  return { min: atLeast, max: Math.max(atLeast, atMost), window: open?.during.text };
}

const sum = (groups: readonly Group[], bound: "min" | "max"): number =>
  groups.reduce((total, group) => total + group[bound], 0);
