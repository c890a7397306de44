import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries, TopicMessage } from "../deliveries.ts";
import { functionEvent, httpConfirmation, httpNotification, textFor } from "./envelope.ts";
import { passesFilter } from "./filter.ts";
import { invalidParameter, type Outcome, type Published, type Subscription } from "./topic.ts";
import type { Topics } from "./topics.ts";

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
const LONGEST_MESSAGE_BYTES = 262_144;
const LONGEST_SUBJECT = 100;
/** SNS gives an HTTP endpoint 15 s to answer. */
const HTTP_TIMEOUT_MS = 15_000;
/** SNS first retries at once, three times; its later, slower retries are not simulated. */
const HTTP_ATTEMPTS = 4;
/** Older messages are forgotten. */
const MOST_MESSAGES = 1000;

/** A publication: the message, or with `structure: "json"` the messages by protocol. */
export interface Publication extends TopicMessage {
  readonly structure?: string | undefined;
}

export interface Publisher {
  /**
   * Takes a message for a topic. The deliveries are under way when it returns; `delivered` resolves when all
   * are done.
   *
   * @throws {AwsError} NotFound, InvalidParameter
   */
  publish(topicArn: string, publication: Publication): { messageId: string; delivered: Promise<void> };
  /** Asks the endpoint of an unconfirmed http(s) subscription to confirm. */
  askToConfirm(subscription: Subscription): Promise<void>;
  /** The last 1,000 messages, oldest first. */
  published(): readonly Published[];
}

export interface PublisherDependencies {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  readonly topics: Topics;
  /** Where the sandbox can be reached, for the links in messages. */
  readonly endpointUrl: () => string;
  /** Hears what became of each delivery. */
  readonly onOutcome: (topicArn: string, outcome: Outcome) => void;
}

export function createPublisher({
  clock,
  deliveries,
  topics,
  endpointUrl,
  onOutcome,
}: PublisherDependencies): Publisher {
  const messages: Published[] = [];
  return { publish, askToConfirm, published: () => messages };

  function publish(topicArn: string, publication: Publication) {
    topics.get(topicArn);
    checkMessage(publication);
    const published: Published = {
      messageId: randomUUID(),
      topicArn,
      at: clock.now(),
      subject: publication.subject,
      message: publication.message,
      byProtocol: publication.structure === "json" ? messagesByProtocol(publication.message) : undefined,
      attributes: publication.attributes ?? {},
      outcomes: [],
    };
    messages.push(published);
    if (messages.length > MOST_MESSAGES) messages.shift();
    const all = topics.subscriptions(topicArn).map((subscription) => deliver(published, subscription));
    return { messageId: published.messageId, delivered: Promise.all(all).then(failIfOneFailed) };
  }

  async function deliver(published: Published, subscription: Subscription): Promise<Outcome> {
    const { protocol, endpoint } = subscription;
    const outcome = { protocol, endpoint, ...(await attempt(published, subscription)) };
    published.outcomes.push(outcome);
    onOutcome(published.topicArn, outcome);
    return outcome;
  }

  async function attempt(
    published: Published,
    subscription: Subscription,
  ): Promise<Pick<Outcome, "result" | "error">> {
    if (subscription.protocol.startsWith("email")) return { result: "not simulated" };
    if (subscription.token !== undefined) return { result: "not confirmed" };
    if (!passesFilter(subscription, published)) return { result: "filtered out" };
    try {
      await send(published, subscription);
      return { result: "delivered" };
    } catch (error) {
      return { result: "failed", error: String(error) };
    }
  }

  async function send(published: Published, subscription: Subscription): Promise<void> {
    if (subscription.protocol === "lambda") {
      await deliveries.toFunction(
        subscription.endpoint,
        functionEvent(published, subscription, endpointUrl()),
      );
      return;
    }
    const raw = subscription.attributes.get("RawMessageDelivery") === "true";
    const body = raw
      ? textFor(published, subscription.protocol)
      : JSON.stringify(httpNotification(published, subscription, endpointUrl()), undefined, 2);
    if (subscription.protocol === "sqs") return deliveries.toQueue(subscription.endpoint, body);
    const headers: Record<string, string> = raw ? { "x-amz-sns-rawdelivery": "true" } : {};
    await post(subscription, "Notification", published.messageId, body, headers);
  }

  async function askToConfirm(subscription: Subscription): Promise<void> {
    const messageId = randomUUID();
    const body = httpConfirmation(subscription, messageId, clock.now(), endpointUrl());
    await post(subscription, "SubscriptionConfirmation", messageId, JSON.stringify(body, undefined, 2), {});
  }
}

/** A topic's delivery reports what failed once all the others are done. */
function failIfOneFailed(outcomes: readonly Outcome[]): void {
  const failed = outcomes.filter((outcome) => outcome.result === "failed");
  if (failed.length === 0) return;
  throw new Error(
    failed.map(({ endpoint, error }) => `SNS did not deliver to ${endpoint}: ${error}`).join("; "),
  );
}

async function post(
  { endpoint, topicArn, arn }: Subscription,
  type: string,
  messageId: string,
  body: string,
  extra: Readonly<Record<string, string>>,
): Promise<void> {
  const headers = {
    "content-type": "text/plain; charset=UTF-8",
    "user-agent": "Amazon Simple Notification Service Agent",
    "x-amz-sns-message-type": type,
    "x-amz-sns-message-id": messageId,
    "x-amz-sns-topic-arn": topicArn,
    ...(type === "Notification" && { "x-amz-sns-subscription-arn": arn }),
    ...extra,
  };
  let problem = "";
  for (let attempt = 1; attempt <= HTTP_ATTEMPTS; attempt += 1) {
    try {
      const signal = AbortSignal.timeout(HTTP_TIMEOUT_MS);
      const response = await fetch(endpoint, { method: "POST", headers, body, signal });
      await response.arrayBuffer();
      if (response.ok) return;
      problem = `HTTP ${response.status}`;
      // The endpoint refuses for good: SNS does not ask again.
      if (response.status >= 400 && response.status < 500 && response.status !== 429) break;
    } catch (error) {
      problem = String(error);
    }
  }
  throw new Error(`${type} was not taken: ${problem}`);
}

function checkMessage({ message, subject }: Publication): void {
  if (message === "") throw invalidParameter("Empty message");
  if (Buffer.byteLength(message) > LONGEST_MESSAGE_BYTES) throw invalidParameter("Message too long");
  if (subject === undefined) return;
  // Printable ASCII without line breaks, and no blank at the start.
  if (!/^[!-~][ -~]*$/.test(subject) || subject.length > LONGEST_SUBJECT) {
    throw invalidParameter(
      `Subject: expected 1 to ${LONGEST_SUBJECT} printable ASCII characters, found "${subject}"`,
    );
  }
}

const byProtocolSchema = z.catchall(z.object({ default: z.string() }), z.unknown());

function messagesByProtocol(message: string): Record<string, string> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(message);
  } catch {
    throw invalidParameter("Message Structure - JSON message body failed to parse");
  }
  const result = byProtocolSchema.safeParse(parsed);
  if (!result.success) throw invalidParameter("Message Structure - No default entry in JSON message body");
  const texts = Object.entries(result.data).flatMap(([protocol, text]) =>
    typeof text === "string" ? [[protocol, text] as const] : [],
  );
  return Object.fromEntries(texts);
}
