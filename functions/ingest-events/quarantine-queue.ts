import type { S3Client } from "@aws-sdk/client-s3";
import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import type { Quarantine } from "./quarantine.ts";

export interface QuarantinePlaces {
  readonly queueUrl: string;
  readonly bucket: string;
}

/**
 * The quarantine as an SQS queue, with an S3 bucket for what is too large for a message.
 *
 * @param storage makes the S3 client; called only when there is something to store, which is hardly ever, so
 * that its code is not loaded with the function.
 * @param failed hears why a call failed; the records are then reported to Lambda as failed, not lost.
 */
export function quarantineQueue(
  queue: SQSClient,
  storage: () => Promise<S3Client>,
  { queueUrl, bucket }: QuarantinePlaces,
  failed: (call: string, error: unknown) => void,
): Quarantine {
  return {
    send: async (bodies, abortSignal) => {
      const entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
      try {
        const answer = await queue.send(
          new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
          { abortSignal },
        );
        const taken = new Set(answer.Successful?.map(({ Id }) => Id));
        const first = answer.Failed?.[0];
        if (first) failed("sqs:SendMessage", new Error(`${first.Code}: ${first.Message}`));
        return entries.flatMap(({ Id }, index) => (taken.has(Id) ? [] : [index]));
      } catch (error) {
        failed("sqs:SendMessage", error);
        return [...bodies.keys()];
      }
    },
    store: async (key, document, abortSignal) => {
      try {
        const [client, { PutObjectCommand }] = await Promise.all([storage(), import("@aws-sdk/client-s3")]);
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: key,
            Body: document,
            ContentType: "application/json",
          }),
          { abortSignal },
        );
        return { bucket, key };
      } catch (error) {
        failed("s3:PutObject", error);
        return undefined;
      }
    },
  };
}
