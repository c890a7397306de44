import { sumOf } from "../../../shared/cost/cost-line.ts";
import { checkedConfig } from "../../checked-config.ts";
import { bill } from "../../cost/bill.ts";
import { functionFiles, stageInfo } from "../../stack/function-files.ts";

/**
 * What the service costs in a calendar month, by the quantities of `reflex cost` and list prices: AWS is not asked. At rest:
 * what lands in tables, and what is changed, comes to it.
 */
export interface MonthCost {
  /** The config it is calculated from. */
  readonly config: string;
  /** From the beginning of the month until now, USD. */
  readonly usdSoFar: number;
  /** The whole month, USD. */
  readonly usdAMonth: number;
}

/**
 * @param config the name of the config file
 * @param now ms since the epoch
 * @returns undefined where the config cannot be read, or is wrong
 */
export async function monthCost(
  root: string,
  { stage, config, now }: { readonly stage: string; readonly config: string; readonly now: number },
): Promise<MonthCost | undefined> {
  const checked = await checkedConfig(root, config);
  if ("problems" in checked) return undefined;
  const parts = bill(checked.config, stageInfo(stage, functionFiles(root)));
  const usdAMonth = sumOf(parts.flatMap(({ lines }) => lines));
  return { config, usdAMonth, usdSoFar: usdAMonth * shareOfMonth(now) };
}

/** How much of its calendar month (UTC) is over: from 0 to below 1. */
export function shareOfMonth(now: number): number {
  const date = new Date(now);
  const monthAt = (months: number) => Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months);
  return (now - monthAt(0)) / (monthAt(1) - monthAt(0));
}
