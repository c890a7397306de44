import { createHash } from "node:crypto";
import type { ShardRange } from "./streams.ts";

/** What one shard takes. AWS: 1,048,576 bytes and 1,000 records a second, whichever comes first. */
export interface WriteLimit {
  readonly bytesPerSecond: number;
  readonly recordsPerSecond: number;
}

export const AWS_WRITE_LIMIT: WriteLimit = { bytesPerSecond: 1024 * 1024, recordsPerSecond: 1000 };

/** What a shard has left; it fills up by the limit each second of the sandbox's clock, to one second's worth. */
interface Bucket {
  bytes: number;
  records: number;
  at: number;
}

export interface WriteLimiter {
  /** For each record in turn the shard that refuses it; undefined for those that pass, which are counted. */
  refusals(
    stream: string,
    shards: readonly ShardRange[],
    records: readonly Readonly<Record<string, unknown>>[],
    sizes: readonly number[],
  ): (string | undefined)[];
}

export function createWriteLimit(limit: WriteLimit, now: () => number): WriteLimiter {
  const buckets = new Map<string, Bucket>();

  function bucketOf(key: string): Bucket {
    const at = now();
    const bucket = buckets.get(key) ?? { bytes: limit.bytesPerSecond, records: limit.recordsPerSecond, at };
    const seconds = (at - bucket.at) / 1000;
    bucket.bytes = Math.min(limit.bytesPerSecond, bucket.bytes + seconds * limit.bytesPerSecond);
    bucket.records = Math.min(limit.recordsPerSecond, bucket.records + seconds * limit.recordsPerSecond);
    bucket.at = at;
    buckets.set(key, bucket);
    return bucket;
  }

  return {
    refusals: (stream, shards, records, sizes) =>
      records.map((record, i) => {
        const hash = hashKeyOf(record);
        const shard = shards.find(({ from, to }) => from <= hash && hash <= to);
        if (!shard) return undefined;
        const bucket = bucketOf(`${stream}/${shard.shardId}`);
        const bytes = sizes[i] ?? 0;
        if (bucket.bytes < bytes || bucket.records < 1) return shard.shardId;
        bucket.bytes -= bytes;
        bucket.records -= 1;
        return undefined;
      }),
  };
}

/** The explicit hash key, or the MD5 of the partition key as an unsigned 128-bit number. */
function hashKeyOf(record: Readonly<Record<string, unknown>>): bigint {
  const { ExplicitHashKey, PartitionKey } = record;
  if (typeof ExplicitHashKey === "string" && /^\d+$/.test(ExplicitHashKey)) return BigInt(ExplicitHashKey);
  return BigInt(`0x${createHash("md5").update(String(PartitionKey)).digest("hex")}`);
}
