import {
  GetRecordsCommand,
  GetShardIteratorCommand,
  KinesisClient,
  ResourceNotFoundException,
} from "@aws-sdk/client-kinesis";
import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ReceiveMessageCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, it } from "vitest";
import type { Quarantine } from "../../../functions/ingest-events/quarantine/quarantine.ts";
import { aggregate } from "../../../sandbox/kinesis/kpl-aggregate.ts";
import { type RedriveOptions, redrive } from "../../../scripts/redrive/redrive.ts";
import { stageOf } from "../../../scripts/redrive/stage.ts";

const sqs = mockClient(SQSClient);
const lambda = mockClient(LambdaClient);
const kinesis = mockClient(KinesisClient);
const s3 = mockClient(S3Client);
const NOW = 1_700_000_000_000;

beforeEach(() => {
  for (const mock of [sqs, lambda, kinesis, s3]) mock.reset();
  answers({ batchItemFailures: [] });
});

function answers(payload: object, FunctionError?: string): void {
  lambda.on(InvokeCommand).resolves({
    // The type of the SDK's own answer is bytes with a method more.
    Payload: Buffer.from(JSON.stringify(payload)) as never,
    ...(FunctionError !== undefined && { FunctionError }),
  });
}

/** A queue with these messages, which are received once. */
function queued(bodies: readonly unknown[], sentAt = NOW - 1): void {
  sqs
    .on(ReceiveMessageCommand)
    .resolvesOnce({
      Messages: bodies.map((body, index) => ({
        MessageId: `m${index}`,
        ReceiptHandle: `r${index}`,
        Body: typeof body === "string" ? body : JSON.stringify(body),
        Attributes: { SentTimestamp: String(sentAt) },
      })),
    })
    .resolves({});
}

const record = (sequenceNumber: string, subSequenceNumber = 0, more: object = {}) => ({
  reason: "no-id",
  detail: "no id at id",
  stream: "events",
  shard: "shardId-0",
  sequenceNumber,
  subSequenceNumber,
  partitionKey: "key",
  arrivedAt: "2023-11-14T22:13:20.123Z",
  requestId: "request",
  payload: "e30=",
  ...more,
});

const said: string[] = [];
/** What the quarantine has: its messages, and its documents by their key. */
const kept = { messages: [] as string[], documents: new Map<string, string>() };
beforeEach(() => {
  said.splice(0);
  kept.messages.splice(0);
  kept.documents.clear();
});

/** One that takes everything, or nothing. */
const quarantine = (takes: "everything" | "nothing" = "everything"): Quarantine => ({
  send: async (bodies) => {
    if (takes === "nothing") return [...bodies.keys()];
    kept.messages.push(...bodies);
    return [];
  },
  store: async (key, document) => {
    kept.documents.set(key, document);
    return takes === "nothing" ? undefined : { bucket: "b", key };
  },
});

async function redriven(more: Partial<RedriveOptions> = {}, into = quarantine()) {
  const result = await redrive(
    {
      queueUrl: "q",
      functionName: "ingest",
      reasons: [],
      max: 100,
      overwrite: false,
      dryRun: false,
      ...more,
    },
    {
      sqs: new SQSClient(),
      s3: new S3Client(),
      kinesis: new KinesisClient(),
      lambda: new LambdaClient(),
      quarantine: into,
      clock: { now: () => NOW },
    },
    (line) => void said.push(line),
  );
  return { ...result, left: Object.fromEntries(result.left), again: Object.fromEntries(result.again) };
}

const deleted = () => sqs.commandCalls(DeleteMessageCommand).map(({ args }) => args[0].input.ReceiptHandle);
const released = () =>
  sqs.commandCalls(ChangeMessageVisibilityCommand).map(({ args }) => args[0].input.ReceiptHandle);
const invoked = () =>
  lambda.commandCalls(InvokeCommand).map(({ args }) => JSON.parse(String(args[0].input.Payload)).Records);

describe("redrive", () => {
  it("brings a record to the function with its own place in the stream, and then deletes its message", async () => {
    queued([record("7", 3)]);
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 0, again: {} });
    expect(invoked()).toEqual([
      [
        {
          eventID: "shardId-0:7",
          eventSourceARN: "arn:aws:kinesis:::stream/events",
          kinesis: {
            partitionKey: "key",
            sequenceNumber: "7",
            subSequenceNumber: 3,
            data: "e30=",
            approximateArrivalTimestamp: 1_700_000_000.123,
          },
        },
      ],
    ]);
    expect(deleted()).toEqual(["r0"]);
  });

  it("brings the records of a shard in the stream's order, and each shard by itself", async () => {
    queued([record("10", 1), record("9"), record("10", 0), record("1", 0, { shard: "shardId-1" })]);
    await redriven();
    const places = invoked().map((records) =>
      records.map(
        ({ kinesis: { sequenceNumber, subSequenceNumber } }: { kinesis: Record<string, unknown> }) => [
          sequenceNumber,
          subSequenceNumber,
        ],
      ),
    );
    expect(places).toEqual([
      [
        ["9", 0],
        ["10", 0],
        ["10", 1],
      ],
      [["1", 0]],
    ]);
  });

  it("deletes only what the function has dealt with", async () => {
    queued([record("7"), record("8"), record("9")]);
    answers({ batchItemFailures: [{ itemIdentifier: "8" }] });
    expect(await redriven()).toEqual({ putBack: 1, failed: 2, left: {}, gone: 0, again: {} });
    expect(deleted()).toEqual(["r0"]);
  });

  it("deletes nothing when the function fails, and says so", async () => {
    queued([record("7")]);
    answers({ errorMessage: "oops" }, "Unhandled");
    expect(await redriven()).toEqual({ putBack: 0, failed: 1, left: {}, gone: 0, again: {} });
    expect(deleted()).toEqual([]);
    expect(said).toEqual([expect.stringContaining("oops")]);
  });

  it("shows what was not put back again at once, for the next redrive", async () => {
    queued([record("7"), record("8")]);
    answers({ batchItemFailures: [{ itemIdentifier: "8" }] });
    await redriven();
    expect([deleted(), released()]).toEqual([["r0"], ["r1"]]);
  });

  it("takes only the reasons that are asked for, and shows the others again at once", async () => {
    queued([record("7"), record("8", 0, { reason: "conflict" })]);
    expect(await redriven({ reasons: ["no-id"] })).toEqual({
      putBack: 1,
      failed: 0,
      left: { conflict: 1 },
      gone: 0,
      again: {},
    });
    expect([deleted(), released()]).toEqual([["r0"], ["r1"]]);
  });

  it("leaves what was quarantined after its start", async () => {
    queued([record("7")], NOW);
    expect(await redriven()).toEqual({ putBack: 0, failed: 0, left: {}, gone: 0, again: {} });
    expect([deleted(), released(), invoked()]).toEqual([[], ["r0"], []]);
  });

  it("only looks in a dry run", async () => {
    queued([record("7"), record("8")]);
    expect(await redriven({ dryRun: true })).toEqual({
      putBack: 0,
      failed: 0,
      left: { "no-id": 2 },
      gone: 0,
      again: {},
    });
    expect([deleted(), released(), invoked()]).toEqual([[], ["r0", "r1"], []]);
  });

  it("fetches a record that was too large for its message", async () => {
    const { payload: _payload, ...place } = record("7");
    queued([{ ...place, document: { bucket: "b", key: "k" } }]);
    const transformToString = async () => JSON.stringify(record("7"));
    s3.on(GetObjectCommand, { Bucket: "b", Key: "k" }).resolves({ Body: { transformToString } as never });
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 0, again: {} });
    expect(invoked()[0][0].kinesis.data).toBe("e30=");
  });

  it("brings a record of which many events were rejected as a whole, as the stream brought it", async () => {
    const data = aggregate([{ partitionKey: "k", data: Buffer.from("{}") }]).toString("base64");
    const whole = record("7", undefined, { rejectedEvents: 11, payload: data, partitionKey: "a" });
    const { subSequenceNumber: _none, ...message } = whole;
    queued([record("8"), message]);
    expect(await redriven()).toMatchObject({ putBack: 2, failed: 0 });
    const [first, second] = invoked()[0];
    expect(first.kinesis).toEqual({
      partitionKey: "a",
      sequenceNumber: "7",
      data,
      approximateArrivalTimestamp: 1_700_000_000.123,
    });
    expect(second.kinesis).toMatchObject({ sequenceNumber: "8", subSequenceNumber: 0 });
    expect(deleted().toSorted()).toEqual(["r0", "r1"]);
  });

  it("leaves a message that it does not understand, and says so", async () => {
    queued(["hello"]);
    expect(await redriven()).toEqual({ putBack: 0, failed: 1, left: {}, gone: 0, again: {} });
    expect(said).toEqual([expect.stringContaining("neither a quarantined record nor a batch")]);
  });
});

describe("what a redrive never does", () => {
  it("does not bring a record twice that is quarantined again, also when the clock here is behind the queue's", async () => {
    // Dated five minutes ago, as the clock here has it: only the record's place shows that it has been written.
    let next = 0;
    const again = () => ({
      MessageId: `m${next}`,
      ReceiptHandle: `r${next++}`,
      Body: JSON.stringify(record("7")),
      Attributes: { SentTimestamp: String(NOW - 300_000) },
    });
    sqs.on(ReceiveMessageCommand).callsFake(async () => (next > 50 ? {} : { Messages: [again()] }));
    expect(await redriven()).toMatchObject({ putBack: 1, again: { "no-id": 50 } });
    expect(invoked()).toHaveLength(1);
  });

  it("says what it put back and has seen in the quarantine again, by today's reason", async () => {
    const message = (sequenceNumber: string, handle: string, reason: string, sentAt: number) => ({
      ...{
        MessageId: handle,
        ReceiptHandle: handle,
        Body: JSON.stringify(record(sequenceNumber, 0, { reason })),
      },
      Attributes: { SentTimestamp: String(sentAt) },
    });
    sqs
      .on(ReceiveMessageCommand)
      .resolvesOnce({ Messages: [message("7", "a", "no-id", NOW - 1), message("8", "b", "no-id", NOW - 1)] })
      // Another record comes meanwhile: it is nothing of this redrive.
      .resolvesOnce({
        Messages: [message("8", "c", "conflict", NOW + 5), message("9", "d", "no-id", NOW + 5)],
      })
      .resolves({});
    expect(await redriven()).toEqual({ putBack: 2, failed: 0, left: {}, gone: 0, again: { conflict: 1 } });
    expect(deleted()).toEqual(["a", "b"]);
  });

  it("counts what the function has quarantined again once, seen or not", async () => {
    const message = (reason: string, sentAt: number) => ({
      ...{ MessageId: reason, ReceiptHandle: reason, Body: JSON.stringify(record("7", 0, { reason })) },
      Attributes: { SentTimestamp: String(sentAt) },
    });
    sqs
      .on(ReceiveMessageCommand)
      .resolvesOnce({ Messages: [message("no-id", NOW - 1)] })
      .resolvesOnce({ Messages: [message("conflict", NOW + 5)] })
      .resolves({});
    answers({ batchItemFailures: [], quarantined: 1 });
    expect(await redriven()).toMatchObject({ putBack: 1, again: { conflict: 1 } });
  });

  it("does not go round for ever in a queue of messages it does not want", async () => {
    // After 300 seconds SQS shows the first again.
    let received = 0;
    sqs.on(ReceiveMessageCommand).callsFake(async () => {
      received += 1;
      const id = `m${received % 7}`;
      return {
        Messages: [
          { MessageId: id, ReceiptHandle: id, Body: "hello", Attributes: { SentTimestamp: String(NOW - 1) } },
        ],
      };
    });
    expect(await redriven({ reasons: ["no-id"] })).toEqual({
      putBack: 0,
      failed: 0,
      left: { unknown: 7 },
      gone: 0,
      again: {},
    });
    expect(received).toBe(8);
  });

  it("does not empty the queue of a function that only observes: it says why and leaves the record", async () => {
    queued([record("7")]);
    answers({ batchItemFailures: [{ itemIdentifier: "7" }], reason: "mode is observe: nothing was written" });
    expect(await redriven()).toEqual({ putBack: 0, failed: 1, left: {}, gone: 0, again: {} });
    expect([deleted(), said]).toEqual([[], [expect.stringContaining("mode is observe")]]);
  });

  it("does not overwrite unless asked", async () => {
    queued([record("7")]);
    await redriven();
    sqs.reset();
    queued([record("8")]);
    await redriven({ overwrite: true });
    const events = lambda
      .commandCalls(InvokeCommand)
      .map(({ args }) => JSON.parse(String(args[0].input.Payload)).redrive);
    expect(events).toEqual([{ overwrite: false }, { overwrite: true }]);
  });
});

describe("stageOf", () => {
  it.each([
    ["reflex-dev-quarantine", "dev"],
    ["reflex-prod-failed-batches", "prod"],
    ["https://sqs.eu-west-1.amazonaws.com/123456789012/reflex-eu-prod-quarantine", "eu-prod"],
  ])("reads the stage from %s", (queue, stage) => expect(stageOf(queue)).toBe(stage));

  it.each(["quarantine", "my-dlq", "reflex-dev-ledger", "reflex--quarantine"])(
    "refuses %s, which says no stage",
    (queue) => expect(() => stageOf(queue)).toThrow("its name says whose function"),
  );
});

describe("redrive of a batch that Lambda stored in the bucket", () => {
  const event = {
    Records: ["7", "8"].map((sequenceNumber) => ({
      eventID: `shardId-0:${sequenceNumber}`,
      eventSourceARN: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
      kinesis: { partitionKey: "k", sequenceNumber, data: "e30=", approximateArrivalTimestamp: 1.5 },
    })),
  };
  const stored = (payload: string) =>
    JSON.stringify({
      requestContext: { condition: "RecordAgeExceeded" },
      KinesisBatchInfo: {
        streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
        shardId: "shardId-0",
        startSequenceNumber: "7",
        endSequenceNumber: "8",
        batchSize: 2,
      },
      payload,
    });
  const created = { Records: [{ s3: { bucket: { name: "b" }, object: { key: "aws/lambda/x+y%3D" } } }] };
  const object = (text: string) =>
    s3
      .on(GetObjectCommand, { Bucket: "b", Key: "aws/lambda/x y=" })
      .resolves({ Body: { transformToString: async () => text } as never });

  it("brings its records as they came, without the stream", async () => {
    queued([created]);
    object(stored(JSON.stringify(event)));
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 0, again: {} });
    expect(invoked()).toEqual([event.Records]);
    expect([deleted(), kinesis.calls()]).toEqual([["r0"], []]);
  });

  it("counts what of it ends in the quarantine, which is another queue", async () => {
    queued([created]);
    object(stored(JSON.stringify(event)));
    answers({ batchItemFailures: [], quarantined: 2 });
    expect(await redriven()).toMatchObject({ putBack: 1, again: { "reason in the quarantine": 2 } });
    expect(deleted()).toEqual(["r0"]);
  });

  it("keeps the message where the function leaves a record, or the object is none", async () => {
    queued([created]);
    object(stored(JSON.stringify(event)));
    answers({ batchItemFailures: [{ itemIdentifier: "8" }] });
    expect(await redriven()).toMatchObject({ putBack: 0, failed: 1 });
    sqs.reset();
    queued([created]);
    object("{}");
    expect(await redriven()).toMatchObject({ putBack: 0, failed: 1 });
    expect(deleted()).toEqual([]);
  });

  it("takes an aggregate apart that is larger than an invocation, each sub-record with its place", async () => {
    const parts = Array.from({ length: 7 }, (_none, index) => ({
      partitionKey: `k${index}`,
      data: Buffer.from(JSON.stringify({ id: index, x: "x".repeat(1_000_000) })),
    }));
    const [first] = event.Records;
    const data = aggregate(parts).toString("base64");
    const large = { Records: [{ ...first, kinesis: { ...first?.kinesis, data } }] };
    queued([created]);
    object(stored(JSON.stringify(large)));
    expect(await redriven()).toMatchObject({ putBack: 1 });
    const places = invoked()
      .flat()
      .map(({ kinesis: { partitionKey, subSequenceNumber } }) => [partitionKey, subSequenceNumber]);
    expect(places).toEqual(parts.map(({ partitionKey }, index) => [partitionKey, index]));
    expect(invoked().length).toBeGreaterThan(1);
  });

  const [first] = event.Records;
  const of = (sequenceNumber: string, data: string) => ({
    ...first,
    eventID: `shardId-0:${sequenceNumber}`,
    kinesis: { ...first?.kinesis, sequenceNumber, data },
  });
  const withLarge = { Records: [of("6", "e30="), of("7", "A".repeat(7_000_000)), of("8", "e30=")] };

  it("quarantines one that is larger than an invocation and no aggregate, and lands the others", async () => {
    queued([created]);
    object(stored(JSON.stringify(withLarge)));
    expect(await redriven()).toMatchObject({ putBack: 1, failed: 0 });
    expect(deleted()).toEqual(["r0"]);
    const sequences = invoked()
      .flat()
      .map(({ kinesis: { sequenceNumber } }) => sequenceNumber);
    expect(sequences).toEqual(["6", "8"]);
    const key = "events/shardId-0/7-0.json";
    const place = { reason: "too-large", stream: "events", shard: "shardId-0", sequenceNumber: "7" };
    expect(kept.messages.map((body) => JSON.parse(body))).toMatchObject([
      { ...place, document: { bucket: "b", key } },
    ]);
    expect(JSON.parse(kept.documents.get(key) ?? "").payload).toBe("A".repeat(7_000_000));
    expect(said).toEqual([expect.stringContaining("1 records are larger than an invocation")]);
  });

  it("leaves it where the quarantine does not take it, and lands the others all the same", async () => {
    queued([created]);
    object(stored(JSON.stringify(withLarge)));
    expect(await redriven({}, quarantine("nothing"))).toMatchObject({ putBack: 0, failed: 1 });
    expect(invoked().flat()).toHaveLength(2);
    expect([deleted(), kept.messages]).toEqual([[], []]);
    expect(said).toEqual([expect.stringContaining("stay in the queue")]);
  });

  it("leaves it in the quarantine where it is there already", async () => {
    const document = { bucket: "b", key: "events/shardId-0/7-0.json" };
    queued([record("7", 0, { payload: undefined, document }), record("8")]);
    object(JSON.stringify(record("7", 0, { payload: "A".repeat(7_000_000) })));
    expect(await redriven()).toMatchObject({ putBack: 1, failed: 1 });
    expect([deleted(), kept.messages]).toEqual([["r1"], []]);
  });

  it("takes away what S3 sends to try the queue", async () => {
    queued([{ Service: "Amazon S3", Event: "s3:TestEvent", Bucket: "b" }]);
    expect(await redriven()).toMatchObject({ putBack: 1 });
    expect([deleted(), invoked()]).toEqual([["r0"], []]);
  });
});

describe("redrive of a batch that Lambda gave up", () => {
  const batch = {
    requestContext: { condition: "RetryAttemptsExhausted" },
    KinesisBatchInfo: {
      streamArn: "arn:aws:kinesis:us-east-1:000000000000:stream/events",
      shardId: "shardId-0",
      startSequenceNumber: "7",
      endSequenceNumber: "9",
      batchSize: 3,
    },
  };
  const inStream = (...sequences: string[]) =>
    sequences.map((SequenceNumber) => ({
      SequenceNumber,
      PartitionKey: "key",
      Data: Buffer.from("{}"),
      ApproximateArrivalTimestamp: new Date(NOW),
    }));

  beforeEach(() => {
    kinesis.on(GetShardIteratorCommand).resolves({ ShardIterator: "i" });
    queued([batch]);
  });

  it("reads its records from the stream, to its end and no further", async () => {
    kinesis
      .on(GetRecordsCommand)
      .resolvesOnce({ Records: inStream("7", "8"), NextShardIterator: "j", MillisBehindLatest: 1 })
      .resolvesOnce({ Records: inStream("9", "10"), NextShardIterator: "k", MillisBehindLatest: 0 });
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 0, again: {} });
    const [records] = invoked();
    expect(records.map(({ eventID }: { eventID: string }) => eventID)).toEqual(
      ["7", "8", "9"].map((sequence) => `shardId-0:${sequence}`),
    );
    expect(records[0].kinesis).not.toHaveProperty("subSequenceNumber");
  });

  it("puts back what the stream still has, and says how many records are gone", async () => {
    kinesis
      .on(GetRecordsCommand)
      .resolves({ Records: inStream("9"), NextShardIterator: "j", MillisBehindLatest: 0 });
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 2, again: {} });
    expect(said).toEqual([expect.stringContaining("2 of its 3 records are gone")]);
    expect([deleted(), invoked()[0].map(({ eventID }: { eventID: string }) => eventID)]).toEqual([
      ["r0"],
      ["shardId-0:9"],
    ]);
  });

  it("says so when the stream has forgotten all of them, and calls nothing", async () => {
    kinesis.on(GetRecordsCommand).resolves({ Records: [], NextShardIterator: "j", MillisBehindLatest: 0 });
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 3, again: {} });
    expect(said).toEqual([expect.stringContaining("3 of its 3 records are gone")]);
    expect(invoked()).toEqual([]);
  });

  it("says so when the shard is gone with all that was in it", async () => {
    kinesis
      .on(GetShardIteratorCommand)
      .rejects(new ResourceNotFoundException({ message: "no shard", $metadata: {} }));
    expect(await redriven()).toEqual({ putBack: 1, failed: 0, left: {}, gone: 3, again: {} });
  });

  it("keeps the message when not all of the batch was dealt with", async () => {
    kinesis.on(GetRecordsCommand).resolves({ Records: inStream("7", "8", "9"), MillisBehindLatest: 0 });
    answers({ batchItemFailures: [{ itemIdentifier: "9" }] });
    expect(await redriven()).toEqual({ putBack: 0, failed: 1, left: {}, gone: 0, again: {} });
    expect(deleted()).toEqual([]);
  });
});
