import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ListShardsCommand,
} from "@aws-sdk/client-kinesis";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import { preview, sampleEvents, unusedSources } from "../../../scripts/redrive/preview.ts";
import { readStream } from "../../../scripts/redrive/read-stream.ts";
import { landingOf } from "../../functions/ingest-events/policies.ts";
import { kinesisEvent, kinesisRecord } from "../../functions/ingest-events/records.ts";

const landing = landingOf({ mode: "append", id: "id", fields: { who: "user.name", x: "x" } });

describe("preview", () => {
  it("shows what would be written, dropped and quarantined, and why", () => {
    const event = kinesisEvent([kinesisRecord('{"id":"a","x":1}', "1"), kinesisRecord("nonsense", "2")]);
    expect(preview(event, landing)).toEqual({
      writes: 1,
      dropped: 0,
      quarantined: new Map([["not-json", 1]]),
      items: [{ table: "landed", item: { id: { S: "a" }, x: { N: "1" } } }],
      details: [expect.stringContaining("not-json: ")],
    });
  });
});

describe("unusedSources", () => {
  const place = { stream: "events", shard: "s" };
  it.each([
    [['{"id":"a","user":{"nmae":"ada"}}', '{"id":"b","x":1}'], ["user.name"]],
    [['{"id":"a","user":{"name":"ada"}}', '{"id":"b","x":1}'], []],
    [['{"ID":"a","x":1,"user":{"name":"ada"}}'], ["id"]],
  ])("of %j are %j", (texts, expected) =>
    expect(unusedSources(sampleEvents(texts, landing), landing, place)).toEqual(expected),
  );

  it("have the producer's trace header among them", () => {
    const traced = landingOf({ mode: "append", id: "id", producerTrace: "traceparent" });
    expect(unusedSources(sampleEvents(['{"id":"a","traceParent":""}'], traced), traced, place)).toEqual([
      "traceparent",
    ]);
  });
});

describe("readStream", () => {
  const kinesis = mockClient(KinesisClient);
  const record = (SequenceNumber: string, at: number) => ({
    SequenceNumber,
    PartitionKey: "k",
    Data: Buffer.from("{}"),
    ApproximateArrivalTimestamp: new Date(at),
  });
  beforeEach(() => {
    kinesis.reset();
    kinesis.on(ListShardsCommand).resolves({ Shards: [{ ShardId: "a" }, { ShardId: "b" }] } as never);
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: "i" });
  });
  const read = async (more: object = {}) => {
    const ids: string[] = [];
    const options = { streamArn: "arn", fromMs: 1_000, toMs: 5_000, maxRecords: 10, ...more };
    for await (const records of readStream(new KinesisClient(), options)) {
      ids.push(...records.map(({ eventID }) => eventID));
    }
    return ids;
  };

  it("reads each shard from a time to a time", async () => {
    kinesis
      .on(GetRecordsCommand)
      .resolvesOnce({ Records: [record("1", 1_000), record("2", 6_000)], NextShardIterator: "j" })
      .resolvesOnce({ Records: [record("3", 2_000)], NextShardIterator: "k", MillisBehindLatest: 5 })
      .resolves({ Records: [], NextShardIterator: "l", MillisBehindLatest: 0 });
    expect(await read()).toEqual(["a:1", "b:3"]);
    const [first] = kinesis.commandCalls(GetShardIteratorCommand);
    expect(first?.args[0].input).toMatchObject({
      ShardIteratorType: "AT_TIMESTAMP",
      Timestamp: new Date(1_000),
    });
  });

  it("reads no more than it is asked for", async () => {
    kinesis.on(GetRecordsCommand).resolves({ Records: [record("1", 1_000)], NextShardIterator: "j" });
    expect(await read({ maxRecords: 2 })).toEqual(["a:1", "a:1", "b:1", "b:1"]);
  });
});
