import {
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import type { StreamRecord } from "./record.ts";
import type { StartingPosition } from "./settings.ts";
import type { ShardReader } from "./shard-consumer.ts";
import type { Shard } from "./stream-consumer.ts";

/** All shards of a stream, closed ones too, with their parents. */
export async function listShards(client: KinesisClient, StreamARN: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let NextToken: string | undefined;
  do {
    const page = await client.send(new ListShardsCommand(NextToken ? { NextToken } : { StreamARN }));
    for (const { ShardId, ParentShardId, AdjacentParentShardId } of page.Shards ?? []) {
      const parents = [ParentShardId, AdjacentParentShardId].filter((parent) => parent !== undefined);
      shards.push({ shardId: ShardId ?? "", parents });
    }
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return shards;
}

/** Reads one shard with GetRecords. */
export function createShardReader(
  client: KinesisClient,
  StreamARN: string,
  ShardId: string,
  from: StartingPosition,
): ShardReader {
  let iterator: string | undefined;
  let last: string | undefined;
  let closed = false;

  /** Where the last read ended; also after the iterator has expired, which takes five minutes. */
  async function newIterator(): Promise<string | undefined> {
    const place =
      last === undefined
        ? firstIterator(from)
        : { ShardIteratorType: "AFTER_SEQUENCE_NUMBER" as const, StartingSequenceNumber: last };
    const { ShardIterator } = await client.send(
      new GetShardIteratorCommand({ StreamARN, ShardId, ...place }),
    );
    return ShardIterator;
  }

  async function get(Limit: number) {
    iterator ??= await newIterator();
    try {
      return await client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit }));
    } catch (error) {
      if (!(error instanceof ExpiredIteratorException)) throw error;
      iterator = await newIterator();
      return client.send(new GetRecordsCommand({ ShardIterator: iterator, Limit }));
    }
  }

  return {
    read: async (limit) => {
      if (closed) return { records: [], closed };
      const { Records = [], NextShardIterator } = await get(limit);
      iterator = NextShardIterator;
      closed = NextShardIterator === undefined;
      const records = Records.map(
        ({ SequenceNumber, PartitionKey, Data, ApproximateArrivalTimestamp }): StreamRecord => ({
          sequenceNumber: SequenceNumber ?? "",
          partitionKey: PartitionKey ?? "",
          data: Buffer.from(Data ?? []).toString("base64"),
          arrivedAt: ApproximateArrivalTimestamp?.getTime() ?? 0,
        }),
      );
      last = records.at(-1)?.sequenceNumber ?? last;
      return { records, closed };
    },
  };
}

function firstIterator(from: StartingPosition) {
  if (typeof from === "string") return { ShardIteratorType: from };
  return { ShardIteratorType: "AT_TIMESTAMP" as const, Timestamp: new Date(from.at) };
}
