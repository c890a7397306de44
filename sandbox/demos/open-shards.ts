import { DescribeStreamSummaryCommand, type KinesisClient } from "@aws-sdk/client-kinesis";

/** True once the stream is ACTIVE with so many open shards; undefined until then. */
export async function hasOpenShards(
  kinesis: KinesisClient,
  stream: string,
  count: number,
): Promise<true | undefined> {
  const { StreamDescriptionSummary } = await kinesis.send(
    new DescribeStreamSummaryCommand({ StreamName: stream }),
  );
  const { OpenShardCount, StreamStatus } = StreamDescriptionSummary ?? {};
  return OpenShardCount === count && StreamStatus === "ACTIVE" ? true : undefined;
}
