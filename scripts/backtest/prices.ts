import { modeCosts, usdPerMonth } from "../../functions/reshard-streams/decide/measure/cost.ts";
import { type Offered, shardsWorth } from "./traffic.ts";

/** On-demand bills each record as a whole number of these: half of one more in the mean, and one at least. */
const BILLED_BYTES = 1024;

/**
 * On-demand Advantage has no price a stream-hour and bills a GB at least 60 % lower than On-demand Standard; the account commits to
 * pay for 25 MiB/s at least. https://aws.amazon.com/kinesis/data-streams/pricing/
 */
const ADVANTAGE_OF_STANDARD = 0.4;

/** What traffic costs a month beside the shards, USD, us-east-1; a month like these minutes. */
export interface TrafficPrices {
  /** PUT payload units of a provisioned stream. */
  readonly putUnits: number;
  readonly onDemandStandard: number;
  /** The stream's own share, in an account that reaches its commitment. */
  readonly onDemandAdvantage: number;
}

export function pricesOf(offered: readonly Offered[]): TrafficPrices {
  const minutes = (bytesOf: (minute: Offered) => number) =>
    offered.map((minute) => ({
      ...{ at: 0, throttled: 0, throttledReads: 0, records: minute.records, bytes: bytesOf(minute) },
      // Each byte is taken to be read once where reads are not known.
      readBytes: minute.readBytes || minute.bytes,
    }));
  const provisioned = modeCosts(
    minutes(({ bytes }) => bytes),
    offered.length,
    0,
  ).provisioned;
  const standard = modeCosts(minutes(billedBytes), offered.length, 0).onDemand;
  const streamHours = modeCosts([], offered.length, 0).onDemand;
  return {
    putUnits: provisioned,
    onDemandStandard: standard,
    onDemandAdvantage: ADVANTAGE_OF_STANDARD * (standard - streamHours),
  };
}

function billedBytes({ bytes, records }: Offered): number {
  return records === 0 ? bytes : Math.max(bytes + (records * BILLED_BYTES) / 2, records * BILLED_BYTES);
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
