import { GetRecordsCommand, GetShardIteratorCommand, type KinesisClient } from "@aws-sdk/client-kinesis";
import type { EventRecord } from "./kinesis-event.ts";
import type { DiscardedBatch } from "./message.ts";

/**
 * Reads the records of a batch that Lambda gave up from the stream, which has them for as long as it keeps
 * records.
 * @throws {Error} if the first of them is not there any more
 */
export async function readDiscarded(kinesis: KinesisClient, batch: DiscardedBatch): Promise<EventRecord[]> {
  const { streamArn, shardId, startSequenceNumber, endSequenceNumber, batchSize } = batch;
  const end = BigInt(endSequenceNumber);
  const found: EventRecord[] = [];
  let { ShardIterator } = await kinesis.send(
    new GetShardIteratorCommand({
      StreamARN: streamArn,
      ShardId: shardId,
      ShardIteratorType: "AT_SEQUENCE_NUMBER",
      StartingSequenceNumber: startSequenceNumber,
    }),
  );
  while (ShardIterator !== undefined) {
    const {
      Records = [],
      NextShardIterator,
      MillisBehindLatest,
    } = await kinesis.send(new GetRecordsCommand({ ShardIterator, StreamARN: streamArn }));
    for (const { SequenceNumber = "", PartitionKey = "", Data, ApproximateArrivalTimestamp } of Records) {
      if (BigInt(SequenceNumber) > end) return checked(found, batch);
      found.push({
        eventID: `${shardId}:${SequenceNumber}`,
        eventSourceARN: streamArn,
        kinesis: {
          partitionKey: PartitionKey,
          sequenceNumber: SequenceNumber,
          data: Buffer.from(Data ?? []).toString("base64"),
          approximateArrivalTimestamp: (ApproximateArrivalTimestamp?.getTime() ?? 0) / 1000,
        },
      });
    }
    if (found.at(-1)?.kinesis.sequenceNumber === endSequenceNumber) return checked(found, batch);
    ShardIterator = MillisBehindLatest === 0 && Records.length === 0 ? undefined : NextShardIterator;
  }
  if (found.length === 0) throw new Error(`none of the ${batchSize} records is in the stream any more`);
  return checked(found, batch);
}

function checked(found: EventRecord[], { startSequenceNumber, batchSize }: DiscardedBatch): EventRecord[] {
  if (found[0]?.kinesis.sequenceNumber === startSequenceNumber) return found;
  const gone = Math.max(1, batchSize - found.length);
  throw new Error(`${gone} of the ${batchSize} records are not in the stream any more; nothing was put back`);
}
