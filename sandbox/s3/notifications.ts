import * as z from "zod/mini";
import type { Properties } from "../service.ts";
import { parse } from "../wire/parse.ts";
import type { OnCreated } from "./buckets.ts";

export type ToQueue = (queueArn: string, body: string) => void;

const Notifications = z.looseObject({
  NotificationConfiguration: z.optional(
    z.strictObject({
      QueueConfigurations: z._default(
        z.array(z.strictObject({ Event: z.literal("s3:ObjectCreated:*"), Queue: z.string() })),
        [],
      ),
    }),
  ),
});

/**
 * What a bucket sends to queues for each object that is put into it.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 * @throws {AwsError} for a configuration that is not simulated
 */
export function queueNotifications(properties: Properties, toQueue: ToQueue): readonly OnCreated[] {
  const { NotificationConfiguration } = parse(Notifications, properties, "InvalidArgument");
  return (NotificationConfiguration?.QueueConfigurations ?? []).map(({ Queue }) => (bucket, object) => {
    const { key, body, etag, modifiedAt } = object;
    const record = {
      eventVersion: "2.1",
      eventSource: "aws:s3",
      awsRegion: Queue.split(":")[3],
      eventTime: new Date(modifiedAt).toISOString(),
      eventName: "ObjectCreated:Put",
      s3: {
        s3SchemaVersion: "1.0",
        bucket: { name: bucket, arn: `arn:aws:s3:::${bucket}` },
        // As a form's field: blanks are plus signs.
        object: {
          key: encodeURIComponent(key).replaceAll("%2F", "/").replaceAll("%20", "+"),
          size: body.length,
          eTag: etag.replaceAll('"', ""),
        },
      },
    };
    toQueue(Queue, JSON.stringify({ Records: [record] }));
  });
}
