import type { History } from "../../../../shared/ledger/entry.ts";
import type { ConsumerReads, Minute, Observation } from "../../model/observation.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Records that came so long ago, with metrics that are late, and were not read since: the consumer has stopped. */
const UNREAD_MS = 13 * MINUTE_MS;

/** A consumer that reads without a break did so in this many of the minutes before. */
const READ_MINUTES = 10;
const OF_MINUTES = 15;

/** Kinesis keeps records for a day where a stream's retention was not read. */
const DEFAULT_RETENTION_HOURS = 24;

/** How consumers read that have stopped, and when they last did. */
export interface StoppedConsumers {
  readonly how: keyof ConsumerReads;
  /** ms since the epoch; of one that stopped before the look-back, about then. */
  readonly lastReadAt: number;
}

/** The incident of consumers that stopped, by how they read. */
export const STOPPED_KEYS: Readonly<Record<keyof ConsumerReads, string>> = {
  polling: "consumers",
  fanOut: "fan-out-consumers",
};

/**
 * Consumers that read without a break until then, and have not since, although records came. Every poll has a datapoint, so
 * one that reads in batches is known by its pauses. Once found it stands, beyond the look-back too: until one reads, or until
 * the stream's retention is over and what was not read is gone.
 */
export function stoppedConsumers(
  observation: Observation,
  history: History,
  now: number,
): StoppedConsumers[] {
  const { reads } = observation;
  if (!reads) return [];
  return (["polling", "fanOut"] as const).flatMap((how) => {
    const lastReadAt =
      stillStopped(reads[how], how, observation, history, now) ?? justStopped(reads[how], observation, now);
    return lastReadAt === undefined ? [] : [{ how, lastReadAt }];
  });
}

function stillStopped(
  reads: readonly number[],
  how: keyof ConsumerReads,
  { retentionHours = DEFAULT_RETENTION_HOURS }: Observation,
  { incidents }: History,
  now: number,
): number | undefined {
  const since = incidents?.incidents[STOPPED_KEYS[how]]?.since;
  if (since === undefined || now >= since + retentionHours * HOUR_MS) return undefined;
  const last = reads.at(-1) ?? since - UNREAD_MS;
  return last < since ? last : undefined;
}

function justStopped(
  reads: readonly number[],
  { minutes, metricsComplete }: Observation,
  now: number,
): number | undefined {
  const last = reads.at(-1);
  if (last === undefined || !metricsComplete || pausedBefore(reads)) return undefined;
  if (reads.filter((at) => at > last - OF_MINUTES * MINUTE_MS).length < READ_MINUTES) return undefined;
  // Those of the same minute may have come after it was read.
  const unread = minutes.find((minute) => minute.at > last + MINUTE_MS && hasRecords(minute));
  return unread && now >= unread.at + UNREAD_MS ? last : undefined;
}

function pausedBefore(reads: readonly number[]): boolean {
  return reads.some((at, index) => index > 0 && at - (reads[index - 1] ?? at) >= READ_MINUTES * MINUTE_MS);
}

const hasRecords = ({ bytes, records }: Minute): boolean => bytes + records > 0;
