import { describe, expect, it } from "vitest";
import { readKinesisEvent } from "../../../../functions/ingest-events/decode/kinesis-event.ts";
import { kinesisEvent, kinesisRecord } from "../records.ts";

describe("readKinesisEvent", () => {
  it("reads the stream, the shard and the records", () => {
    const record = kinesisRecord("{}", "12");
    expect(readKinesisEvent(kinesisEvent([record]))).toMatchObject({
      stream: "events",
      shard: "shardId-000000000000",
      records: [record],
    });
  });

  it("reads the stream from a consumer's ARN", () => {
    const arn = "arn:aws:kinesis:us-east-1:000000000000:stream/events/consumer/ingest:1700000000";
    expect(readKinesisEvent(kinesisEvent([kinesisRecord("{}")], "shardId-000000000000", arn))?.stream).toBe(
      "events",
    );
  });

  it("has nothing to do for an event without records", () => {
    expect(readKinesisEvent({ Records: [] })).toBeUndefined();
  });

  it.each([
    ["no event", undefined, /Not a Kinesis event: the event/],
    [
      "an SQS event",
      { Records: [{ messageId: "1", eventSourceARN: "arn:aws:sqs:us-east-1:0:q" }] },
      /Not a Kinesis event: Records\.0/,
    ],
    [
      "a record without sequence number",
      kinesisEvent([kinesisRecord("{}", "")]),
      /Records\.0\.(eventID|kinesis\.sequenceNumber)/,
    ],
    [
      "records of two shards",
      {
        Records: [
          ...kinesisEvent([kinesisRecord("{}")], "shardId-0").Records,
          ...kinesisEvent([kinesisRecord("{}")], "shardId-1").Records,
        ],
      },
      /records of events\/shardId-0 and of events\/shardId-1/,
    ],
  ])("refuses %s", (_what, event, message) => expect(() => readKinesisEvent(event)).toThrow(message));
});
