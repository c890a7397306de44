/** A stream as the tests describe it: what is not said is unremarkable. */

import { type StreamPolicy, streamPolicy } from "../../../functions/reshard-streams/config/policy.ts";
import type { Action } from "../../../functions/reshard-streams/model/decision.ts";
import type { Minute, Observation, OpenShard } from "../../../functions/reshard-streams/model/observation.ts";
import type { Entry, History, Intent, Outcome } from "../../../shared/ledger/entry.ts";

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const NOW = Date.parse("2026-11-21T12:00:00Z");
/** What a shard takes in a minute: 1 MiB/s. */
export const SHARD_MINUTE = 60 * 1_048_576;

export function policy(keys: Record<string, unknown> = {}): StreamPolicy {
  return streamPolicy.parse({
    max: 100,
    targetUtilisation: 0.6,
    scaleOutAt: 0.8,
    scaleInCooldownMinutes: 60,
    ...keys,
  });
}

/** `count` open shards that share the hash keys evenly. */
export function evenShards(count: number): OpenShard[] {
  const width = 2n ** 128n / BigInt(count);
  return Array.from({ length: count }, (_, index) => ({
    id: `shardId-${String(index).padStart(12, "0")}`,
    from: BigInt(index) * width,
    to: index === count - 1 ? 2n ** 128n - 1n : BigInt(index + 1) * width - 1n,
  }));
}

/** The open shards after a decision was carried out. */
export function shardsAfter(shards: readonly OpenShard[], decision: Action): OpenShard[] {
  switch (decision.kind) {
    case "UpdateShardCount":
      return evenShards(decision.to);
    case "SplitShard":
      return shards.flatMap((shard) => {
        if (shard.id !== decision.shardId) return [shard];
        const middle = BigInt(decision.newStartingHashKey);
        return [
          { id: `${shard.id}-a`, parentId: shard.id, from: shard.from, to: middle - 1n },
          { id: `${shard.id}-b`, parentId: shard.id, from: middle, to: shard.to },
        ];
      });
    case "MergeShards":
      return shards.flatMap((shard) => {
        const right = shards.find(({ id }) => id === decision.adjacentShardId);
        if (shard.id === decision.adjacentShardId || !right) return [];
        return shard.id === decision.shardId ? [{ ...shard, id: `${shard.id}-m`, to: right.to }] : [shard];
      });
    default:
      return [...shards];
  }
}

/** A stream with `open` shards whose every minute of the look-back carried `demand` shards' worth of bytes. */
export function stream(
  open: number,
  demand: number,
  rest: Partial<Observation> & { throttled?: number; now?: number } = {},
): Observation {
  const { throttled = 0, now = NOW, ...facts } = rest;
  return {
    stream: "orders",
    status: "ACTIVE",
    mode: "PROVISIONED",
    createdAt: now - 48 * HOUR,
    shards: evenShards(open),
    minutes: Array.from({ length: 60 }, (_, index) =>
      minute(now - (60 - index) * MINUTE, { bytes: Math.round(demand * SHARD_MINUTE), throttled }),
    ),
    metricsComplete: true,
    ...facts,
  };
}

export function minute(at: number, values: Partial<Minute> = {}): Minute {
  return { at, bytes: 0, records: 0, throttled: 0, readBytes: 0, throttledReads: 0, ...values };
}

export function history(facts: Partial<History> = {}): History {
  return { resource: "stream/orders", version: 0, entries: [], ...facts };
}

export function entry(at: number, intent: Partial<Intent> = {}, outcome: Partial<Outcome> = {}): Entry {
  return {
    intent: {
      id: `at-${at}`,
      at,
      automation: "reshard-streams",
      action: "kinesis:UpdateShardCount",
      direction: "out",
      from: 1,
      to: 2,
      reasons: [],
      evidence: {},
      trigger: "schedule",
      ...intent,
    },
    outcome: { result: "applied", at, ...outcome },
  };
}

/** So many calls of UpdateShardCount, an hour apart, the last one an hour and a half ago. */
export function calls(count: number, now = NOW): Entry[] {
  return Array.from({ length: count }, (_, index) => entry(now - 1.5 * HOUR - index * HOUR));
}
