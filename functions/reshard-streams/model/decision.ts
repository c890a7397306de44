import type { Evidence } from "../../../shared/ledger/entry.ts";

/**
 * Why, in one word, for metrics, traces and filters. The reasons say it in sentences.
 * README.md explains each.
 */
export type Verdict =
  | "scale-out"
  | "scale-out-throttled"
  | "raise-to-min"
  | "scale-in"
  | "lower-to-max"
  | "rebalance"
  | "hot-shard"
  | "split-without-quota"
  | "on-target"
  | "recovered"
  | "updating"
  | "on-demand"
  | "raise-warm-throughput"
  | "release-warm-throughput"
  | "distribute-evenly"
  | "switch-mode"
  | "at-max"
  | "above-max-and-busy"
  | "at-min"
  | "quota-spent"
  | "quota-reserved"
  | "refused-lately"
  | "cooling-down"
  | "busy-in-look-back"
  | "consumers-behind"
  | "metrics-incomplete"
  | "too-new"
  | "awaiting-metrics"
  | "hot-key"
  | "resharding-does-not-help";

/** The verdicts of a hold that a person has to see to; each is a notification of its own. */
export const NOTIFIED_VERDICTS = [
  "at-max",
  "above-max-and-busy",
  "refused-lately",
  "consumers-behind",
  "hot-key",
  "resharding-does-not-help",
  "quota-spent",
  "on-demand",
] as const satisfies readonly Verdict[];
export type NotifiedVerdict = (typeof NOTIFIED_VERDICTS)[number];

interface Decided {
  readonly verdict: Verdict;
  /** Sentences for a person, the deciding one first. */
  readonly reasons: readonly string[];
  /** The numbers the reasons were read from. */
  readonly evidence: Evidence;
  /** A cheaper way to run the stream, beside what was decided. */
  readonly advice?: ModeAdvice;
  /** What is wrong with the stream that no change of it can mend, beside what was decided. */
  readonly findings?: readonly Finding[];
}

/** Something that a person has to know while it lasts. */
export interface Finding {
  /** Which matter of the stream: one incident at a time for each. */
  readonly key: string;
  readonly code: "consumers-stopped";
  readonly severity: "warning" | "critical";
  /** A sentence for a person. */
  readonly text: string;
}

/** A cheaper way to run a stream, over the days that are known. */
export interface ModeAdvice {
  readonly to: "provisioned" | "static" | "on-demand";
  /** A sentence for a person, with the price of each way. */
  readonly text: string;
  /** USD, as it is run now and the other way. */
  readonly costPerMonth: { readonly before: number; readonly after: number };
}

export interface Hold extends Decided {
  readonly kind: "hold";
  /** A person has to know: notified once, and again only when it changes or a day has passed. */
  readonly notify: boolean;
  /** Worth observing again at the next minute, not only at the next full scan. */
  readonly requeue: boolean;
  /** A rise is predicted that a change decided then is in time for, ms since the epoch: it is observed then at the latest. */
  readonly observeAt?: number;
}

interface Step extends Decided {
  readonly direction: "out" | "in" | "none";
  /** Before and after this step: open shards, or MiB/s of warm throughput. */
  readonly from: number;
  readonly to: number;
}

interface Change extends Step {
  readonly direction: "out" | "in";
}

interface ShardChange extends Change {
  /** Where the steps of the plan lead; equal to `to` in the last of them. */
  readonly goal: number;
}

export interface UpdateShardCount extends ShardChange {
  readonly kind: "UpdateShardCount";
}

export interface SplitShard extends ShardChange {
  readonly kind: "SplitShard";
  readonly shardId: string;
  /** The middle of its hash keys, as Kinesis takes it: a decimal number. */
  readonly newStartingHashKey: string;
}

export interface MergeShards extends ShardChange {
  readonly kind: "MergeShards";
  readonly shardId: string;
  readonly adjacentShardId: string;
  /** The first hash key of the adjacent shard, where a split undoes the merge. */
  readonly adjacentStartingHashKey: string;
}

/** `from` and `to` are MiB/s that an on-demand stream takes at once. */
export interface UpdateStreamWarmThroughput extends Change {
  readonly kind: "UpdateStreamWarmThroughput";
}

export interface UpdateStreamRecordDistributionStrategy extends Step {
  readonly kind: "UpdateStreamRecordDistributionStrategy";
  readonly strategy: "AUTO";
}

export interface UpdateStreamMode extends Step {
  readonly kind: "UpdateStreamMode";
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  readonly costPerMonth: ModeAdvice["costPerMonth"];
}

/** What changes the shards of a provisioned stream. */
export type Reshard = UpdateShardCount | SplitShard | MergeShards;
/** What changes a stream in another way. */
export type Lever = UpdateStreamWarmThroughput | UpdateStreamRecordDistributionStrategy | UpdateStreamMode;
export type Action = Reshard | Lever;
export type Decision = Hold | Action;

/** Every kind of change; the compiler refuses a list with one missing. */
export const ACTION_KINDS: readonly Action["kind"][] = Object.values({
  UpdateShardCount: "UpdateShardCount",
  SplitShard: "SplitShard",
  MergeShards: "MergeShards",
  UpdateStreamWarmThroughput: "UpdateStreamWarmThroughput",
  UpdateStreamRecordDistributionStrategy: "UpdateStreamRecordDistributionStrategy",
  UpdateStreamMode: "UpdateStreamMode",
} satisfies { readonly [Kind in Action["kind"]]: Kind });

export function isReshard(action: Action): action is Reshard {
  return "goal" in action;
}
