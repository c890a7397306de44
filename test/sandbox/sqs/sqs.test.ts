import { beforeEach, describe, expect, it } from "vitest";
import { type AwsRequest, DEFAULT_REGION } from "../../../sandbox/service.ts";
import { createSqs, type Sqs } from "../../../sandbox/sqs/sqs.ts";

let sqs: Sqs;

beforeEach(async () => {
  sqs = createSqs({ clock: { now: () => 1000 }, endpointUrl: () => "http://127.0.0.1:4566" });
  await sqs.resources?.["AWS::SQS::Queue"]?.("Failed", { QueueName: "failed", SqsManagedSseEnabled: true });
});

/** A request as the AWS CLI and the SDKs make it (AWS JSON 1.0). */
async function call(operation: string, input: object): Promise<{ status: number; body: unknown }> {
  const request: AwsRequest = {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `AmazonSQS.${operation}` },
    body: Buffer.from(JSON.stringify(input)),
    region: DEFAULT_REGION,
  };
  const { status, body } = await sqs.handle(request);
  return { status, body: JSON.parse(String(body ?? "{}")) };
}

const QueueUrl = "http://127.0.0.1:4566/000000000000/failed";

describe("SQS", () => {
  it("finds a queue of the template by its name", async () => {
    expect((await call("GetQueueUrl", { QueueName: "failed" })).body).toEqual({ QueueUrl });
  });

  it("gives what was sent to its ARN", async () => {
    sqs.send("arn:aws:sqs:us-east-1:000000000000:failed", "a");
    expect((await call("ReceiveMessage", { QueueUrl })).body).toMatchObject({
      Messages: [{ Body: "a", MD5OfBody: "0cc175b9c0f1b6a831c399e269772661" }],
    });
  });

  it("gives what a client sent, until it is deleted", async () => {
    await call("SendMessage", { QueueUrl, MessageBody: "a" });
    const { body } = await call("ReceiveMessage", { QueueUrl, VisibilityTimeout: 0 });
    const [message] = (body as { Messages: { ReceiptHandle: string }[] }).Messages;
    await call("DeleteMessage", { QueueUrl, ReceiptHandle: message?.ReceiptHandle });
    expect((await call("ReceiveMessage", { QueueUrl })).body).toEqual({});
  });

  it("refuses a queue that is not there", async () => {
    const url = "http://127.0.0.1:4566/000000000000/other";
    expect(await call("ReceiveMessage", { QueueUrl: url })).toMatchObject({
      status: 400,
      body: { __type: "QueueDoesNotExist" },
    });
  });

  it("takes a batch, and answers for each message", async () => {
    const Entries = [
      { Id: "a", MessageBody: "1" },
      { Id: "b", MessageBody: "\uffff" },
      { Id: "c", MessageBody: "" },
    ];
    expect((await call("SendMessageBatch", { QueueUrl, Entries })).body).toMatchObject({
      Successful: [{ Id: "a", MD5OfMessageBody: "c4ca4238a0b923820dcc509a6f75849b" }],
      Failed: [
        { Id: "b", Code: "InvalidMessageContents", SenderFault: true },
        { Id: "c", Code: "MissingRequiredParameterException", SenderFault: true },
      ],
    });
    expect(
      sqs
        .queue("failed")
        ?.messages()
        .map(({ body }) => body),
    ).toEqual(["1"]);
  });

  it.each([
    ["none", [], "EmptyBatchRequest"],
    [
      "eleven",
      Array.from({ length: 11 }, (_none, at) => ({ Id: `${at}`, MessageBody: "x" })),
      "TooManyEntriesInBatchRequest",
    ],
    [
      "two of one Id",
      [
        { Id: "a", MessageBody: "x" },
        { Id: "a", MessageBody: "y" },
      ],
      "BatchEntryIdsNotDistinct",
    ],
    [
      "more than 1 MiB together",
      ["a", "b"].map((Id) => ({ Id, MessageBody: "x".repeat(600_000) })),
      "BatchRequestTooLong",
    ],
  ])("refuses a batch of %s", async (_what, Entries, code) => {
    expect(await call("SendMessageBatch", { QueueUrl, Entries })).toMatchObject({
      status: 400,
      body: { __type: code },
    });
    expect(sqs.queue("failed")?.messages()).toEqual([]);
  });

  it("refuses a message of more than 1 MiB", async () => {
    const MessageBody = "x".repeat(1_048_577);
    expect(await call("SendMessage", { QueueUrl, MessageBody })).toMatchObject({
      status: 400,
      body: { __type: "InvalidParameterValueException" },
    });
  });

  it("deletes a batch", async () => {
    await call("SendMessageBatch", { QueueUrl, Entries: ["a", "b"].map((Id) => ({ Id, MessageBody: Id })) });
    const { body } = await call("ReceiveMessage", { QueueUrl, MaxNumberOfMessages: 10 });
    const { Messages } = body as { Messages: { ReceiptHandle: string }[] };
    const Entries = Messages.map(({ ReceiptHandle }, at) => ({ Id: `${at}`, ReceiptHandle }));
    expect((await call("DeleteMessageBatch", { QueueUrl, Entries })).body).toMatchObject({
      Successful: [{ Id: "0" }, { Id: "1" }],
    });
    expect(sqs.queue("failed")?.messages()).toEqual([]);
  });

  it("shows a received message again at once when its visibility is set to nothing", async () => {
    await call("SendMessage", { QueueUrl, MessageBody: "a" });
    const { body } = await call("ReceiveMessage", { QueueUrl });
    const [message] = (body as { Messages: { ReceiptHandle: string }[] }).Messages;
    await call("ChangeMessageVisibility", {
      QueueUrl,
      ReceiptHandle: message?.ReceiptHandle,
      VisibilityTimeout: 0,
    });
    expect((await call("ReceiveMessage", { QueueUrl })).body).toMatchObject({ Messages: [{ Body: "a" }] });
  });
});
