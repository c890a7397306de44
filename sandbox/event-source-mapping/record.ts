/** A record as GetRecords gives it. */
export interface StreamRecord {
  readonly sequenceNumber: string;
  readonly partitionKey: string;
  /** base64 */
  readonly data: string;
  /** Ms since the epoch. */
  readonly arrivedAt: number;
}

export interface EventSource {
  readonly streamArn: string;
  /** The stream, or the consumer that the mapping reads it by. */
  readonly eventSourceArn: string;
  readonly shardId: string;
  readonly region: string;
  /** The function's role, which reads the stream. */
  readonly roleArn: string;
}

/**
 * What the function is invoked with.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html
 */
export function kinesisEvent(records: readonly StreamRecord[], source: EventSource): object {
  return {
    Records: records.map(({ sequenceNumber, partitionKey, data, arrivedAt }) => ({
      kinesis: {
        kinesisSchemaVersion: "1.0",
        partitionKey,
        sequenceNumber,
        data,
        approximateArrivalTimestamp: arrivedAt / 1000,
      },
      eventSource: "aws:kinesis",
      eventVersion: "1.0",
      eventID: `${source.shardId}:${sequenceNumber}`,
      eventName: "aws:kinesis:record",
      invokeIdentityArn: source.roleArn,
      awsRegion: source.region,
      eventSourceARN: source.eventSourceArn,
    })),
  };
}

/** What a record adds to the event: its data as it is, and the rest of its JSON, about. */
export function eventBytes({ data, partitionKey }: StreamRecord): number {
  return data.length + Buffer.byteLength(partitionKey) + 600;
}
