/** A shard's limits for writes in one minute. https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html */
export const SHARD_BYTES = 1_048_576 * 60;
export const SHARD_RECORDS = 60_000;

/** What producers offer a stream in one minute for the first time, and what consumers read of it. */
export interface Offered {
  readonly bytes: number;
  readonly records: number;
  readonly readBytes: number;
}

export const NOTHING_OFFERED: Offered = { bytes: 0, records: 0, readBytes: 0 };

/** How many shards' worth a minute is, by AWS's limits for writes. */
export function shardsWorth({ bytes, records }: Pick<Offered, "bytes" | "records">): number {
  return Math.max(bytes / SHARD_BYTES, records / SHARD_RECORDS);
}

/** A minute that offers so many shards' worth of bytes, in records of 2 KiB. */
export function ofShards(demand: number): Offered {
  return { bytes: demand * SHARD_BYTES, records: (demand * SHARD_RECORDS) / 2, readBytes: 0 };
}
