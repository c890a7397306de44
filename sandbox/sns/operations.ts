import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { TopicMessageAttribute } from "../deliveries.ts";
import { ACCOUNT_ID } from "../service.ts";
import type { Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { page } from "../wire/page.ts";
import { parse as parseWith } from "../wire/parse.ts";
import { boolean, list } from "../wire/scalars.ts";
import type { Publisher } from "./publish.ts";
import { invalidParameter, type Subscribe, type Subscription } from "./topic.ts";
import type { Topics } from "./topics.ts";

/** ListTopics and the subscription lists answer 100 a page. */
const PAGE_SIZE = 100;

const text = z.string();
const attributeMap = z._default(z.record(z.string(), z.string()), {});
const topicInput = z.object({ TopicArn: text });
const pageInput = z.object({ NextToken: z.optional(text) });
const createInput = z.object({ Name: text, Attributes: attributeMap });
const setTopicInput = z.object({ TopicArn: text, AttributeName: text, AttributeValue: z._default(text, "") });

function parse<Schema extends z.core.$ZodType>(schema: Schema, input: unknown): z.core.output<Schema> {
  return parseWith(schema, input, "InvalidParameter");
}

export function topicOperations(topics: Topics): Record<string, Operation> {
  return {
    CreateTopic: (input) => {
      const { Name, Attributes } = parse(createInput, input);
      return { TopicArn: topics.create(Name, Attributes).arn };
    },
    DeleteTopic: (input) => topics.delete(parse(topicInput, input).TopicArn),
    ListTopics: (input) => {
      const { items, nextToken } = page(topics.list(), parse(pageInput, input).NextToken, PAGE_SIZE);
      return { Topics: items.map(({ arn }) => ({ TopicArn: arn })), NextToken: nextToken };
    },
    GetTopicAttributes: (input) => {
      const { arn, attributes } = topics.get(parse(topicInput, input).TopicArn);
      const pending = topics.subscriptions(arn).filter(({ token }) => token !== undefined).length;
      const counted: [string, string][] = [
        ["TopicArn", arn],
        ["Owner", ACCOUNT_ID],
        ["SubscriptionsConfirmed", String(topics.subscriptions(arn).length - pending)],
        ["SubscriptionsPending", String(pending)],
      ];
      return { Attributes: new Map([...counted, ...attributes]) };
    },
    SetTopicAttributes: (input) => {
      const { TopicArn, AttributeName, AttributeValue } = parse(setTopicInput, input);
      topics.get(TopicArn).attributes.set(AttributeName, AttributeValue);
    },
  };
}

const subscribeInput = z.object({
  TopicArn: text,
  Protocol: text,
  Endpoint: z._default(text, ""),
  Attributes: attributeMap,
  ReturnSubscriptionArn: z._default(boolean, false),
});
const confirmInput = z.object({ TopicArn: text, Token: text });
const subscriptionInput = z.object({ SubscriptionArn: text });
const byTopicInput = z.object({ TopicArn: text, NextToken: z.optional(text) });
const setSubscriptionInput = z.object({
  SubscriptionArn: text,
  AttributeName: text,
  AttributeValue: z._default(text, ""),
});

export function subscriptionOperations(topics: Topics, subscribe: Subscribe): Record<string, Operation> {
  return {
    Subscribe: (input) => {
      const request = parse(subscribeInput, input);
      const subscription = subscribe(
        request.TopicArn,
        request.Protocol,
        request.Endpoint,
        request.Attributes,
      );
      const hidden = subscription.token !== undefined && !request.ReturnSubscriptionArn;
      return { SubscriptionArn: hidden ? "pending confirmation" : subscription.arn };
    },
    ConfirmSubscription: (input) => {
      const { TopicArn, Token } = parse(confirmInput, input);
      return { SubscriptionArn: topics.confirm(TopicArn, Token).arn };
    },
    Unsubscribe: (input) => topics.unsubscribe(parse(subscriptionInput, input).SubscriptionArn),
    ListSubscriptions: (input) => listed(topics.subscriptions(), parse(pageInput, input).NextToken),
    ListSubscriptionsByTopic: (input) => {
      const { TopicArn, NextToken } = parse(byTopicInput, input);
      return listed(topics.subscriptions(topics.get(TopicArn).arn), NextToken);
    },
    GetSubscriptionAttributes: (input) => {
      const found = topics.subscription(parse(subscriptionInput, input).SubscriptionArn);
      const own: [string, string][] = [
        ["SubscriptionArn", found.arn],
        ["TopicArn", found.topicArn],
        ["Protocol", found.protocol],
        ["Endpoint", found.endpoint],
        ["Owner", ACCOUNT_ID],
        ["PendingConfirmation", String(found.token !== undefined)],
      ];
      return { Attributes: new Map([...own, ...found.attributes]) };
    },
    SetSubscriptionAttributes: (input) => {
      const { SubscriptionArn, AttributeName, AttributeValue } = parse(setSubscriptionInput, input);
      topics.setSubscriptionAttribute(SubscriptionArn, AttributeName, AttributeValue);
    },
  };
}

function listed(subscriptions: readonly Subscription[], token: string | undefined) {
  const { items, nextToken } = page(subscriptions, token, PAGE_SIZE);
  const Subscriptions = items.map((item) => ({
    SubscriptionArn: item.token === undefined ? item.arn : "PendingConfirmation",
    Owner: ACCOUNT_ID,
    Protocol: item.protocol,
    Endpoint: item.endpoint,
    TopicArn: item.topicArn,
  }));
  return { Subscriptions, NextToken: nextToken };
}

const messageInput = {
  Message: text,
  Subject: z.optional(text),
  MessageStructure: z.optional(text),
  MessageAttributes: z._default(
    z.record(
      text,
      z.object({ DataType: text, StringValue: z.optional(text), BinaryValue: z.optional(text) }),
    ),
    {},
  ),
};
const publishInput = z.object({ TopicArn: z.optional(text), TargetArn: z.optional(text), ...messageInput });
const batchInput = z.object({
  TopicArn: text,
  PublishBatchRequestEntries: list(z.object({ Id: text, ...messageInput })).check(
    z.minLength(1),
    z.maxLength(10),
  ),
});

export function publishOperations(publisher: Publisher, clock: SandboxClock): Record<string, Operation> {
  function publish(topicArn: string, entry: Omit<z.infer<typeof publishInput>, "TopicArn" | "TargetArn">) {
    const { messageId, delivered } = publisher.publish(topicArn, {
      message: entry.Message,
      ...(entry.Subject !== undefined && { subject: entry.Subject }),
      structure: entry.MessageStructure,
      attributes: attributesOf(entry.MessageAttributes),
    });
    clock.background(() => delivered);
    return messageId;
  }
  return {
    Publish: (input) => {
      const request = parse(publishInput, input);
      const arn = request.TopicArn ?? request.TargetArn;
      if (arn === undefined) throw invalidParameter("TopicArn: the sandbox publishes to topics only");
      return { MessageId: publish(arn, request) };
    },
    PublishBatch: (input) => {
      const { TopicArn, PublishBatchRequestEntries } = parse(batchInput, input);
      const Successful: object[] = [];
      const Failed: object[] = [];
      for (const entry of PublishBatchRequestEntries) {
        try {
          Successful.push({ Id: entry.Id, MessageId: publish(TopicArn, entry) });
        } catch (error) {
          if (!(error instanceof AwsError) || error.status === 404) throw error;
          Failed.push({ Id: entry.Id, Code: error.queryCode, Message: error.message, SenderFault: true });
        }
      }
      return { Successful, Failed };
    },
  };
}

function attributesOf(
  sent: z.infer<typeof publishInput>["MessageAttributes"],
): Record<string, TopicMessageAttribute> {
  return Object.fromEntries(
    Object.entries(sent).map(([name, { DataType, StringValue, BinaryValue }]) => {
      return [name, { Type: DataType, Value: StringValue ?? BinaryValue ?? "" }];
    }),
  );
}
