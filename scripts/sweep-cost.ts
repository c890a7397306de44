import { join } from "node:path";
import { functionLimits } from "./function-limits.ts";
import { MINUTES_A_MONTH, PRICES } from "./prices.ts";

const LIMITS = functionLimits(join(import.meta.dirname, ".."));

/**
 * USD a month of a function that runs every minute.
 *
 * @param seconds a run takes on average
 * @param runs every minute
 */
export function sweepCost(functionName: string, seconds: number, runs = 1): number {
  return MINUTES_A_MONTH * runs * (PRICES.lambdaRequest + runCost(functionName, seconds));
}

/** USD of one run's time, by the memory of its function.yml. */
export function runCost(functionName: string, seconds: number): number {
  const limits = LIMITS.get(functionName);
  if (!limits) throw new Error(`functions/: no function ${functionName} is declared there.`);
  return (limits.memoryMb / 1024) * seconds * PRICES.lambdaArmGbSecond;
}
