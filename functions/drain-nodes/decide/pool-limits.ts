import { disruptionLimit } from "../../../shared/node-pools/disruption-budget.ts";
import { minNodesAt } from "../../../shared/node-pools/min-nodes.ts";
import type { NodePool } from "../../../shared/node-pools/policy.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import type { PoolLimitCode } from "../model/drain.ts";

/** A pool with the drains that are under way in it, whatever began them. */
export interface PoolDrains {
  readonly policy: Pick<NodePool, "windows" | "min" | "disruptionBudgets">;
  /** Its desired size, in nodes: those that leave it are still counted. */
  readonly size: number;
  /** Instances that the pool gets smaller by when their drains are done. */
  readonly leaving: ReadonlySet<string>;
  /** Instances whose nodes are being drained, those that are replaced included. */
  readonly draining: ReadonlySet<string>;
  /** ms since the epoch. */
  readonly now: number;
}

/** Why no more node may leave the pool: its `min`, then its disruption budgets, over drains of every cause together. */
export function poolLimitReason(drains: PoolDrains): Reason<PoolLimitCode> | undefined {
  return poolMinReason(drains) ?? disruptionReason(drains);
}

/** Why the pool must not get smaller by one more node. */
export function poolMinReason({
  policy,
  size,
  leaving,
  now,
}: Omit<PoolDrains, "draining">): Reason<"pool-at-min"> | undefined {
  const min = minNodesAt(policy, now);
  if (size - leaving.size > min) return undefined;
  const text = `the pool would fall below its min of ${min} (size ${size}, ${leaving.size} already leaving)`;
  return { code: "pool-at-min", text };
}

function disruptionReason({
  policy,
  size,
  draining,
  now,
}: PoolDrains): Reason<"disruption-budget"> | undefined {
  const { nodes, window } = disruptionLimit(policy, size, now);
  if (draining.size < nodes) return undefined;
  const budget = window === undefined ? "" : ` (${window})`;
  const text = `the disruption budget${budget} lets at most ${nodes} go at once: being drained now: ${draining.size}`;
  return { code: "disruption-budget", text };
}
