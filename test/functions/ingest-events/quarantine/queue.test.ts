import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, SQSClient } from "@aws-sdk/client-sqs";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { quarantineQueue } from "../../../../functions/ingest-events/quarantine/queue.ts";

const sqs = mockClient(SQSClient);
const s3 = mockClient(S3Client);
const { signal } = new AbortController();
const queueUrl = "https://sqs.us-east-1.amazonaws.com/000000000000/q";

function quarantine() {
  const failures: string[] = [];
  const made = quarantineQueue(
    new SQSClient(),
    { queueUrl, bucket: "b" },
    ({ message }) => void failures.push(message),
  );
  return { ...made, failures };
}

beforeEach(() => {
  sqs.reset();
  s3.reset();
});

it("sends a batch of messages to the queue", async () => {
  sqs.on(SendMessageBatchCommand).resolves({
    Successful: ["0", "1"].map((Id) => ({ Id, MessageId: Id, MD5OfMessageBody: "" })),
  });
  expect(await quarantine().send(["x", "y"], signal)).toEqual([]);
  expect(sqs.commandCalls(SendMessageBatchCommand)[0]?.args[0].input).toEqual({
    QueueUrl: queueUrl,
    Entries: [
      { Id: "0", MessageBody: "x" },
      { Id: "1", MessageBody: "y" },
    ],
  });
});

it("answers which messages were not taken, and says why", async () => {
  sqs.on(SendMessageBatchCommand).resolves({
    Successful: [{ Id: "0", MessageId: "0", MD5OfMessageBody: "" }],
    Failed: [{ Id: "1", Code: "InternalError", Message: "oops", SenderFault: false }],
  });
  const { send, failures } = quarantine();
  expect(await send(["x", "y"], signal)).toEqual([1]);
  expect(failures).toEqual([`${queueUrl} did not take a message: InternalError: oops`]);
});

it("answers all of them when the call fails, and says why", async () => {
  sqs.on(SendMessageBatchCommand).rejects(Object.assign(new Error("no"), { name: "AccessDeniedException" }));
  const { send, failures } = quarantine();
  expect(await send(["x", "y"], signal)).toEqual([0, 1]);
  expect(failures).toEqual([expect.stringContaining("sqs:SendMessage")]);
});

it("stores a document in the bucket, and answers where", async () => {
  s3.on(PutObjectCommand).resolves({});
  expect(await quarantine().store("k", "{}", signal)).toEqual({ bucket: "b", key: "k" });
  expect(s3.commandCalls(PutObjectCommand)[0]?.args[0].input).toMatchObject({
    Bucket: "b",
    Key: "k",
    Body: "{}",
  });
});

it("answers no place when the document is not stored, and says why", async () => {
  s3.on(PutObjectCommand).rejects(Object.assign(new Error("no"), { name: "AccessDenied" }));
  const { store, failures } = quarantine();
  expect(await store("k", "{}", signal)).toBeUndefined();
  expect(failures).toEqual([expect.stringContaining("s3:PutObject")]);
});
