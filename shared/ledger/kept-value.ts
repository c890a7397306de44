import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import type * as z from "zod/mini";
import { asFailure } from "../aws/failure.ts";

/** A value of a resource that one run leaves for the next: one item in the ledger's table. */
export interface KeptValue<T> {
  /** Undefined when nothing was kept, or what was kept cannot be read any more: an older version wrote it. */
  read(resource: string, signal: AbortSignal): Promise<T | undefined>;
  write(resource: string, value: T, signal: AbortSignal): Promise<void>;
}

/** @param sortKey which of the resource's values it is */
export function createKeptValue<T>(
  client: DynamoDBClient,
  TableName: string,
  sortKey: string,
  shape: z.ZodMiniType<T>,
): KeptValue<T> {
  const keyOf = (resource: string) => ({ pk: { S: resource }, sk: { S: sortKey } });
  return {
    async read(resource, abortSignal) {
      const get = new GetItemCommand({ TableName, Key: keyOf(resource), ConsistentRead: true });
      try {
        const { Item } = await client.send(get, { abortSignal });
        return readBody(shape, Item?.body?.S);
      } catch (error) {
        throw asFailure(error, "dynamodb:GetItem", resource);
      }
    },
    async write(resource, value, abortSignal) {
      const Item = { ...keyOf(resource), body: { S: JSON.stringify(value) } };
      try {
        await client.send(new PutItemCommand({ TableName, Item }), { abortSignal });
      } catch (error) {
        throw asFailure(error, "dynamodb:PutItem", resource);
      }
    },
  };
}

/** What an item's text holds; undefined where there is none, or another version wrote it. */
export function readBody<S extends z.ZodMiniType>(
  shape: S,
  text: string | undefined,
): z.output<S> | undefined {
  if (text === undefined) return undefined;
  try {
    return shape.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
