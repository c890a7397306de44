import { entryFor, isPattern } from "../../../shared/config/patterns.ts";
import type { StreamPolicies, StreamPolicy } from "../config/policy.ts";

const MINUTE_MS = 60_000;

/**
 * At most this many streams that are merely due are observed in one sweep, so that DescribeStreamSummary
 * (20 calls a second for the whole account) stays free for others. Streams in ALARM or in the middle of a plan
 * always are observed.
 */
export const MAX_DUE_PER_SWEEP = 100;

interface WatchedStream {
  /** When it was last observed, ms since the epoch. */
  observedAt: number;
  openShards: number | undefined;
  requeue: boolean;
  /** The last attempt failed. */
  failed: boolean;
  /** It may help to try again at the next minute. */
  retry: boolean;
  /** When it was last observed without a failure, or first known, ms since the epoch. */
  goodAt: number | undefined;
  lastSeenUpdatingAt: number | undefined;
}

/**
 * What this process remembers of its streams between two sweeps. Only how often a stream is observed depends on
 * it: a new process knows nothing and observes everything once.
 */
export interface Watchlist {
  /** Every managed stream by name: those the config names, and those found that match a pattern. */
  streams(): string[];
  policyOf(stream: string): StreamPolicy | undefined;
  /** Whether the account's streams have to be listed again, for patterns. */
  needsDiscovery(now: number): boolean;
  recordDiscovery(streams: readonly string[], now: number): void;
  /** The streams that are due, the longest waiting first; those in ALARM always are. */
  due(inAlarm: ReadonlySet<string>, now: number): string[];
  recordObservation(
    stream: string,
    now: number,
    observation: { openShards: number; updating: boolean; requeue: boolean },
  ): void;
  /** The stream could not be observed: it is again when it is due, or at the next minute if that may help. */
  recordFailure(stream: string, now: number, requeue: boolean): void;
  /** For how many minutes no attempt to observe some stream has succeeded: of the one that waits longest. 0 of none. */
  minutesUnobserved(now: number): number;
  lastSeenUpdatingAt(stream: string): number | undefined;
  /** Open shards when last observed, by stream. */
  openShards(): ReadonlyMap<string, number>;
}

export function createWatchlist(policies: StreamPolicies): Watchlist {
  return new InMemoryWatchlist(policies);
}

class InMemoryWatchlist implements Watchlist {
  readonly #policies: StreamPolicies;
  readonly #streams = new Map<string, WatchedStream>();
  #listedAt = Number.NEGATIVE_INFINITY;

  constructor(policies: StreamPolicies) {
    this.#policies = policies;
    for (const name of Object.keys(policies)) if (!isPattern(name)) this.#remember(name);
  }

  streams(): string[] {
    return [...this.#streams.keys()];
  }

  policyOf(stream: string): StreamPolicy | undefined {
    return entryFor(this.#policies, stream);
  }

  needsDiscovery(now: number): boolean {
    const patterns = Object.entries(this.#policies).filter(([name]) => isPattern(name));
    const everyMinutes = Math.min(...patterns.map(([, { scanIntervalMinutes }]) => scanIntervalMinutes));
    return patterns.length > 0 && now - this.#listedAt >= everyMinutes * MINUTE_MS;
  }

  recordDiscovery(streams: readonly string[], now: number): void {
    this.#listedAt = now;
    const matching = new Set(streams.filter((stream) => this.policyOf(stream) !== undefined));
    for (const stream of matching) this.#remember(stream);
    // A stream that is gone is forgotten; one that the config names stays, so that its absence is reported.
    for (const stream of this.#streams.keys()) {
      if (!matching.has(stream) && !Object.hasOwn(this.#policies, stream)) this.#streams.delete(stream);
    }
  }

  due(inAlarm: ReadonlySet<string>, now: number): string[] {
    const waiting = [...this.#streams].map(([stream, state]) => ({
      stream,
      waitedMs: now - state.observedAt,
      urgent: inAlarm.has(stream) || state.requeue,
      retry: state.failed && state.retry,
      intervalMs: (this.policyOf(stream)?.scanIntervalMinutes ?? 60) * MINUTE_MS,
    }));
    const urgent = waiting.filter((one) => one.urgent);
    const overdue = waiting
      .filter((one) => !one.urgent && (one.retry || one.waitedMs >= one.intervalMs))
      .sort((a, b) => (a.waitedMs === b.waitedMs ? 0 : b.waitedMs - a.waitedMs))
      .slice(0, MAX_DUE_PER_SWEEP);
    return [...urgent, ...overdue].map(({ stream }) => stream);
  }

  recordObservation(
    stream: string,
    now: number,
    { openShards, updating, requeue }: { openShards: number; updating: boolean; requeue: boolean },
  ): void {
    const state = this.#remember(stream);
    state.observedAt = now;
    state.openShards = openShards;
    state.requeue = requeue;
    state.failed = false;
    state.goodAt = now;
    if (updating) state.lastSeenUpdatingAt = now;
  }

  recordFailure(stream: string, now: number, requeue: boolean): void {
    const state = this.#remember(stream);
    state.observedAt = now;
    state.goodAt ??= now;
    state.requeue = false;
    state.failed = true;
    state.retry = requeue;
  }

  minutesUnobserved(now: number): number {
    const failing = [...this.#streams.values()].filter(({ failed }) => failed);
    const waits = failing.map(({ goodAt = now }) => now - goodAt);
    return Math.floor(Math.max(0, ...waits) / MINUTE_MS);
  }

  lastSeenUpdatingAt(stream: string): number | undefined {
    return this.#streams.get(stream)?.lastSeenUpdatingAt;
  }

  openShards(): ReadonlyMap<string, number> {
    const known = [...this.#streams].flatMap(([stream, { openShards }]) =>
      openShards === undefined ? [] : [[stream, openShards] as const],
    );
    return new Map(known);
  }

  #remember(stream: string): WatchedStream {
    const known = this.#streams.get(stream);
    if (known) return known;
    const fresh: WatchedStream = {
      observedAt: Number.NEGATIVE_INFINITY,
      openShards: undefined,
      requeue: false,
      failed: false,
      retry: false,
      goodAt: undefined,
      lastSeenUpdatingAt: undefined,
    };
    this.#streams.set(stream, fresh);
    return fresh;
  }
}
