import { entryFor, isPattern } from "../../../shared/config/patterns.ts";
import type { StreamPolicies, StreamPolicy } from "../config/policy.ts";

const MINUTE_MS = 60_000;

/**
 * At most this many streams that are merely due are looked at in one sweep, so that DescribeStreamSummary
 * (20 calls a second for the whole account) stays free for others. Those in ALARM or in the middle of a plan
 * always are.
 */
export const MAX_DUE_PER_SWEEP = 100;

interface Known {
  /** The last full look, ms since the epoch. */
  observedAt: number;
  openShards: number | undefined;
  requeue: boolean;
  lastSeenUpdatingAt: number | undefined;
}

/**
 * What this process remembers of its streams between two sweeps. Nothing depends on it but how often is
 * looked: a new process knows nothing and looks at everything once.
 */
export interface Watchlist {
  /** Every stream by name that is looked after: the named ones, and those found that match a pattern. */
  streams(): string[];
  policyOf(stream: string): StreamPolicy | undefined;
  /** Whether the account's streams have to be listed again, for patterns. */
  needsDiscovery(now: number): boolean;
  recordDiscovery(streams: readonly string[], now: number): void;
  /** The streams whose turn it is, the longest waiting first; `inAlarm` always are. */
  due(inAlarm: ReadonlySet<string>, now: number): string[];
  recordObservation(
    stream: string,
    now: number,
    observation: { openShards: number; updating: boolean; requeue: boolean },
  ): void;
  /** The look failed: it is taken again when the stream is due, or at once if that may help. */
  recordFailure(stream: string, now: number, requeue: boolean): void;
  lastSeenUpdatingAt(stream: string): number | undefined;
  /** Open shards at the last look, by stream. */
  openShards(): ReadonlyMap<string, number>;
}

export function createWatchlist(policies: StreamPolicies): Watchlist {
  const known = new Map<string, Known>();
  const patterns = Object.keys(policies).filter(isPattern);
  let listedAt = Number.NEGATIVE_INFINITY;
  const policyOf = (stream: string) => entryFor(policies, stream);
  const remember = (stream: string) => {
    const found = known.get(stream);
    if (found) return found;
    const fresh: Known = {
      observedAt: Number.NEGATIVE_INFINITY,
      openShards: undefined,
      requeue: false,
      lastSeenUpdatingAt: undefined,
    };
    known.set(stream, fresh);
    return fresh;
  };
  for (const name of Object.keys(policies)) if (!isPattern(name)) remember(name);

  return {
    streams: () => [...known.keys()],
    policyOf,
    needsDiscovery: (now) => {
      const every = Math.min(...patterns.map((pattern) => policies[pattern]?.scanIntervalMinutes ?? 60));
      return patterns.length > 0 && now - listedAt >= every * MINUTE_MS;
    },
    recordDiscovery: (streams, now) => {
      listedAt = now;
      const matching = new Set(streams.filter((stream) => policyOf(stream) !== undefined));
      for (const stream of matching) remember(stream);
      // A stream that is gone is forgotten; one that the config names stays, so that its absence is said.
      for (const stream of known.keys()) {
        if (!matching.has(stream) && !Object.hasOwn(policies, stream)) known.delete(stream);
      }
    },
    due: (inAlarm, now) => {
      const waiting = [...known].map(([stream, state]) => ({
        stream,
        waited: now - state.observedAt,
        urgent: inAlarm.has(stream) || state.requeue,
        every: (policyOf(stream)?.scanIntervalMinutes ?? 60) * MINUTE_MS,
      }));
      const urgent = waiting.filter((one) => one.urgent);
      const overdue = waiting
        .filter((one) => !one.urgent && one.waited >= one.every)
        .sort((a, b) => (a.waited === b.waited ? 0 : b.waited - a.waited))
        .slice(0, MAX_DUE_PER_SWEEP);
      return [...urgent, ...overdue].map(({ stream }) => stream);
    },
    recordObservation: (stream, now, { openShards, updating, requeue }) => {
      const state = remember(stream);
      state.observedAt = now;
      state.openShards = openShards;
      state.requeue = requeue;
      if (updating) state.lastSeenUpdatingAt = now;
    },
    recordFailure: (stream, now, requeue) => {
      const state = remember(stream);
      state.observedAt = now;
      state.requeue = requeue;
    },
    lastSeenUpdatingAt: (stream) => known.get(stream)?.lastSeenUpdatingAt,
    openShards: () =>
      new Map(
        [...known].flatMap(([stream, { openShards }]) =>
          openShards === undefined ? [] : [[stream, openShards] as const],
        ),
      ),
  };
}
