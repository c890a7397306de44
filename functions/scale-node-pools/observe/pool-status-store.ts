import { isDeepStrictEqual } from "node:util";
import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { createKeptValue } from "../../../shared/ledger/kept-value.ts";
import type { PoolStatus } from "../model/pool-status.ts";

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
        code: z.enum([
          "launch-suspended",
          "instances-never-joined",
          "devices-never-came",
          "launch-failed",
          "group-busy",
        ]),
        text: z.string(),
        missingType: z.optional(z.string()),
      }),
    ),
  ),
  unjoined: z.optional(z.record(z.string(), z.number())),
  takenBack: z.optional(z.object({ failures: amount, until: z.number() })),
  owners: z.optional(
    z.record(z.string(), z.object({ stuckSince: z.number(), failures: amount, until: z.number() })),
  ),
  devices: z.optional(z.record(z.string(), z.record(z.string(), amount))),
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

/** What cannot be read any more is forgotten: the pool then counts as low from now on, and its next node shows its shape. */
export function createPoolStatusStore(client: DynamoDBClient, table: string): PoolStatusStore {
  const kept = createKeptValue<PoolStatus>(client, table, KEY, statusShape);
  return {
    read: async (resource, signal) => (await kept.read(resource, signal)) ?? {},
    write: kept.write,
  };
}

/** Whether two statuses are kept alike: what is undefined is not kept. */
export const isKeptAlike = (one: PoolStatus, other: PoolStatus): boolean =>
  isDeepStrictEqual(JSON.parse(JSON.stringify(one)), JSON.parse(JSON.stringify(other)));
