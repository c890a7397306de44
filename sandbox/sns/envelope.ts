import type { Published, Subscription } from "./topic.ts";

/**
 * What subscribers receive. The signature fields stand where AWS's stand; nothing here is signed.
 * https://docs.aws.amazon.com/lambda/latest/dg/with-sns.html
 * https://docs.aws.amazon.com/sns/latest/dg/http-notification-json.html
 */
const NOT_SIGNED = { SignatureVersion: "1", Signature: "not-signed-by-the-sandbox" };

/** The message for a protocol, of the messages by protocol where there are any. */
export function textFor({ message, byProtocol }: Published, protocol: string): string {
  return byProtocol?.[protocol] ?? byProtocol?.default ?? message;
}

/** The event a subscribed Lambda function gets. */
export function functionEvent(published: Published, subscription: Subscription, endpointUrl: string) {
  const { messageId, topicArn, at, subject, attributes } = published;
  return {
    Records: [
      {
        EventSource: "aws:sns",
        EventVersion: "1.0",
        EventSubscriptionArn: subscription.arn,
        Sns: {
          Type: "Notification",
          MessageId: messageId,
          TopicArn: topicArn,
          Subject: subject ?? null,
          Message: textFor(published, "lambda"),
          Timestamp: new Date(at).toISOString(),
          ...NOT_SIGNED,
          SigningCertUrl: `${endpointUrl}/SimpleNotificationService.pem`,
          UnsubscribeUrl: unsubscribeUrl(subscription, endpointUrl),
          MessageAttributes: attributes,
        },
      },
    ],
  };
}

/** The body POSTed to a subscribed URL, and sent to a subscribed queue. */
export function httpNotification(published: Published, subscription: Subscription, endpointUrl: string) {
  const { messageId, topicArn, at, subject, attributes } = published;
  return {
    Type: "Notification",
    MessageId: messageId,
    TopicArn: topicArn,
    ...(subject !== undefined && { Subject: subject }),
    Message: textFor(published, subscription.protocol),
    Timestamp: new Date(at).toISOString(),
    ...NOT_SIGNED,
    SigningCertURL: `${endpointUrl}/SimpleNotificationService.pem`,
    UnsubscribeURL: unsubscribeUrl(subscription, endpointUrl),
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  };
}

/** The body POSTed to a URL that was just subscribed: to get notifications it must visit SubscribeURL. */
export function httpConfirmation(
  subscription: Subscription,
  messageId: string,
  at: number,
  endpointUrl: string,
) {
  const { topicArn, token = "" } = subscription;
  return {
    Type: "SubscriptionConfirmation",
    MessageId: messageId,
    Token: token,
    TopicArn: topicArn,
    Message:
      `You have chosen to subscribe to the topic ${topicArn}.\n` +
      "To confirm the subscription, visit the SubscribeURL included in this message.",
    SubscribeURL: link(endpointUrl, topicArn, {
      Action: "ConfirmSubscription",
      TopicArn: topicArn,
      Token: token,
    }),
    Timestamp: new Date(at).toISOString(),
    ...NOT_SIGNED,
    SigningCertURL: `${endpointUrl}/SimpleNotificationService.pem`,
  };
}

function unsubscribeUrl({ arn }: Subscription, endpointUrl: string): string {
  return link(endpointUrl, arn, { Action: "Unsubscribe", SubscriptionArn: arn });
}

/** A link to click on. AWS has a host for SNS alone; the sandbox finds it by a credential scope. */
function link(endpointUrl: string, arn: string, parameters: Readonly<Record<string, string>>): string {
  const scope = { "X-Amz-Credential": `link/20260101/${arn.split(":")[3]}/sns/aws4_request` };
  return `${endpointUrl}/?${new URLSearchParams({ ...parameters, ...scope })}`;
}
