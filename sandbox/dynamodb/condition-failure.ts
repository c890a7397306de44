import * as z from "zod/mini";
import type { UpstreamResponse } from "../endpoint/upstream.ts";
import type { CallDynamoDb } from "./call.ts";

const item = z.record(z.string(), z.unknown());

/** A write that wants to see the item its condition failed on. */
const Write = z.looseObject({
  TableName: z.string(),
  ReturnValuesOnConditionCheckFailure: z.literal("ALL_OLD"),
  /** UpdateItem and DeleteItem name the key; in PutItem it is part of the item. */
  Key: z.optional(item),
  Item: z.optional(item),
});

const Failure = z.looseObject({ __type: z.string() });

const KeySchema = z.looseObject({
  Table: z.looseObject({ KeySchema: z.array(z.looseObject({ AttributeName: z.string() })) }),
});

/**
 * Adds the item a condition failed on to the error, where the write asked for it
 * (`ReturnValuesOnConditionCheckFailure: ALL_OLD`), which `dynalite` does not know. It is read a moment after the
 * failed write; AWS reads it in the same moment.
 */
export async function withFailedItem(
  input: unknown,
  response: UpstreamResponse,
  call: CallDynamoDb,
): Promise<UpstreamResponse> {
  if (response.status < 400) return response;
  const write = z.safeParse(Write, input).data;
  const failure = z.safeParse(Failure, JSON.parse(String(response.body))).data;
  if (!write || !failure?.__type.includes("ConditionalCheckFailed")) return response;

  const { TableName } = write;
  const Key = write.Key ?? (await keyOf(TableName, write.Item ?? {}, call));
  const { body } = await call("GetItem", { TableName, Key, ConsistentRead: true });
  const found = z.safeParse(z.looseObject({ Item: item }), JSON.parse(String(body))).data;
  if (!found) return response;
  const withItem = Buffer.from(JSON.stringify({ ...failure, Item: found.Item }));
  const { "x-amz-crc32": _, ...headers } = response.headers;
  return { ...response, headers, body: withItem };
}

async function keyOf(TableName: string, whole: Readonly<Record<string, unknown>>, call: CallDynamoDb) {
  const { body } = await call("DescribeTable", { TableName });
  const { Table } = z.parse(KeySchema, JSON.parse(String(body)));
  return Object.fromEntries(
    Table.KeySchema.map(({ AttributeName }) => [AttributeName, whole[AttributeName]]),
  );
}
