import type { StageInfo } from "../monitoring/monitoring.ts";
import type { Units } from "./cost-line.ts";
import { MINUTES_A_MONTH } from "./prices.ts";

/**
 * A month of a function that runs every minute.
 *
 * @param seconds a run takes on average
 * @param runs every minute
 */
export const sweepUnits = (info: StageInfo, functionName: string, seconds: number, runs = 1): Units =>
  runUnits(info, functionName, seconds, MINUTES_A_MONTH * runs);

/** So many runs, each of so many seconds, by the memory of the function's function.yml. */
export const runUnits = (info: StageInfo, functionName: string, seconds: number, runs: number): Units => ({
  lambdaRequest: runs,
  lambdaArmGbSecond: runs * seconds * (info.memoryMb(functionName) / 1024),
});
