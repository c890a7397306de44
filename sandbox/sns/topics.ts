import { randomBytes, randomUUID } from "node:crypto";
import { patternOf } from "../events/pattern.ts";
import { ACCOUNT_ID } from "../service.ts";
import {
  invalidParameter,
  notFound,
  PROTOCOLS,
  type Protocol,
  type Subscription,
  type Topic,
} from "./topic.ts";

export interface Topics {
  /** Creates a topic, or returns the one of that name. */
  create(name: string, attributes?: Readonly<Record<string, string>>): Topic;
  /** @throws {AwsError} NotFound */
  get(arn: string): Topic;
  list(): Topic[];
  delete(arn: string): void;
  /** Subscribes, or returns the subscription of that topic, protocol and endpoint. */
  subscribe(
    topicArn: string,
    protocol: string,
    endpoint: string,
    attributes?: Readonly<Record<string, string>>,
  ): Subscription;
  /** @throws {AwsError} NotFound */
  subscription(arn: string): Subscription;
  subscriptions(topicArn?: string): Subscription[];
  setSubscriptionAttribute(arn: string, name: string, value: string): void;
  unsubscribe(arn: string): void;
  /** @throws {AwsError} InvalidParameter for a token this topic did not give */
  confirm(topicArn: string, token: string): Subscription;
}

const SUBSCRIPTION_ATTRIBUTES = [
  "FilterPolicy",
  "FilterPolicyScope",
  "RawMessageDelivery",
  "DeliveryPolicy",
  "RedrivePolicy",
];

export function createTopics(region: string): Topics {
  const topics = new Map<string, Topic>();
  const subscriptions = new Map<string, Subscription>();

  return {
    create(name, attributes = {}) {
      if (!/^[\w-]{1,256}$/.test(name)) {
        throw invalidParameter(
          `Topic Name "${name}": expected 1 to 256 letters, digits, - and _ (no FIFO topics here)`,
        );
      }
      const arn = `arn:aws:sns:${region}:${ACCOUNT_ID}:${name}`;
      const topic = topics.get(arn) ?? { arn, attributes: new Map() };
      for (const [key, value] of Object.entries(attributes)) topic.attributes.set(key, value);
      topics.set(arn, topic);
      return topic;
    },

    get: getTopic,
    list: () => [...topics.values()],

    delete(arn) {
      topics.delete(arn);
      for (const { arn: own, topicArn } of subscriptions.values())
        if (topicArn === arn) subscriptions.delete(own);
    },

    subscribe(topicArn, protocol, endpoint, attributes = {}) {
      getTopic(topicArn);
      const checked = checkProtocol(protocol, endpoint);
      const existing = [...subscriptions.values()].find(
        (other) => other.topicArn === topicArn && other.protocol === checked && other.endpoint === endpoint,
      );
      const subscription = existing ?? {
        arn: `${topicArn}:${randomUUID()}`,
        topicArn,
        protocol: checked,
        endpoint,
        attributes: new Map(),
        token: OWN.includes(checked) ? undefined : randomBytes(64).toString("hex"),
      };
      for (const [name, value] of Object.entries(attributes)) setAttribute(subscription, name, value);
      subscriptions.set(subscription.arn, subscription);
      return subscription;
    },

    subscription: getSubscription,
    subscriptions: (topicArn) =>
      [...subscriptions.values()].filter((one) => topicArn === undefined || one.topicArn === topicArn),
    setSubscriptionAttribute: (arn, name, value) => setAttribute(getSubscription(arn), name, value),
    unsubscribe: (arn) => void subscriptions.delete(arn),

    confirm(topicArn, token) {
      getTopic(topicArn);
      const found = [...subscriptions.values()].find(
        (one) => one.topicArn === topicArn && one.token === token,
      );
      if (!found) throw invalidParameter("Token: it belongs to no pending subscription of this topic");
      found.token = undefined;
      return found;
    },
  };

  function getTopic(arn: string): Topic {
    const topic = topics.get(arn);
    if (!topic) throw notFound(`Topic does not exist: ${arn}`);
    return topic;
  }

  function getSubscription(arn: string): Subscription {
    const subscription = subscriptions.get(arn);
    if (!subscription) throw notFound(`Subscription does not exist: ${arn}`);
    return subscription;
  }
}

function checkProtocol(protocol: string, endpoint: string): Protocol {
  const known = PROTOCOLS.find((one) => one === protocol);
  if (!known) {
    throw invalidParameter(
      `Protocol "${protocol}" is not simulated: the sandbox has ${PROTOCOLS.join(", ")}`,
    );
  }
  const form = ENDPOINT_FORMS[known];
  if (!form.pattern.test(endpoint)) {
    throw invalidParameter(`Endpoint "${endpoint}": a ${known} subscription takes ${form.expected}`);
  }
  return known;
}

/** What is in the topic's own account needs no confirmation. */
const OWN: readonly Protocol[] = ["lambda", "sqs"];

const ENDPOINT_FORMS: Readonly<Record<Protocol, { pattern: RegExp; expected: string }>> = {
  lambda: { pattern: /^arn:aws:lambda:/, expected: "a function's ARN" },
  sqs: { pattern: /^arn:aws:sqs:/, expected: "a queue's ARN" },
  http: { pattern: /^http:\/\//, expected: "an http:// URL" },
  https: { pattern: /^https:\/\//, expected: "an https:// URL" },
  email: { pattern: /@/, expected: "an e-mail address" },
  "email-json": { pattern: /@/, expected: "an e-mail address" },
};

function setAttribute(subscription: Subscription, name: string, value: string): void {
  if (!SUBSCRIPTION_ATTRIBUTES.includes(name)) {
    throw invalidParameter(`AttributeName "${name}": expected one of ${SUBSCRIPTION_ATTRIBUTES.join(", ")}`);
  }
  if (name === "FilterPolicy" && value !== "" && value !== "{}")
    patternOf(parsePolicy(value), "InvalidParameter");
  subscription.attributes.set(name, value);
}

function parsePolicy(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw invalidParameter(`FilterPolicy is no JSON: ${String(error)}`);
  }
}
