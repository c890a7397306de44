import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { PoolStatus } from "../model/cluster.ts";

/** Keeps what one run leaves for the next, beside the pool's ledger. */
export interface PoolStatusStore {
  read(resource: string, signal: AbortSignal): Promise<PoolStatus>;
  write(resource: string, memory: PoolStatus, signal: AbortSignal): Promise<void>;
}

const labels = z.record(z.string(), z.string());
const amount = z.int();
const memoryShape = z.object({
  lowSince: z.optional(z.number()),
  shape: z.optional(
    z.object({
      allocatable: z.object({
        milliCpu: amount,
        memory: amount,
        pods: amount,
        extended: z.optional(z.record(z.string(), amount)),
      }),
      labels,
      taints: z.array(
        z.object({
          key: z.string(),
          value: z.optional(z.string()),
          effect: z.enum(["NoSchedule", "PreferNoSchedule", "NoExecute"]),
        }),
      ),
      units: amount,
    }),
  ),
});

const KEY = "memory";

/**
 * The memory is one item in the ledger's table. What cannot be read any more (an older version wrote it) is
 * forgotten: the pool then counts as low from now on, and its next node shows what its nodes look like.
 */
export function createPoolStatusStore(client: DynamoDBClient, TableName: string): PoolStatusStore {
  return {
    async read(resource, abortSignal) {
      try {
        const answer = await client.send(
          new GetItemCommand({
            TableName,
            Key: { pk: { S: resource }, sk: { S: KEY } },
            ConsistentRead: true,
          }),
          { abortSignal },
        );
        return parse(answer.Item?.body?.S);
      } catch (error) {
        throw asFailure(error, "dynamodb:GetItem", resource);
      }
    },
    async write(resource, memory, abortSignal) {
      const body = JSON.stringify(memory);
      try {
        await client.send(
          new PutItemCommand({ TableName, Item: { pk: { S: resource }, sk: { S: KEY }, body: { S: body } } }),
          { abortSignal },
        );
      } catch (error) {
        throw asFailure(error, "dynamodb:PutItem", resource);
      }
    },
  };
}

function parse(body: string | undefined): PoolStatus {
  if (body === undefined) return {};
  try {
    const parsed = memoryShape.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}
