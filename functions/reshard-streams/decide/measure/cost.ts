import type { Minute } from "../../model/observation.ts";

/**
 * Prices of Kinesis Data Streams in USD, us-east-1; other regions differ by up to about a third.
 * https://aws.amazon.com/kinesis/data-streams/pricing/
 */
const SHARD_HOUR = 0.015;
const MILLION_PUT_UNITS = 0.014;
const ON_DEMAND_STREAM_HOUR = 0.04;
const ON_DEMAND_GB_IN = 0.08;
const ON_DEMAND_GB_OUT = 0.04;

/** AWS's month. */
const HOURS = 730;
const PUT_UNIT_BYTES = 25 * 1024;
const GB = 1024 ** 3;

/** USD a month for the shards alone: what a reshard changes. */
export function shardsPerMonth(shards: number): number {
  return shards * SHARD_HOUR * HOURS;
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
  const perMonth = (HOURS * 60) / lookBackMinutes;
  const bytes = total((minute) => minute.bytes) * perMonth;
  const records = total((minute) => minute.records) * perMonth;
  // Where reads are not observed, each byte is taken to be read once.
  const read = total((minute) => minute.readBytes) * perMonth || bytes;
  const putUnits = records === 0 ? 0 : records * Math.max(1, Math.ceil(bytes / records / PUT_UNIT_BYTES));
  return {
    provisioned: shardsPerMonth(shards) + (putUnits / 1e6) * MILLION_PUT_UNITS,
    onDemand: ON_DEMAND_STREAM_HOUR * HOURS + (bytes / GB) * ON_DEMAND_GB_IN + (read / GB) * ON_DEMAND_GB_OUT,
  };
}
