import type { BatchStatementError } from "@aws-sdk/client-dynamodb";
import { asFailure } from "../../../shared/aws/failure.ts";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import type { Write } from "../plan/item.ts";
import type { StoredItem } from "../plan/stored-item.ts";

/** What became of one write of a call. */
export type Answer =
  | { readonly kind: "done" }
  /** The condition failed: this stands there already. */
  | { readonly kind: "exists"; readonly stored: StoredItem }
  /** A throttle, a 5xx, or no answer. After the latter two the write may have been applied all the same. */
  | { readonly kind: "again"; readonly mayBeApplied: boolean }
  /** DynamoDB will never take this item. */
  | { readonly kind: "refused"; readonly message: string };

/** One answer a write, in the order of the writes; or DynamoDB refused the call as a whole because of one of them. */
export type Answers = readonly Answer[] | { readonly refusedTogether: string };

/** One table, written in the way its stream's mode asks for. */
export interface Table {
  /** Most writes in one call. */
  readonly maxWrites: number;
  /** Calls in flight at once. */
  readonly callsInFlight: number;
  /**
   * Makes one call.
   * @param writes at most `maxWrites`, no two of one key.
   * @throws Blocked, Misconfigured if the table cannot be written at all.
   */
  write(writes: readonly Write[], signal: AbortSignal): Promise<Answers>;
}

/** The policy's key is not the table's: every item would be refused, so none is to blame. */
const KEY_SCHEMA =
  /key element does not match the schema|required keys was not given|Missing the key|Type mismatch for key/i;

/** Nothing was written. */
const THROTTLES: ReadonlySet<string> = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
]);

/** Another write was in the way; status 400, and gone in a moment. */
const CONTENTION: ReadonlySet<string> = new Set([
  "TransactionConflictException",
  "ReplicatedWriteConflictException",
]);

/** The item is wrong, not the request. */
const REFUSALS: ReadonlySet<string> = new Set([
  "ValidationException",
  "SerializationException",
  "ItemCollectionSizeLimitExceededException",
]);

/**
 * What an error of a call to DynamoDB means for the write.
 * @throws Blocked, Misconfigured if the error is about the table, and not about the write.
 */
export function answerTo(
  error: unknown,
  operation: string,
  table: string,
): Extract<Answer, { kind: "again" | "refused" }> {
  const failure = asFailure(error, `dynamodb:${operation}`, `table/${table}`);
  const { name, message } = error instanceof Error ? error : failure;
  if (CONTENTION.has(name)) return { kind: "again", mayBeApplied: false };
  if (failure instanceof RetryLater) return { kind: "again", mayBeApplied: !THROTTLES.has(name) };
  if (REFUSALS.has(name) && !KEY_SCHEMA.test(message)) return { kind: "refused", message };
  throw failure;
}

/**
 * What the error of one statement of a batch means. Its codes are the names of errors without their ends.
 * @throws Blocked, Misconfigured if the error is about the table, and not about the write.
 */
export function answerToStatement(
  { Code: code, Message = "" }: BatchStatementError,
  table: string,
): Extract<Answer, { kind: "again" | "refused" }> {
  const error = Object.assign(new Error(Message), {
    name: STATEMENT_ERRORS[String(code)] ?? `${code}Exception`,
  });
  return answerTo(error, "BatchExecuteStatement", table);
}

/** https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchStatementError.html */
const STATEMENT_ERRORS: Readonly<Record<string, string>> = {
  ValidationError: "ValidationException",
  ThrottlingError: "ThrottlingException",
  InternalServerError: "InternalServerError",
  RequestLimitExceeded: "RequestLimitExceeded",
};
