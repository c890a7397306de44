import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { asFailure } from "../aws/failure.ts";
import type { RunMetrics } from "../lambda/metrics.ts";
import { asSubject, asText, type Notification, notification } from "./notification.ts";
import { topicArn } from "./topic-arn.ts";

/** What publishing needs to know of the run. */
export interface NotifyContext {
  readonly functionArn: string | undefined;
  readonly signal: AbortSignal;
  readonly metrics: Pick<RunMetrics, "count">;
}

/** Publishes one notification. At most one a decision is the caller's part: it asks the ledger first. */
export type Notify = (told: Notification, teller: NotifyContext) => Promise<void>;

/**
 * SNS gets both renderings in one message: the text for mail and chat, the JSON document for machines
 * (`lambda`, `sqs`, `http`, `https`). https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function createNotify(client: SNSClient, topic: string): Notify {
  return async (told, { functionArn, signal, metrics }) => {
    try {
      await client.send(
        new PublishCommand({
          TopicArn: topicArn(topic, functionArn, await client.config.region()),
          Subject: asSubject(told),
          MessageStructure: "json",
          Message: messageOf(told),
          MessageAttributes: {
            automation: { DataType: "String", StringValue: told.automation },
            resource: { DataType: "String", StringValue: told.resource },
          },
        }),
        { abortSignal: signal },
      );
    } catch (error) {
      metrics.count("NotificationFailures");
      throw asFailure(error, "sns:Publish", told.resource);
    }
  };
}

function messageOf(told: Notification): string {
  const json = JSON.stringify(notification.parse(told));
  return JSON.stringify({ default: asText(told), lambda: json, sqs: json, http: json, https: json });
}

/** The size of a notification with all its renderings: SNS takes 262,144 bytes. */
export function publishedBytes(told: Notification): number {
  return Buffer.byteLength(messageOf(told));
}
