import type { Entry, History, Outcome } from "../../../../shared/ledger/entry.ts";

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

const UPDATE_SHARD_COUNT = "kinesis:UpdateShardCount";

/** Two refusals this far apart were not of one burst of calls. */
const APART_MS = 30_000;

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
  const refusedForQuota = refusalForQuota(history, now);
  const oldest = calls[calls.length - UPDATE_SHARD_COUNT_PER_DAY];
  if (oldest !== undefined) return { used: calls.length, left: 0, nextAt: oldest + DAY_MS };
  if (refusedForQuota)
    return { used: UPDATE_SHARD_COUNT_PER_DAY, left: 0, nextAt: refusedForQuota.at + HOUR_MS };
  return { used: calls.length, left: UPDATE_SHARD_COUNT_PER_DAY - calls.length, nextAt: now };
}

/**
 * The newest refusal within an hour that was for the quota. AWS says "Rate exceeded for stream" both of too many calls at
 * once and of the quota: the former is over a minute later, so a second one in a row is the latter.
 */
function refusalForQuota({ entries }: History, now: number): Outcome | undefined {
  const calls = entries
    .filter(({ intent, outcome }) => intent.action === UPDATE_SHARD_COUNT && outcome.result !== "lost")
    .map(({ outcome }) => outcome)
    .filter(({ at }) => at > now - HOUR_MS)
    .toSorted((a, b) => b.at - a.at);
  return calls.find(
    ({ code, at }, index) =>
      code === DAILY_QUOTA ||
      (code === CALL_RATE &&
        calls[index + 1]?.code === CALL_RATE &&
        at - (calls[index + 1]?.at ?? at) >= APART_MS),
  );
}

function isCounted({ intent, outcome }: Entry): boolean {
  return intent.action === UPDATE_SHARD_COUNT && outcome.result === "applied";
}

/** The calls that scaled out since `since`, ms since the epoch. */
export function callsOutSince({ entries }: History, since: number): number {
  return entries.filter(
    ({ intent: { action, direction }, outcome: { at, result } }) =>
      action === UPDATE_SHARD_COUNT && direction === "out" && result === "applied" && at > since,
  ).length;
}
