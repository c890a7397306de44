import type { DynamoDBClient } from "@aws-sdk/client-dynamodb";
import * as z from "zod/mini";
import { readDrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Node } from "../../../shared/kubernetes/node.ts";
import { createKeptValue } from "../../../shared/ledger/kept-value.ts";

/** A node that is being drained, as a run saw it. */
export interface OpenDrain {
  readonly node: string;
  readonly nodePool: string;
  readonly cause: z.output<typeof cause>;
  /** ms since the epoch. */
  readonly startedAt: number;
}

/**
 * The nodes that are being drained, by cluster. The nodes say it themselves as long as their cluster is in the config;
 * this is for the day its last pool leaves it.
 */
export type OpenDrains = Readonly<Record<string, readonly OpenDrain[]>>;

export interface OpenDrainsStore {
  read(signal: AbortSignal): Promise<OpenDrains>;
  write(drains: OpenDrains, signal: AbortSignal): Promise<void>;
}

const cause = z.enum(["scale-in", "lifecycle-hook", "spot-interruption", "rebalance-recommendation"]);
const shape = z.record(
  z.string(),
  z.array(z.object({ node: z.string(), nodePool: z.string(), cause, startedAt: z.number() })),
);

const RESOURCE = "drain-nodes";

export function createOpenDrainsStore(client: DynamoDBClient, table: string): OpenDrainsStore {
  const kept = createKeptValue<OpenDrains>(client, table, "open-drains", shape);
  return {
    read: async (signal) => (await kept.read(RESOURCE, signal)) ?? {},
    write: (drains, signal) => kept.write(RESOURCE, drains, signal),
  };
}

/** Of these nodes, those that are being drained. */
export const openDrainsOf = (nodes: readonly Node[]): OpenDrain[] =>
  nodes.flatMap((node) => {
    const mark = readDrainMark(node);
    if (!mark || mark.endedAt !== undefined) return [];
    const { nodePool, cause: why, startedAt } = mark;
    return [{ node: node.name, nodePool, cause: why, startedAt }];
  });
