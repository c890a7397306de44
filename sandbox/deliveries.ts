/**
 * What the sandbox's services send one another. The account (sandbox/account.ts) connects the receivers, so
 * that no service knows another: an alarm publishes to "a topic" and SNS invokes "a function".
 */

/** What is published to a topic. */
export interface TopicMessage {
  readonly message: string;
  readonly subject?: string;
  readonly attributes?: Readonly<Record<string, TopicMessageAttribute>>;
}

/** As in SNS's MessageAttributes, for example `{ Type: "String", Value: "orders" }`. */
export interface TopicMessageAttribute {
  readonly Type: string;
  readonly Value: string;
}

/** An event on the default event bus, as EventBridge hands it to a target. */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  /** ISO 8601 without milliseconds, for example `2026-11-21T10:43:00Z`. */
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

export interface Deliveries {
  /** Invokes a function asynchronously (`InvocationType: Event`). Resolves when the event is dealt with. */
  toFunction(functionArn: string, event: unknown): Promise<void>;
  /** Publishes to a topic. Resolves when all its subscribers are dealt with. */
  toTopic(topicArn: string, message: TopicMessage): Promise<void>;
  /** Sends to a queue. Resolves when it is in it. */
  toQueue(queueArn: string, body: string): Promise<void>;
  /** Puts an event on the default event bus. Resolves when all matching targets are dealt with. */
  toBus(event: BusEvent): Promise<void>;
}

export interface ConnectableDeliveries extends Deliveries {
  /** Names the receiver of one or more kinds of delivery; a later call replaces an earlier one. */
  connect(receivers: Partial<Deliveries>): void;
}

/** Deliveries whose receivers are connected later, since the services that receive also send. */
export function createDeliveries(): ConnectableDeliveries {
  const connected: Partial<Deliveries> = {};
  const missing = (kind: string, to: string) =>
    new Error(`Nothing in this sandbox receives ${kind}: the delivery to ${to} is lost.`);
  return {
    connect: (receivers) => void Object.assign(connected, receivers),
    async toFunction(functionArn, event) {
      if (!connected.toFunction) throw missing("invocations", functionArn);
      await connected.toFunction(functionArn, event);
    },
    async toTopic(topicArn, message) {
      if (!connected.toTopic) throw missing("publications", topicArn);
      await connected.toTopic(topicArn, message);
    },
    async toQueue(queueArn, body) {
      if (!connected.toQueue) throw missing("messages", queueArn);
      await connected.toQueue(queueArn, body);
    },
    async toBus(event) {
      if (!connected.toBus) throw missing("events", `the event bus (${event["detail-type"]})`);
      await connected.toBus(event);
    },
  };
}
