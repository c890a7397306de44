import type { TopicMessageAttribute } from "../deliveries.ts";
import { AwsError } from "../wire/error.ts";

/** Protocols a subscription may have here, and how a message reaches its endpoint. */
export const PROTOCOLS = ["lambda", "sqs", "http", "https", "email", "email-json"] as const;
export type Protocol = (typeof PROTOCOLS)[number];

export interface Topic {
  readonly arn: string;
  readonly attributes: Map<string, string>;
}

export interface Subscription {
  readonly arn: string;
  readonly topicArn: string;
  readonly protocol: Protocol;
  /** The ARN of a function or a queue, a URL or an e-mail address. */
  readonly endpoint: string;
  readonly attributes: Map<string, string>;
  /** What ConfirmSubscription must be given; undefined once confirmed. */
  token: string | undefined;
}

/** Subscribes an endpoint and asks it to confirm where it must. */
export type Subscribe = (
  topicArn: string,
  protocol: string,
  endpoint: string,
  attributes: Readonly<Record<string, string>>,
) => Subscription;

/** A message as it was published. */
export interface Published {
  readonly messageId: string;
  readonly topicArn: string;
  /** Ms since the epoch. */
  readonly at: number;
  readonly subject: string | undefined;
  readonly message: string;
  /** With `MessageStructure: json`: the message by protocol. */
  readonly byProtocol: Readonly<Record<string, string>> | undefined;
  readonly attributes: Readonly<Record<string, TopicMessageAttribute>>;
  /** What became of it at each subscription. */
  readonly outcomes: Outcome[];
}

export interface Outcome {
  readonly protocol: Protocol;
  readonly endpoint: string;
  readonly result: "delivered" | "filtered out" | "not confirmed" | "not simulated" | "failed";
  /** Why it failed. */
  readonly error?: string;
}

export function invalidParameter(why: string): AwsError {
  return new AwsError("InvalidParameterException", `Invalid parameter: ${why}`, {
    queryCode: "InvalidParameter",
  });
}

export function notFound(what: string): AwsError {
  return new AwsError("NotFoundException", what, { status: 404, queryCode: "NotFound" });
}
