import type { SandboxClock } from "../clock/clock.ts";
import type { MetricStore } from "../cloudwatch/metrics/store.ts";
import type { Deliveries, TopicMessage } from "../deliveries.ts";
import { DEFAULT_REGION, type Service } from "../service.ts";
import { answer } from "../wire/answer.ts";
import { publishOperations, subscriptionOperations, topicOperations } from "./operations.ts";
import { createPublisher } from "./publish.ts";
import { topicResources } from "./resources.ts";
import type { Outcome, Published, Subscribe } from "./topic.ts";
import { createTopics, type Topics } from "./topics.ts";

export interface SnsDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  /** `AWS/SNS`: what was delivered and what was not; nothing is published where absent. */
  readonly metrics?: Pick<MetricStore, "put">;
  /** The default region where absent. */
  readonly region?: string;
  /** Where the sandbox can be reached, for the links in messages; http://127.0.0.1:4566 when left out. */
  readonly endpointUrl?: () => string;
}

export interface Sns extends Service {
  readonly topics: Topics;
  /** Publishes and resolves when every subscriber is dealt with: the receiver of `Deliveries.toTopic`. */
  publish(topicArn: string, message: TopicMessage): Promise<void>;
  /** The last 1,000 messages, oldest first. */
  published(): readonly Published[];
}

/** https://docs.aws.amazon.com/sns/latest/dg/sns-monitoring-using-cloudwatch.html */
const OUTCOME_METRICS: Partial<Record<Outcome["result"], string>> = {
  delivered: "NumberOfNotificationsDelivered",
  failed: "NumberOfNotificationsFailed",
  "filtered out": "NumberOfNotificationsFilteredOut",
};

/** SNS topics with Lambda, SQS and http(s) subscriptions, by AWS Query. */
export function createSns(dependencies: SnsDependencies): Sns {
  const { clock, deliveries, region = DEFAULT_REGION } = dependencies;
  const { endpointUrl = () => "http://127.0.0.1:4566" } = dependencies;
  const topics = createTopics(region);
  const onOutcome = (topicArn: string, { result }: Outcome) => {
    const name = OUTCOME_METRICS[result];
    const TopicName = topicArn.split(":").at(-1) ?? "";
    if (name) dependencies.metrics?.put("AWS/SNS", name, { TopicName }, { value: 1 }, "Count", clock.now());
  };
  const publisher = createPublisher({ clock, deliveries, topics, endpointUrl, onOutcome });

  const subscribe: Subscribe = (topicArn, protocol, endpoint, attributes) => {
    const subscription = topics.subscribe(topicArn, protocol, endpoint, attributes);
    const asks = subscription.token !== undefined && protocol.startsWith("http");
    if (asks) clock.background(() => publisher.askToConfirm(subscription));
    return subscription;
  };

  const service = {
    name: "SNS",
    operations: {
      ...topicOperations(topics),
      ...subscriptionOperations(topics, subscribe),
      ...publishOperations(publisher, clock),
    },
    xmlNamespace: "http://sns.amazonaws.com/doc/2010-03-31/",
  };
  return {
    signingNames: ["sns"],
    resources: topicResources(topics, subscribe),
    handle: (request) => answer(service, request),
    topics,
    publish: async (topicArn, message) => publisher.publish(topicArn, message).delivered,
    published: publisher.published,
  };
}
