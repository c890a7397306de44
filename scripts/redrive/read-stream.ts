import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  type _Record as KinesisRecord,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { type EventRecord, recordFromStream } from "./kinesis-event.ts";

export interface ReadOptions {
  readonly streamArn: string;
  /** ms since the epoch; absent: from the oldest record. */
  readonly fromMs: number | undefined;
  /** ms since the epoch: records that arrived later are not read. */
  readonly toMs: number;
  /** Most records a shard. */
  readonly maxRecords: number;
}

/**
 * The records of one shard after the other, parents before their children, in batches as a read brings them. It reads
 * beside every other consumer and moves no checkpoint.
 */
export async function* readStream(
  kinesis: KinesisClient,
  options: ReadOptions,
): AsyncGenerator<readonly EventRecord[]> {
  for (const shardId of await shardIds(kinesis, options.streamArn))
    yield* readShard(kinesis, shardId, options);
}

async function* readShard(
  kinesis: KinesisClient,
  shardId: string,
  { streamArn, fromMs, toMs, maxRecords }: ReadOptions,
): AsyncGenerator<readonly EventRecord[]> {
  const { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamARN: streamArn,
      ShardId: shardId,
      ...(fromMs === undefined
        ? { ShardIteratorType: "TRIM_HORIZON" as const }
        : { ShardIteratorType: "AT_TIMESTAMP" as const, Timestamp: new Date(fromMs) }),
    }),
  );
  let iterator = ShardIterator;
  let left = maxRecords;
  while (iterator !== undefined && left > 0) {
    const Limit = Math.min(left, 1_000);
    const answer = await kinesis.send(
      new GetRecordsCommand({ ShardIterator: iterator, StreamARN: streamArn, Limit }),
    );
    const { Records = [], NextShardIterator, MillisBehindLatest } = answer;
    const inTime = Records.filter((record) => arrivedMs(record) <= toMs);
    if (inTime.length > 0) yield inTime.map((record) => recordFromStream(record, streamArn, shardId));
    left -= inTime.length;
    const isOver = inTime.length < Records.length || (Records.length === 0 && MillisBehindLatest === 0);
    iterator = isOver ? undefined : NextShardIterator;
  }
}

/** Shards come in the order in which they were made: a child after its parents. */
async function shardIds(kinesis: KinesisClient, StreamARN: string): Promise<string[]> {
  const ids: string[] = [];
  let NextToken: string | undefined;
  do {
    const page = await kinesis.send(new ListShardsCommand(NextToken ? { NextToken } : { StreamARN }));
    for (const { ShardId } of page.Shards ?? []) if (ShardId !== undefined) ids.push(ShardId);
    NextToken = page.NextToken;
  } while (NextToken !== undefined);
  return ids;
}

function arrivedMs({ ApproximateArrivalTimestamp }: KinesisRecord): number {
  return ApproximateArrivalTimestamp?.getTime() ?? 0;
}
