import type { Entry, History } from "../../../../shared/ledger/entry.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/**
 * UpdateShardCount: at most 10 calls in any 24 hours for each stream.
 * https://docs.aws.amazon.com/kinesis/latest/APIReference/API_UpdateShardCount.html
 */
export const UPDATE_SHARD_COUNT_PER_DAY = 10;

/** The outcome code of a refusal for the daily quota: calls that the ledger does not know of were made. */
export const DAILY_QUOTA = "daily-quota";

/** The outcome code of a refusal for too many calls at once, by anyone in the account: it passes by itself. */
export const CALL_RATE = "call-rate";

/** AWS counts from when it accepted a call, by its own clock: a minute later than our outcome is safe. */
const CLOCKS_APART_MS = 60_000;

export interface Quota {
  /** Calls that count against the quota now. */
  readonly used: number;
  readonly left: number;
  /** When the next call is allowed, ms since the epoch; `now` while some are left. */
  readonly nextAt: number;
}

/**
 * The ledger has our own calls. A refusal for the quota within the last hour shows that others made calls too:
 * the quota counts as spent until an hour after that refusal, when one call is tried again.
 */
export function quotaOf(history: History, now: number): Quota {
  const calls = history.entries
    .filter(isCounted)
    .map(({ outcome }) => outcome.at + CLOCKS_APART_MS)
    .filter((at) => at > now - DAY_MS)
    .sort((a, b) => a - b);
  const refusedForQuota = history.entries.find(
    ({ outcome }) => outcome.code === DAILY_QUOTA && outcome.at > now - HOUR_MS,
  );
  const oldest = calls[calls.length - UPDATE_SHARD_COUNT_PER_DAY];
  if (oldest !== undefined) return { used: calls.length, left: 0, nextAt: oldest + DAY_MS };
  if (refusedForQuota)
    return { used: UPDATE_SHARD_COUNT_PER_DAY, left: 0, nextAt: refusedForQuota.outcome.at + HOUR_MS };
  return { used: calls.length, left: UPDATE_SHARD_COUNT_PER_DAY - calls.length, nextAt: now };
}

function isCounted({ intent, outcome }: Entry): boolean {
  return intent.action === "kinesis:UpdateShardCount" && outcome.result === "applied";
}
