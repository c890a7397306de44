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
  | "hot-shard"
  | "split-without-quota"
  | "on-target"
  | "recovered"
  | "updating"
  | "on-demand"
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

interface Decided {
  readonly verdict: Verdict;
  /** Sentences for a person, the deciding one first. */
  readonly reasons: readonly string[];
  /** The numbers the reasons were read from. */
  readonly evidence: Evidence;
}

export interface Hold extends Decided {
  readonly kind: "hold";
  /** A person has to know: notified once, and again only when it changes or a day has passed. */
  readonly notify: boolean;
  /** Worth observing again at the next minute, not only at the next full scan. */
  readonly requeue: boolean;
}

interface Change extends Decided {
  readonly direction: "out" | "in";
  /** Open shards before and after this step. */
  readonly from: number;
  readonly to: number;
  /** Where the steps of the plan lead; equal to `to` in the last of them. */
  readonly goal: number;
}

export interface UpdateShardCount extends Change {
  readonly kind: "UpdateShardCount";
}

export interface SplitShard extends Change {
  readonly kind: "SplitShard";
  readonly shardId: string;
  /** The middle of its hash keys, as Kinesis takes it: a decimal number. */
  readonly newStartingHashKey: string;
}

export interface MergeShards extends Change {
  readonly kind: "MergeShards";
  readonly shardId: string;
  readonly adjacentShardId: string;
  /** The first hash key of the adjacent shard, where a split undoes the merge. */
  readonly adjacentStartingHashKey: string;
}

export type Reshard = UpdateShardCount | SplitShard | MergeShards;
export type Decision = Hold | Reshard;
