import type { DemandProfile } from "./demand-profile.ts";

/** What was read of one stream. Only facts; what they mean is decided elsewhere. */
export interface Observation {
  readonly stream: string;
  readonly status: string;
  readonly mode: "PROVISIONED" | "ON_DEMAND";
  /** ms since the epoch. */
  readonly createdAt: number;
  /** When any run last saw it UPDATING, ms since the epoch: records refused until then count for the old shards. */
  readonly lastSeenUpdatingAt?: number;
  /** The open shards, by their first hash key. */
  readonly shards: readonly OpenShard[];
  /** One-minute sums of the look-back, oldest first. A minute without a datapoint had no traffic. */
  readonly minutes: readonly Minute[];
  /** The newest minute that all of the write metrics have; the newest of `minutes` where it is not said. */
  readonly knownUntil?: number;
  /** False when CloudWatch could not answer for the whole look-back. */
  readonly metricsComplete: boolean;
  /**
   * CloudWatch has a new datapoint of our own metric or of a consumer's: it works, so no datapoint means no traffic. Where
   * this is not said, any datapoint of the stream shows it.
   */
  readonly heartbeat?: boolean;
  /** How far the slowest consumer was behind in the last minutes, polling or enhanced fan-out; undefined when none reads. */
  readonly iteratorAgeMs?: number;
  /** When consumers read in the look-back. */
  readonly reads?: ConsumerReads;
  /** Its ARN, which some calls need in place of its name. */
  readonly arn?: string;
  /** As far as they were read. */
  readonly retentionHours?: number;
  /** Consumers with enhanced fan-out. */
  readonly fanOutConsumers?: number;
  /** Whether the account has On-demand Advantage; undefined where that was not asked, or is not known. */
  readonly advantage?: boolean;
  /** MiB/s that an on-demand stream is scaled to take at once; undefined where none is set. */
  readonly warmMiBps?: number;
  /** How an on-demand stream spreads records over its shards. */
  readonly distribution?: "AUTO" | "USER_PARTITION_KEY";
  /** What its traffic was like over the last days, as far as it was kept. */
  readonly profile?: DemandProfile;
  /** Peaks by shard over the minutes of scale-out; only with the policy's `shardMetrics`. */
  readonly shardLoads?: readonly ShardLoad[];
}

/** The minutes in which consumers read, by how they do; each by its beginning, ms since the epoch, oldest first. */
export interface ConsumerReads {
  /** By GetRecords, as Lambda and the KCL do. */
  readonly polling: readonly number[];
  /** By enhanced fan-out. */
  readonly fanOut: readonly number[];
}

export interface OpenShard {
  readonly id: string;
  readonly parentId?: string;
  /** The hash keys it owns, both inclusive. */
  readonly from: bigint;
  readonly to: bigint;
}

export interface Minute {
  /** The minute's beginning, ms since the epoch. */
  readonly at: number;
  /** Accepted bytes and records. */
  readonly bytes: number;
  readonly records: number;
  /** Refused writes: not in `bytes` or `records`, so with any of them those are a lower bound. */
  readonly throttled: number;
  /** Zero unless the policy asks for reads. */
  readonly readBytes: number;
  readonly throttledReads: number;
}

export interface ShardLoad {
  readonly shardId: string;
  /** Of its busiest minute. */
  readonly bytes: number;
  readonly records: number;
  /** Over all of the minutes. */
  readonly throttled: number;
}
