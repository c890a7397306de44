import { SendMessageBatchCommand, type SQSClient } from "@aws-sdk/client-sqs";
import { asFailure } from "../../../shared/aws/failure.ts";
import { storeDocument } from "./bucket.ts";
import type { QuarantineLocations } from "./locations.ts";
import type { Quarantine } from "./quarantine.ts";

/**
 * The quarantine as an SQS queue, with an S3 bucket for what is too large for a message.
 *
 * @param failed hears why something is not quarantined; it is then reported to Lambda as failed, not lost.
 */
export function quarantineQueue(
  queue: SQSClient,
  { queueUrl, bucket }: QuarantineLocations,
  failed: (failure: Error) => void,
): Quarantine {
  return {
    send: async (bodies, abortSignal) => {
      const entries = bodies.map((body, index) => ({ Id: String(index), MessageBody: body }));
      try {
        const { Successful, Failed } = await queue.send(
          new SendMessageBatchCommand({ QueueUrl: queueUrl, Entries: entries }),
          { abortSignal },
        );
        const taken = new Set(Successful?.map(({ Id }) => Id));
        const [first] = Failed ?? [];
        if (first) failed(new Error(`${queueUrl} did not take a message: ${first.Code}: ${first.Message}`));
        return entries.flatMap(({ Id }, index) => (taken.has(Id) ? [] : [index]));
      } catch (error) {
        failed(asFailure(error, "sqs:SendMessage", queueUrl));
        return [...bodies.keys()];
      }
    },
    store: async (key, document, abortSignal) => {
      try {
        await storeDocument(bucket, key, document, abortSignal);
        return { bucket, key };
      } catch (error) {
        failed(asFailure(error, "s3:PutObject", `${bucket}/${key}`));
        return undefined;
      }
    },
  };
}
