import { HOURS_A_MONTH } from "../../../../shared/cost/prices.ts";

/**
 * Prices of Kinesis Data Streams in USD, us-east-1; other regions differ by up to about a third.
 * https://aws.amazon.com/kinesis/data-streams/pricing/
 */
const PROVISIONED = {
  shardHour: 0.015,
  millionPutUnits: 0.014,
  /** From the second day to the seventh. */
  extendedRetentionShardHour: 0.02,
  fanOutShardHour: 0.015,
  fanOutGb: 0.013,
};

/** By the GB; Advantage has no price a stream-hour, and the account commits to a minimum. */
const ON_DEMAND = {
  standard: { streamHour: 0.04, gbIn: 0.08, gbOut: 0.04, fanOutGb: 0.05, extendedRetentionGbMonth: 0.1 },
  advantage: { streamHour: 0, gbIn: 0.032, gbOut: 0.016, fanOutGb: 0.016, extendedRetentionGbMonth: 0.023 },
};
export type OnDemandPlan = keyof typeof ON_DEMAND;

/** Beyond seven days, in either mode. */
const LONG_TERM_GB_MONTH = 0.023;
const INCLUDED_HOURS = 24;
const EXTENDED_HOURS = 7 * 24;

const PUT_UNIT_BYTES = 25 * 1024;
const BYTES_PER_GB = 1024 ** 3;

/** On-demand bills each record as a whole number of these: half of one more in the mean, and one at least. */
const BILLED_BYTES = 1024;

/** USD a month for the shards alone: what a reshard changes. */
export function usdPerMonth(shards: number): number {
  return shards * PROVISIONED.shardHour * HOURS_A_MONTH;
}

/** What a stream takes and gives in a month. */
export interface MonthlyTraffic {
  readonly bytes: number;
  readonly records: number;
  /** By consumers that share the shards' throughput. */
  readonly readBytes: number;
}

/** What its price depends on beside the traffic. */
export interface StreamSettings {
  readonly retentionHours: number;
  /** Consumers with enhanced fan-out; each is taken to read everything once. */
  readonly fanOutConsumers: number;
}

/** AWS's defaults: a day of retention, no enhanced fan-out. */
export const DEFAULT_SETTINGS: StreamSettings = { retentionHours: INCLUDED_HOURS, fanOutConsumers: 0 };

/** USD a month of a provisioned stream. @param shards in the mean */
export function provisionedUsd(
  shards: number,
  traffic: MonthlyTraffic,
  { retentionHours, fanOutConsumers }: StreamSettings = DEFAULT_SETTINGS,
): number {
  const { bytes, records } = traffic;
  const putUnits = records === 0 ? 0 : records * Math.max(1, Math.ceil(bytes / records / PUT_UNIT_BYTES));
  const shardHours = shards * HOURS_A_MONTH;
  return (
    usdPerMonth(shards) +
    (putUnits / 1e6) * PROVISIONED.millionPutUnits +
    (retentionHours > INCLUDED_HOURS ? shardHours * PROVISIONED.extendedRetentionShardHour : 0) +
    storedGb(bytes, EXTENDED_HOURS, retentionHours) * LONG_TERM_GB_MONTH +
    fanOutConsumers * (shardHours * PROVISIONED.fanOutShardHour + gb(bytes) * PROVISIONED.fanOutGb)
  );
}

/** USD a month of an on-demand stream. Advantage is the stream's own share, in an account that reaches its commitment. */
export function onDemandUsd(
  plan: OnDemandPlan,
  traffic: MonthlyTraffic,
  { retentionHours, fanOutConsumers }: StreamSettings = DEFAULT_SETTINGS,
): number {
  const { streamHour, gbIn, gbOut, fanOutGb, extendedRetentionGbMonth } = ON_DEMAND[plan];
  const { bytes } = traffic;
  const extendedTo = Math.min(retentionHours, EXTENDED_HOURS);
  return (
    streamHour * HOURS_A_MONTH +
    gb(billedBytes(traffic)) * gbIn +
    gb(traffic.readBytes) * gbOut +
    fanOutConsumers * gb(bytes) * fanOutGb +
    storedGb(bytes, INCLUDED_HOURS, extendedTo) * extendedRetentionGbMonth +
    storedGb(bytes, EXTENDED_HOURS, retentionHours) * LONG_TERM_GB_MONTH
  );
}

function billedBytes({ bytes, records }: MonthlyTraffic): number {
  return records === 0 ? bytes : Math.max(bytes + (records * BILLED_BYTES) / 2, records * BILLED_BYTES);
}

/** What is kept longer than `from` hours, at any time. */
function storedGb(bytesPerMonth: number, from: number, to: number): number {
  return (gb(bytesPerMonth) / HOURS_A_MONTH) * Math.max(0, to - from);
}

const gb = (bytes: number) => bytes / BYTES_PER_GB;
