import { nodesOf } from "../../../../shared/node-pools/node-count.ts";
import { capacityOfTemplate } from "../capacity/node-capacity.ts";
import { NOTHING, type Totals } from "../capacity/totals.ts";
import type { PoolState } from "./pool-state.ts";

/**
 * The requests for which the pool keeps capacity free beside its pods', so that the next pods need not wait for a node:
 * whole nodes, or the resources that the policy names, filled up to the target.
 */
export function headroomOf({ pool, groups, size }: PoolState): Totals {
  const { headroom, targetUtilisation } = pool.policy;
  if (!headroom) return NOTHING;
  if (!("count" in headroom || "percent" in headroom)) {
    return atTarget({ ...headroom, pods: 0 }, 1, targetUtilisation);
  }
  const template = groups.find(({ template }) => template)?.template;
  if (!template) return NOTHING;
  return atTarget(capacityOfTemplate(template), nodesOf(headroom, size), targetUtilisation);
}

/** What fills so much capacity up to `percent` percent, rounded up. */
const atTarget = (
  each: { readonly milliCpu: number; readonly memory: number; readonly pods: number },
  times: number,
  percent: number,
): Totals => ({
  milliCpu: share(each.milliCpu, times, percent),
  memory: share(each.memory, times, percent),
  pods: share(each.pods, times, percent),
});

const share = (amount: number, times: number, percent: number): bigint =>
  (BigInt(amount) * BigInt(times) * BigInt(percent) + 99n) / 100n;
