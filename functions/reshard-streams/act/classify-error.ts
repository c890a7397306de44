import {
  InvalidArgumentException,
  KinesisServiceException,
  LimitExceededException,
  ResourceInUseException,
} from "@aws-sdk/client-kinesis";
import { asFailure } from "../../../shared/aws/failure.ts";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { Blocked, type ReflexError, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Outcome } from "../../../shared/ledger/entry.ts";
import { CALL_RATE, DAILY_QUOTA } from "../decide/measure/quota.ts";
import { ACCOUNT_LIMIT } from "../decide/rules/refused-lately.ts";
import type { Action } from "../model/decision.ts";
import { resourceOf } from "../observe/configured-stream.ts";

/** What a failed call means. */
export interface FailedCall {
  readonly failure: ReflexError;
  /** Set where AWS certainly changed nothing. Without it the next run reads the outcome off the stream. */
  readonly outcome?: Outcome;
}

/** @param at when the call failed, ms since the epoch */
export function classifyError(error: unknown, stream: string, change: Action, at: number): FailedCall {
  const resource = resourceOf(stream);
  const call = `kinesis:${change.kind}`;
  const message = messageOf(error);
  if (error instanceof ResourceInUseException) {
    // No outcome: the SDK's own second attempt gets this answer too, after the first one changed the stream.
    const why = `${stream} is already being changed: the next run reads the outcome off the stream`;
    return { failure: new RetryLater(why, { resource, call, cause: error }) };
  }
  if (error instanceof LimitExceededException || error instanceof InvalidArgumentException) {
    const limit = limitIn(message, change);
    return {
      failure: limitFailure(limit, `${call} ${change.from} -> ${change.to} for ${resource}`, error),
      outcome: { result: "refused", at, code: limit, detail: message },
    };
  }
  const failure = asFailure(error, call, resource);
  // Only a refusal is certain: a call without an answer may have changed the stream.
  const refused = error instanceof KinesisServiceException && error.$fault === "client";
  if (failure instanceof RetryLater || !refused) return { failure };
  return { failure, outcome: { result: "refused", at, code: "refused", detail: message } };

  function limitFailure(limit: Limit, what: string, cause: Error): ReflexError {
    const context = { resource, call, cause };
    switch (limit) {
      case CALL_RATE:
        return new RetryLater(`${what} was throttled (${message}): the next run tries again`, context);
      case DAILY_QUOTA:
        return new Blocked(`${what} was refused: ${quotaText(change, message)}`, context);
      default:
        return new Blocked(`${what} was refused (${message}): nothing was changed`, context);
    }
  }
}

function quotaText({ kind }: Action, message: string): string {
  return kind === "UpdateStreamMode"
    ? `the 2 calls in 24 hours are used, some of them not by Reflex (${message}). Nothing was changed; Reflex tries again in a day`
    : `the 10 calls in 24 hours are used, some of them not by Reflex (${message}). Nothing was changed; Reflex tries again in an hour`;
}

type Limit = typeof CALL_RATE | typeof DAILY_QUOTA | "step" | typeof ACCOUNT_LIMIT | "refused";

/**
 * The limit that AWS's message names. AWS uses LimitExceededException and InvalidArgumentException both for "more
 * than double", and the former also for its own call rate, the account's shards and the daily quota: only the
 * words of the message distinguish them.
 */
function limitIn(message: string, { kind }: Action): Limit {
  if (/rate exceeded/i.test(message)) return CALL_RATE;
  // Splits and merges of many streams at once; a call of UpdateShardCount may meet the account's limit of shards in like words.
  if (kind !== "UpdateShardCount" && /concurrent|in parallel|simultaneous/i.test(message)) return CALL_RATE;
  // Before the words that count: these name account ids and shard counts, which may hold any digits.
  if (/shard limit|limit for the account|shards? (?:per|in) (?:the )?account|exceed the shard/i.test(message))
    return ACCOUNT_LIMIT;
  if (/\b24[- ]?h|per day|daily|rolling|\b(?:\d+|ten) times/i.test(message)) return DAILY_QUOTA;
  if (/double|half|twice|\b2x|50 ?%/i.test(message)) return "step";
  return "refused";
}
