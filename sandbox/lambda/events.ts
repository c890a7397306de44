import { randomUUID } from "node:crypto";
import * as z from "zod/mini";
import type { SandboxClock } from "../clock/clock.ts";
import type { Deliveries } from "../deliveries.ts";
import type { Invocation, LambdaFunction } from "./function.ts";

const Destination = z.optional(z.looseObject({ Destination: z.string() }));

/** The properties of `AWS::Lambda::EventInvokeConfig`. */
export const EventInvokeConfig = z.looseObject({
  FunctionName: z.string(),
  Qualifier: z.optional(z.string()),
  MaximumRetryAttempts: z.optional(z.number()),
  MaximumEventAgeInSeconds: z.optional(z.number()),
  DestinationConfig: z.optional(z.looseObject({ OnFailure: Destination, OnSuccess: Destination })),
});

/** What Lambda does with an asynchronous event beside running the function. */
export interface EventRules {
  readonly retries: number;
  readonly maxAgeMs: number;
  readonly onFailureArn?: string | undefined;
  readonly onSuccessArn?: string | undefined;
}

/** Lambda's own: two retries, six hours. https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-error-handling.html */
export const DEFAULT_RULES: EventRules = { retries: 2, maxAgeMs: 6 * 60 * 60 * 1000 };

export function eventRules(config: z.infer<typeof EventInvokeConfig>): EventRules {
  const { MaximumRetryAttempts, MaximumEventAgeInSeconds, DestinationConfig } = config;
  return {
    retries: MaximumRetryAttempts ?? DEFAULT_RULES.retries,
    maxAgeMs: (MaximumEventAgeInSeconds ?? DEFAULT_RULES.maxAgeMs / 1000) * 1000,
    onFailureArn: DestinationConfig?.OnFailure?.Destination,
    onSuccessArn: DestinationConfig?.OnSuccess?.Destination,
  };
}

/** A minute before the first retry, two before the second. */
const RETRY_DELAYS_MS = [60_000, 120_000];

export interface EventContext {
  readonly clock: SandboxClock;
  readonly deliveries: Deliveries;
  /** Sends to an SQS queue. */
  readonly toQueue: (queueArn: string, body: string) => void;
  readonly log: (line: string) => void;
}

/**
 * Runs a function for an asynchronous event. Resolves when the first attempt has ended; the retries follow on
 * the sandbox's clock, and then the on-failure destination or the dead-letter topic.
 */
export async function runEvent(
  target: LambdaFunction,
  payload: string,
  rules: EventRules,
  context: EventContext,
  traceHeader?: string,
): Promise<void> {
  const { clock } = context;
  const requestId = randomUUID();
  const receivedAt = clock.now();

  const attempt = async (number: number): Promise<void> => {
    const invocation = await target.invokeInTurn(payload, { requestId, attempt: number, traceHeader });
    if (invocation.result.ok) {
      if (rules.onSuccessArn)
        await send(rules.onSuccessArn, record(target, invocation, payload, "Success"), context);
      return;
    }
    const delay = RETRY_DELAYS_MS[Math.min(number, RETRY_DELAYS_MS.length) - 1] ?? 0;
    const retryAt = clock.now() + delay;
    const tooOld = retryAt - receivedAt > rules.maxAgeMs;
    if (number <= rules.retries && !tooOld) {
      clock.at(retryAt, () => attempt(number + 1));
      return;
    }
    await giveUp(
      target,
      invocation,
      payload,
      rules,
      tooOld ? "EventAgeExceeded" : "RetriesExhausted",
      context,
    );
  };
  await attempt(1);
}

async function giveUp(
  target: LambdaFunction,
  invocation: Invocation,
  payload: string,
  rules: EventRules,
  condition: string,
  context: EventContext,
): Promise<void> {
  const { deadLetterArn, name } = target.configuration;
  if (rules.onFailureArn)
    await send(rules.onFailureArn, record(target, invocation, payload, condition), context);
  if (deadLetterArn) await send(deadLetterArn, payload, context);
  if (!rules.onFailureArn && !deadLetterArn) {
    context.log(
      `${name}: the event is dropped after ${invocation.attempt} attempts: the function has no on-failure destination.`,
    );
  }
}

/** The record a destination gets. */
function record(target: LambdaFunction, invocation: Invocation, payload: string, condition: string): string {
  const { result, requestId, attempt, at } = invocation;
  const responsePayload: unknown = result.ok ? JSON.parse(result.payload) : result.error;
  return JSON.stringify({
    version: "1.0",
    timestamp: new Date(at).toISOString(),
    requestContext: {
      requestId,
      functionArn: `${target.configuration.arn}:$LATEST`,
      condition,
      approximateInvokeCount: attempt,
    },
    requestPayload: JSON.parse(payload),
    responseContext: {
      statusCode: 200,
      executedVersion: "$LATEST",
      ...(!result.ok && { functionError: "Unhandled" }),
    },
    responsePayload,
  });
}

async function send(arn: string, message: string, context: EventContext): Promise<void> {
  const { deliveries, toQueue, log } = context;
  const service = arn.split(":")[2];
  if (service === "sqs") return toQueue(arn, message);
  if (service === "sns") return deliveries.toTopic(arn, { message });
  if (service === "lambda") return deliveries.toFunction(arn, JSON.parse(message));
  log(`The sandbox cannot deliver to ${arn}: ${message.slice(0, 500)}`);
}
