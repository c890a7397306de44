import type { StageInfo } from "../monitoring/monitoring.ts";
import { MINUTES_A_MONTH, PRICES } from "./prices.ts";

/**
 * USD a month of a function that runs every minute.
 *
 * @param seconds a run takes on average
 * @param runs every minute
 */
export function sweepCost(info: StageInfo, functionName: string, seconds: number, runs = 1): number {
  return MINUTES_A_MONTH * runs * (PRICES.lambdaRequest + runCost(info, functionName, seconds));
}

/** USD of one run's time, by the memory of its function.yml. */
export const runCost = (info: StageInfo, functionName: string, seconds: number): number =>
  (info.memoryMb(functionName) / 1024) * seconds * PRICES.lambdaArmGbSecond;
