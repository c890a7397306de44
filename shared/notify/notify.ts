import { PublishCommand, type SNSClient } from "@aws-sdk/client-sns";
import { asFailure } from "../aws/failure.ts";
import type { RunMetrics } from "../lambda/metrics.ts";
import { asText } from "./as-text.ts";
import { attributesOf, messagesOf } from "./message.ts";
import { asSubject, type Notification, notification } from "./notification.ts";
import { withRunbook } from "./runbook.ts";
import { topicArn } from "./topic-arn.ts";

/** What publishing needs to know of the run. */
export interface NotifyContext {
  readonly functionArn: string | undefined;
  readonly signal: AbortSignal;
  readonly metrics: Pick<RunMetrics, "count">;
}

/** Publishes notifications, in one message where they fit into one. It sends what it is given: the outbox knows what is due. */
export type Notify = (notifications: readonly Notification[], context: NotifyContext) => Promise<void>;

/**
 * SNS gets all renderings in one message: the JSON document for machines and chats (`lambda`, `sqs`, `http`, `https` …),
 * the text for mail, the subject for a text message. `REFLEX_RUNBOOK`, `notify.links.runbook` of the config, is put into the
 * bundle (scripts/bundle/packaged-config.ts): the messages link to their headings there. https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
 */
export function createNotify(client: SNSClient, topic: string): Notify {
  return async (notifications, { functionArn, signal, metrics }) => {
    const linked = notifications.map((one) => withRunbook(one, process.env.REFLEX_RUNBOOK));
    const messages = messagesOf(linked, publishedBytes);
    const TopicArn = topicArn(topic, functionArn, await client.config.region());
    for (const message of messages) {
      try {
        await client.send(
          new PublishCommand({
            TopicArn,
            Subject: asSubject(message),
            MessageStructure: "json",
            Message: renderings(message),
            MessageAttributes: snsAttributes(message),
          }),
          { abortSignal: signal },
        );
      } catch (error) {
        metrics.count("NotificationFailures");
        throw asFailure(error, "sns:Publish", message.resource);
      }
    }
  };
}

/** The size of a message with all its renderings and its attributes: SNS takes 262,144 bytes. */
export const publishedBytes = (message: Notification): number =>
  Buffer.byteLength(renderings(message)) + Buffer.byteLength(JSON.stringify(snsAttributes(message)));

const renderings = (message: Notification): string =>
  JSON.stringify({
    default: JSON.stringify(notification.parse(message)),
    email: asText(message),
    sms: asSubject(message),
  });

/** A list where a message may stand for several: a filter policy matches any of its values. */
function snsAttributes(message: Notification) {
  const { automation, ...lists } = attributesOf(message);
  return {
    automation: { DataType: "String", StringValue: automation },
    ...Object.fromEntries(
      Object.entries(lists).map(([name, values]) => [
        name,
        { DataType: "String.Array", StringValue: JSON.stringify(values) },
      ]),
    ),
  };
}
