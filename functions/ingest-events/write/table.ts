import type { AttributeValue, DynamoDBClient } from "@aws-sdk/client-dynamodb";
import {
  BatchWriteItemCommand,
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../../../shared/aws/failure.ts";
import { Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { canonicalNumber } from "../decode/decimal.ts";
import type { Item } from "../plan/attributes.ts";
import type { Version } from "../plan/version.ts";
import { withRawBody } from "./raw-body.ts";

/** What became of one call. A call that says nothing about single items but that all is wrong throws instead. */
export type Answer =
  | { readonly kind: "done" }
  /** Some were not written (`UnprocessedItems`, a throttle in the middle): their places in the request. */
  | { readonly kind: "partly"; readonly left: readonly number[] }
  /** The condition failed: this stands there already. */
  | { readonly kind: "exists"; readonly stored: Item }
  /** A throttle, a 5xx, or no answer. After the latter two the write may have been applied all the same. */
  | { readonly kind: "again"; readonly mayBeApplied: boolean }
  /** DynamoDB will never take this. */
  | { readonly kind: "refused"; readonly message: string };

/** The calls `write` makes, against one table. */
export interface Table {
  /** At most 25 items, no two of one key. */
  putAll(items: readonly Item[], signal: AbortSignal): Promise<Answer>;
  /** Puts unless an item of this key stands there. */
  putNew(item: Item, signal: AbortSignal): Promise<Answer>;
  /** Puts unless an item of this key with this version or a later one stands there. */
  putNewer(item: Item, version: Version, signal: AbortSignal): Promise<Answer>;
}

/**
 * `client` must not retry by itself (`maxAttempts: 1`): `write` does, with all of the invocation in view.
 */
export function dynamoTable(client: DynamoDBClient, { table, key, version }: StreamPolicy): Table {
  const [partition] = key;
  if (partition === undefined) throw new Misconfigured(`${table}: the policy names no key attribute`);

  /** One text for one key, whichever way its numbers are written. */
  const keyText = (item: Item) =>
    JSON.stringify(
      key.map(({ attribute, type }) => {
        const value = item[attribute];
        return type === "N" ? canonicalNumber(value?.N ?? "") : value?.S;
      }),
    );

  const putIf = async (
    item: Item,
    condition: { expression: string; names: Record<string, string>; values?: Record<string, AttributeValue> },
    abortSignal: AbortSignal,
  ): Promise<Answer> => {
    try {
      const command = withRawBody(new PutItemCommand({ TableName: table, Item: {} }), {
        TableName: table,
        Item: item,
        ConditionExpression: condition.expression,
        ExpressionAttributeNames: condition.names,
        ExpressionAttributeValues: condition.values,
        ReturnValuesOnConditionCheckFailure: "ALL_OLD",
      });
      await client.send(command, { abortSignal });
      return { kind: "done" };
    } catch (error) {
      if (!(error instanceof ConditionalCheckFailedException)) return answerTo(error, "PutItem", table);
      return error.Item ? { kind: "exists", stored: error.Item } : await readStored(item, abortSignal);
    }
  };

  /** AWS sends the item along with the failed condition; not everything that speaks its protocol does. */
  const readStored = async (item: Item, abortSignal: AbortSignal): Promise<Answer> => {
    const wanted: Item = {};
    for (const { attribute } of key) {
      const value = item[attribute];
      if (value !== undefined) wanted[attribute] = value;
    }
    try {
      const { Item: stored } = await client.send(
        new GetItemCommand({ TableName: table, Key: wanted, ConsistentRead: true }),
        { abortSignal },
      );
      // Gone since: its time to live is over, or somebody deleted it. Try the write again.
      return stored ? { kind: "exists", stored } : { kind: "again", mayBeApplied: false };
    } catch (error) {
      return answerTo(error, "GetItem", table);
    }
  };

  return {
    putAll: async (items, abortSignal) => {
      try {
        const command = withRawBody(new BatchWriteItemCommand({ RequestItems: { [table]: [] } }), {
          RequestItems: { [table]: items.map((item) => ({ PutRequest: { Item: item } })) },
        });
        const { UnprocessedItems } = await client.send(command, { abortSignal });
        const unprocessed = UnprocessedItems?.[table] ?? [];
        if (unprocessed.length === 0) return { kind: "done" };
        const missing = new Set(unprocessed.map(({ PutRequest }) => keyText(PutRequest?.Item ?? {})));
        const left = [...items.keys()].filter((index) => missing.has(keyText(items[index] ?? {})));
        // Should one of them be none of ours, nothing is known: all of it again.
        return left.length === missing.size
          ? { kind: "partly", left }
          : { kind: "again", mayBeApplied: true };
      } catch (error) {
        return answerTo(error, "BatchWriteItem", table);
      }
    },
    putNew: (item, signal) =>
      putIf(item, { expression: "attribute_not_exists(#k)", names: { "#k": partition.attribute } }, signal),
    putNewer: (item, newer, signal) =>
      putIf(
        item,
        {
          expression: "attribute_not_exists(#k) OR #v < :v",
          names: { "#k": partition.attribute, "#v": version?.attribute ?? "" },
          values: { ":v": newer },
        },
        signal,
      ),
  };
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

function answerTo(error: unknown, operation: string, table: string): Answer {
  const failure = asFailure(error, `dynamodb:${operation}`, `table/${table}`);
  const { name, message } = error instanceof Error ? error : failure;
  if (failure instanceof RetryLater) return { kind: "again", mayBeApplied: !THROTTLES.has(name) };
  if (CONTENTION.has(name)) return { kind: "again", mayBeApplied: false };
  if (REFUSALS.has(name) && !KEY_SCHEMA.test(message)) return { kind: "refused", message };
  throw failure;
}
