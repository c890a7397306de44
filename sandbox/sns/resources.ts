import * as z from "zod/mini";
import type { ResourceType } from "../service.ts";
import { parse } from "../wire/parse.ts";
import { boolean } from "../wire/scalars.ts";
import type { Subscribe, Subscription } from "./topic.ts";
import type { Topics } from "./topics.ts";

const text = z.optional(z.string());

const topicSchema = z.object({
  TopicName: text,
  DisplayName: text,
  KmsMasterKeyId: text,
  FifoTopic: z.optional(boolean),
  Subscription: z._default(z.array(z.object({ Protocol: z.string(), Endpoint: z.string() })), []),
});

const subscriptionSchema = z.object({
  TopicArn: z.string(),
  Protocol: z.string(),
  Endpoint: z.string(),
  FilterPolicy: z.optional(z.unknown()),
  FilterPolicyScope: text,
  RawMessageDelivery: z.optional(boolean),
  RedrivePolicy: z.optional(z.unknown()),
});

const policySchema = z.object({ Topics: z.array(z.string()) });

/** SNS's CloudFormation types. */
export function topicResources(topics: Topics, subscribe: Subscribe): Record<string, ResourceType> {
  return {
    "AWS::SNS::Topic": async (logicalId, properties) => {
      const topic = parse(topicSchema, properties);
      const name = topic.TopicName ?? logicalId;
      const { DisplayName, KmsMasterKeyId } = topic;
      const suffix = topic.FifoTopic ? ".fifo" : "";
      const { arn } = topics.create(`${name}${suffix}`, present({ DisplayName, KmsMasterKeyId }));
      const notSimulated = topic.Subscription.flatMap(({ Protocol, Endpoint }) => {
        return lacking(subscribe(arn, Protocol, Endpoint, {}));
      });
      if (KmsMasterKeyId !== undefined) notSimulated.push(`The topic ${name} is not encrypted here.`);
      return {
        ref: arn,
        attributes: { TopicArn: arn, TopicName: name },
        notSimulated,
        remove: async () => topics.delete(arn),
      };
    },

    "AWS::SNS::Subscription": async (_logicalId, properties) => {
      const given = parse(subscriptionSchema, properties);
      const attributes = present({
        FilterPolicy: given.FilterPolicy && JSON.stringify(given.FilterPolicy),
        FilterPolicyScope: given.FilterPolicyScope,
        RawMessageDelivery:
          given.RawMessageDelivery === undefined ? undefined : String(given.RawMessageDelivery),
        RedrivePolicy: given.RedrivePolicy && JSON.stringify(given.RedrivePolicy),
      });
      const subscription = subscribe(given.TopicArn, given.Protocol, given.Endpoint, attributes);
      const notSimulated = lacking(subscription);
      if (given.RedrivePolicy) {
        notSimulated.push(
          `What SNS cannot deliver to ${given.Endpoint} is reported and goes to no dead-letter queue.`,
        );
      }
      const { arn } = subscription;
      return {
        ref: arn,
        attributes: { Arn: arn },
        notSimulated,
        remove: async () => topics.unsubscribe(arn),
      };
    },

    "AWS::SNS::TopicPolicy": async (logicalId, properties) => {
      const { Topics: arns } = parse(policySchema, properties);
      for (const arn of arns) topics.get(arn);
      return {
        ref: logicalId,
        notSimulated: [`The policy ${logicalId} is not enforced: any caller may publish.`],
      };
    },
  };
}

function present(values: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(values).flatMap(([name, value]) =>
    typeof value === "string" ? [[name, value]] : [],
  );
  return Object.fromEntries(entries);
}

function lacking({ protocol, endpoint }: Subscription): string[] {
  return protocol.startsWith("email")
    ? [`No e-mail is sent to ${endpoint}; the sandbox keeps what was published.`]
    : [];
}
