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
});
