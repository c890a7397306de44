import {
  onDemandUsd,
  provisionedUsd,
  usdPerMonth,
} from "../../functions/reshard-streams/decide/measure/cost.ts";
import { MINUTES_A_MONTH } from "../../shared/cost/prices.ts";
import { type Offered, shardsWorth } from "./traffic.ts";

/** What traffic costs a month beside the shards, USD, us-east-1; a month like these minutes. */
export interface TrafficPrices {
  /** PUT payload units of a provisioned stream. */
  readonly putUnits: number;
  readonly onDemandStandard: number;
  /** The stream's own share, in an account that reaches its commitment. */
  readonly onDemandAdvantage: number;
}

export function pricesOf(offered: readonly Offered[]): TrafficPrices {
  const perMonth = MINUTES_A_MONTH / Math.max(1, offered.length);
  const total = (of: (minute: Offered) => number) =>
    offered.reduce((sum, minute) => sum + of(minute), 0) * perMonth;
  const traffic = {
    ...{ bytes: total(({ bytes }) => bytes), records: total(({ records }) => records) },
    // Each byte is taken to be read once where reads are not known.
    readBytes: total((minute) => minute.readBytes || minute.bytes),
  };
  return {
    putUnits: provisionedUsd(0, traffic),
    onDemandStandard: onDemandUsd("standard", traffic),
    onDemandAdvantage: onDemandUsd("advantage", traffic),
  };
}

/** USD a month of so many shard-hours in so many minutes. */
export function shardsPerMonth(shardHours: number, minutes: number): number {
  return usdPerMonth(shardHours / (minutes / 60));
}

/** An on-demand stream takes 4 MiB/s and 4,000 records/s at first, */
const ON_DEMAND_SHARDS = 4;
/** and the double of its peak, which has to be this old. */
const PEAK_AGE_MINUTES = 15;

/**
 * Records that an on-demand stream refuses, minute by minute: those above 4 shards' worth and above the double of the peak until 15
 * minutes before. Earlier peaks than the first minute's are not known, so it may be less.
 */
export function onDemandRefused(offered: readonly Offered[]): number[] {
  let peak = 0;
  return offered.map((minute, index) => {
    const aged = offered[index - PEAK_AGE_MINUTES];
    if (aged) peak = Math.max(peak, shardsWorth(aged));
    const demand = shardsWorth(minute);
    const taken = Math.max(ON_DEMAND_SHARDS, 2 * peak);
    return demand > taken ? minute.records * (1 - taken / demand) : 0;
  });
}
