import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import { blobBytes } from "./body.ts";

/**
 * The `AWS/Kinesis` metrics of the traffic that passes through, by the names and units of
 * https://docs.aws.amazon.com/streams/latest/dev/monitoring-with-cloudwatch.html. They are there at once;
 * AWS's come one to two minutes late. As there, a minute without traffic has no datapoint.
 */
export interface TrafficMetrics {
  /** Shard-level metrics are published for a stream only once EnableEnhancedMonitoring named them. */
  setShardMetrics(stream: string, metrics: readonly string[]): void;
  forget(stream: string): void;
  puts(stream: string, operation: "PutRecord" | "PutRecords", results: readonly PutResult[]): void;
  gets(stream: string, shardId: string, answer: GetResult): void;
  throttledGets(stream: string, shardId: string): void;
}

/** What became of one record. `bytes` are data and partition key, as the shard's limit counts them. */
export type PutResult =
  | { readonly result: "taken" | "throttled"; readonly bytes: number; readonly shardId: string }
  | { readonly result: "failed"; readonly bytes: number };

export interface GetResult {
  readonly bytes: number;
  readonly records: number;
  readonly millisBehindLatest: number;
}

/** The bytes of a record as the limits count them: the data and the partition key. */
export function recordBytes(record: Readonly<Record<string, unknown>>): number {
  return blobBytes(record.Data) + Buffer.byteLength(String(record.PartitionKey ?? ""));
}

export function createTrafficMetrics(store: Pick<MetricStore, "put">, now: () => number): TrafficMetrics {
  const shardMetrics = new Map<string, ReadonlySet<string>>();

  const put = (stream: string, name: string, value: number, unit: string) =>
    store.put("AWS/Kinesis", name, { StreamName: stream }, { value }, unit, now());

  const putShard = (stream: string, shardId: string, name: string, value: number, unit: string) => {
    if (!shardMetrics.get(stream)?.has(name)) return;
    store.put("AWS/Kinesis", name, { StreamName: stream, ShardId: shardId }, { value }, unit, now());
  };

  return {
    setShardMetrics: (stream, metrics) => void shardMetrics.set(stream, new Set(metrics)),
    forget: (stream) => void shardMetrics.delete(stream),

    puts(stream, operation, results) {
      const taken = results.filter((each) => each.result === "taken");
      const throttled = results.filter((each) => each.result === "throttled").length;
      const bytes = taken.reduce((sum, each) => sum + each.bytes, 0);
      put(stream, "WriteProvisionedThroughputExceeded", throttled, "Count");
      put(stream, `${operation}.Success`, taken.length > 0 ? 1 : 0, "Count");
      if (operation === "PutRecords") {
        put(stream, "PutRecords.TotalRecords", results.length, "Count");
        put(stream, "PutRecords.SuccessfulRecords", taken.length, "Count");
        put(stream, "PutRecords.ThrottledRecords", throttled, "Count");
        put(stream, "PutRecords.FailedRecords", results.length - taken.length - throttled, "Count");
      }
      if (taken.length > 0) {
        put(stream, "IncomingBytes", bytes, "Bytes");
        put(stream, "IncomingRecords", taken.length, "Count");
        put(stream, `${operation}.Bytes`, bytes, "Bytes");
        if (operation === "PutRecords") put(stream, "PutRecords.Records", taken.length, "Count");
      }
      for (const each of results) {
        if (each.result === "failed") continue;
        const isTaken = each.result === "taken";
        putShard(stream, each.shardId, "WriteProvisionedThroughputExceeded", isTaken ? 0 : 1, "Count");
        if (!isTaken) continue;
        putShard(stream, each.shardId, "IncomingBytes", each.bytes, "Bytes");
        putShard(stream, each.shardId, "IncomingRecords", 1, "Count");
      }
    },

    gets(stream, shardId, { bytes, records, millisBehindLatest }) {
      put(stream, "GetRecords.Success", 1, "Count");
      put(stream, "GetRecords.Bytes", bytes, "Bytes");
      put(stream, "GetRecords.Records", records, "Count");
      put(stream, "GetRecords.IteratorAgeMilliseconds", millisBehindLatest, "Milliseconds");
      put(stream, "ReadProvisionedThroughputExceeded", 0, "Count");
      putShard(stream, shardId, "OutgoingBytes", bytes, "Bytes");
      putShard(stream, shardId, "OutgoingRecords", records, "Count");
      putShard(stream, shardId, "IteratorAgeMilliseconds", millisBehindLatest, "Milliseconds");
    },

    throttledGets(stream, shardId) {
      put(stream, "GetRecords.Success", 0, "Count");
      put(stream, "ReadProvisionedThroughputExceeded", 1, "Count");
      putShard(stream, shardId, "ReadProvisionedThroughputExceeded", 1, "Count");
    },
  };
}
