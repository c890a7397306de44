import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from "@aws-sdk/client-dynamodb";
import { asFailure } from "../aws/failure.ts";
import type { Entry } from "../ledger/entry.ts";
import { entryItem } from "../ledger/items.ts";
import { APPROVAL_TRAIL, REQUEST_FORM, REQUEST_KEY, readRequest, requestItem, stateOf } from "./item.ts";
import { type ApprovalRequest, resourceOfRequest } from "./request.ts";

const KEEP_MS = 90 * 24 * 3_600_000;

/** The requests in the ledger's table: one item a resource, next to its history. */
export interface RequestStore {
  /** Undefined for an id of no request, and for one that another has replaced. */
  find(id: string, signal?: AbortSignal): Promise<ApprovalRequest | undefined>;
  /**
   * Writes a request over the one that was read.
   *
   * @returns false when that is not the one that stands any more: then nothing was written
   */
  replace(
    before: ApprovalRequest | undefined,
    after: ApprovalRequest,
    signal?: AbortSignal,
  ): Promise<boolean>;
  /** Adds a person's answer to the audit trail. */
  record(resource: string, entry: Entry, signal?: AbortSignal): Promise<void>;
}

export function createRequestStore(client: DynamoDBClient, TableName: string): RequestStore {
  const keyOf = (resource: string) => ({ pk: { S: resource }, sk: { S: REQUEST_KEY } });
  return {
    async find(id, abortSignal) {
      const resource = resourceOfRequest(id);
      if (resource === undefined) return undefined;
      const get = new GetItemCommand({ TableName, Key: keyOf(resource), ConsistentRead: true });
      try {
        const request = readRequest((await client.send(get, { abortSignal })).Item);
        return request?.id === id ? request : undefined;
      } catch (error) {
        throw asFailure(error, "dynamodb:GetItem", resource);
      }
    },
    async replace(before, after, abortSignal) {
      const put = new PutItemCommand({
        TableName,
        Item: requestItem(after, KEEP_MS),
        ...(before
          ? {
              ConditionExpression: "requestId = :id AND requestState = :state",
              ExpressionAttributeValues: { ":id": { S: before.id }, ":state": { S: stateOf(before) } },
            }
          : {
              // What another version wrote cannot be read, and so cannot be answered either.
              ConditionExpression: "attribute_not_exists(pk) OR form <> :form",
              ExpressionAttributeValues: { ":form": { N: REQUEST_FORM } },
            }),
      });
      try {
        await client.send(put, { abortSignal });
        return true;
      } catch (error) {
        if (error instanceof ConditionalCheckFailedException) return false;
        throw asFailure(error, "dynamodb:PutItem", after.resource);
      }
    },
    async record(resource, entry, abortSignal) {
      const Item = entryItem(`${APPROVAL_TRAIL}${resource}`, entry, KEEP_MS);
      try {
        await client.send(new PutItemCommand({ TableName, Item }), { abortSignal });
      } catch (error) {
        throw asFailure(error, "dynamodb:PutItem", resource);
      }
    },
  };
}
