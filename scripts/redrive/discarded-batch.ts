import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  type KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { type EventRecord, recordFromStream } from "./kinesis-event.ts";
import type { DiscardedBatch } from "./message.ts";

/** What the stream still has of a batch. */
export interface FoundRecords {
  readonly records: readonly EventRecord[];
  /** Records of the batch that the stream has forgotten. */
  readonly gone: number;
}

/**
 * Reads the records of a batch that Lambda gave up from the stream, which has them for as long as it keeps
 * records.
 */
export async function readDiscarded(kinesis: KinesisClient, batch: DiscardedBatch): Promise<FoundRecords> {
  const records: EventRecord[] = [];
  const end = BigInt(batch.endSequenceNumber);
  let iterator = await iteratorAt(kinesis, batch);
  while (iterator !== undefined) {
    const {
      Records = [],
      NextShardIterator,
      MillisBehindLatest,
    } = await kinesis.send(new GetRecordsCommand({ ShardIterator: iterator, StreamARN: batch.streamArn }));
    const ofBatch = Records.filter(({ SequenceNumber = "" }) => BigInt(SequenceNumber) <= end);
    records.push(...ofBatch.map((record) => recordFromStream(record, batch.streamArn, batch.shardId)));
    const isRead =
      ofBatch.length < Records.length || ofBatch.at(-1)?.SequenceNumber === batch.endSequenceNumber;
    iterator = isRead || (MillisBehindLatest === 0 && Records.length === 0) ? undefined : NextShardIterator;
  }
  return { records, gone: Math.max(0, batch.batchSize - records.length) };
}

/** `undefined` where the shard is gone, with all that was in it. */
async function iteratorAt(
  kinesis: KinesisClient,
  { streamArn, shardId, startSequenceNumber }: DiscardedBatch,
): Promise<string | undefined> {
  try {
    const { ShardIterator } = await kinesis.send(
      new GetShardIteratorCommand({
        StreamARN: streamArn,
        ShardId: shardId,
        ShardIteratorType: "AT_SEQUENCE_NUMBER",
        StartingSequenceNumber: startSequenceNumber,
      }),
    );
    return ShardIterator;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return undefined;
    throw error;
  }
}
