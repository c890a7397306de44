import { type DynamoDBClient, GetItemCommand, PutItemCommand } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { PoolStatus } from "../model/cluster.ts";

/** Keeps what one run leaves for the next, beside the pool's ledger. */
export interface PoolStatusStore {
  read(resource: string, signal: AbortSignal): Promise<PoolStatus>;
  write(resource: string, status: PoolStatus, signal: AbortSignal): Promise<void>;
}

const labels = z.record(z.string(), z.string());
const amount = z.int();
const statusShape = z.object({
  lowSince: z.optional(z.number()),
  groups: z.optional(
    z.record(
      z.string(),
      z.object({
        failures: amount,
        lastFailureAt: z.number(),
        code: z.enum(["launch-suspended", "instances-never-joined", "launch-failed", "group-busy"]),
        text: z.string(),
      }),
    ),
  ),
  unjoined: z.optional(z.record(z.string(), z.number())),
  owners: z.optional(
    z.record(z.string(), z.object({ stuckSince: z.number(), failures: amount, until: z.number() })),
  ),
  shape: z.optional(
    z.object({
      allocatable: z.object({
        milliCpu: amount,
        memory: amount,
        pods: amount,
        ephemeralStorage: z.optional(amount),
        extended: z.optional(z.record(z.string(), amount)),
      }),
      volumeLimits: z.optional(z.record(z.string(), amount)),
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
 * The status is one item in the ledger's table. What cannot be read any more (an older version wrote it) is
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
    async write(resource, status, abortSignal) {
      const body = JSON.stringify(status);
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
    const parsed = statusShape.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : {};
  } catch {
    return {};
  }
}
