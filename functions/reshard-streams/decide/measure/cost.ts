import type { Minute } from "../../model/observation.ts";

/**
 * Prices of Kinesis Data Streams in USD, us-east-1; other regions differ by up to about a third.
 * https://aws.amazon.com/kinesis/data-streams/pricing/
 */
const USD_PER_SHARD_HOUR = 0.015;
const USD_PER_MILLION_PUT_UNITS = 0.014;
const ON_DEMAND_USD_PER_STREAM_HOUR = 0.04;
const ON_DEMAND_USD_PER_GB_IN = 0.08;
const ON_DEMAND_USD_PER_GB_OUT = 0.04;

/** AWS's month. */
const HOURS_PER_MONTH = 730;
const PUT_UNIT_BYTES = 25 * 1024;
const BYTES_PER_GB = 1024 ** 3;

/** USD a month for the shards alone: what a reshard changes. */
export function usdPerMonth(shards: number): number {
  return shards * USD_PER_SHARD_HOUR * HOURS_PER_MONTH;
}

/** What a month of the look-back's mean traffic costs in either mode, USD. */
export interface ModeCosts {
  readonly provisioned: number;
  readonly onDemand: number;
}

/**
 * @param lookBackMinutes how many minutes `minutes` stands for; one without a datapoint had no traffic.
 * @param shards the shards provisioned mode needs
 */
export function modeCosts(minutes: readonly Minute[], lookBackMinutes: number, shards: number): ModeCosts {
  const total = (of: (minute: Minute) => number) => minutes.reduce((sum, minute) => sum + of(minute), 0);
  const perMonth = (HOURS_PER_MONTH * 60) / lookBackMinutes;
  const bytes = total((minute) => minute.bytes) * perMonth;
  const records = total((minute) => minute.records) * perMonth;
  // Where reads are not observed, each byte is taken to be read once.
  const read = total((minute) => minute.readBytes) * perMonth || bytes;
  const putUnits = records === 0 ? 0 : records * Math.max(1, Math.ceil(bytes / records / PUT_UNIT_BYTES));
  return {
    provisioned: usdPerMonth(shards) + (putUnits / 1e6) * USD_PER_MILLION_PUT_UNITS,
    onDemand:
      ON_DEMAND_USD_PER_STREAM_HOUR * HOURS_PER_MONTH +
      (bytes / BYTES_PER_GB) * ON_DEMAND_USD_PER_GB_IN +
      (read / BYTES_PER_GB) * ON_DEMAND_USD_PER_GB_OUT,
  };
}
