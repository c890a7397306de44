import type { Run } from "../../../shared/lambda/run.ts";
import type { Dependencies } from "../run/dependencies.ts";
import type { DrainOrder } from "../triggers/trigger.ts";

/** An order that is older than this is delivered no more (function.yml, `maximumEventAge`). */
const LOOK_BACK_MS = 60 * 60_000;

/**
 * The plan of the scaler that stands in the ledger after this order's; undefined when the order's own is the newest,
 * or no plan is known.
 */
export async function newerPlan(
  { nodePool, plan }: Pick<DrainOrder, "nodePool" | "plan">,
  { clock, signal }: Pick<Run, "clock" | "signal">,
  { ledger }: Pick<Dependencies, "ledger">,
): Promise<string | undefined> {
  const { pending, entries } = await ledger.history(
    `node-pool/${nodePool}`,
    clock.now() - LOOK_BACK_MS,
    signal,
  );
  const newest = pending?.id ?? entries[0]?.intent.id;
  return newest === plan ? undefined : newest;
}
