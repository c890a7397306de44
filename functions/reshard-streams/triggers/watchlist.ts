import { isPattern } from "../../../shared/config/patterns.ts";
import type { StreamPolicy } from "../config/policy.ts";
import { managedStreams, policyFor, type StreamPolicies, scanIntervalMinutes } from "../config/streams.ts";
import type { StoredStream } from "./watchlist-store.ts";

const MINUTE_MS = 60_000;

/**
 * At most this many streams that are merely due are observed in one sweep, or more where the scan interval could not be
 * kept otherwise. Streams in ALARM or in the middle of a plan always are observed.
 */
export const MAX_DUE_PER_SWEEP = 100;

/** A sweep comes every minute: after a longer pause another process has taken one. */
const SWEEP_MISSED_MS = 90_000;

interface WatchedStream {
  /** When it was last observed by this process, ms since the epoch. */
  observedAt: number;
  /** When what follows was found out, by any process. */
  knownAt: number;
  openShards: number | undefined;
  requeue: boolean;
  /** A rise is predicted, and it has to be observed by then, ms since the epoch. */
  observeAt: number | undefined;
  /** It was used above the point of scale-out, or refused records, and stays as it is. */
  overloaded: boolean;
  /** The first attempt that failed since one succeeded, ms since the epoch. */
  failingSince: number | undefined;
  /** When this process first took it into account, ms since the epoch. */
  waitingSince: number | undefined;
  /** It may help to try again at the next minute. */
  retry: boolean;
  /** As the ledger's table has it. */
  stored: string | undefined;
}

/** What one observation says of how soon the next one has to come. */
export interface ObservedState {
  readonly openShards: number;
  readonly requeue: boolean;
  readonly overloaded: boolean;
  /** To be observed by then, though its scan interval is not over, ms since the epoch. */
  readonly observeAt?: number | undefined;
}

/**
 * When each stream was observed and has to be again. What other processes have to know of it, its open shards and whether
 * it is due at once, is kept in the ledger's table (watchlist-store.ts): this is a copy, which is read again when another
 * process has taken a sweep.
 */
export interface Watchlist {
  /** Every managed stream by name: those the config names, and those found that match a pattern. */
  streams(): string[];
  policyOf(stream: string): StreamPolicy | undefined;
  /** How many streams have an alarm: those that the config names (deploy/resources.ts). */
  alarms(): number;
  /** Whether the account's streams have to be listed again, for patterns. */
  needsDiscovery(now: number): boolean;
  recordDiscovery(streams: readonly string[], now: number): void;
  /** Whether another process may have taken sweeps since this one's last. */
  isOutdated(now: number): boolean;
  recordSweep(now: number): void;
  /** Takes over what other processes found out later than this one. */
  load(stored: ReadonlyMap<string, StoredStream>): void;
  /** What other processes have to know and the ledger's table does not have. */
  unstored(): ReadonlyMap<string, StoredStream>;
  recordStored(stream: string, state: StoredStream): void;
  /** The streams that are due: those in ALARM, in a plan, overloaded, and then the longest waiting. */
  due(inAlarm: ReadonlySet<string>, now: number): string[];
  recordObservation(stream: string, now: number, observed: ObservedState): void;
  /** The stream could not be observed: it is again when it is due, or at the next minute if that may help. */
  recordFailure(stream: string, now: number, requeue: boolean): void;
  /** The stream was looked at, and what it needed was done. */
  recordServed(stream: string): void;
  /**
   * For how many minutes each stream has gone without a look, or without what it needed: since the first attempt that failed,
   * or beyond its scan interval. 0 of one that is well.
   */
  minutesStale(now: number): ReadonlyMap<string, number>;
  /** The streams that were above the point of scale-out, or refused records, when last observed, and stayed as they are. */
  overloaded(): string[];
  /** Open shards when last observed, by stream: of those that any process observed since then, ms since the epoch. */
  openShards(since?: number): ReadonlyMap<string, number>;
}

export function createWatchlist(policies: StreamPolicies): Watchlist {
  return new InMemoryWatchlist(policies);
}

class InMemoryWatchlist implements Watchlist {
  readonly #policies: StreamPolicies;
  readonly #streams = new Map<string, WatchedStream>();
  #listedAt = Number.NEGATIVE_INFINITY;
  #sweptAt = Number.NEGATIVE_INFINITY;

  constructor(policies: StreamPolicies) {
    this.#policies = policies;
    for (const name of Object.keys(managedStreams(policies))) if (!isPattern(name)) this.#remember(name);
  }

  streams(): string[] {
    return [...this.#streams.keys()];
  }

  policyOf(stream: string): StreamPolicy | undefined {
    return policyFor(this.#policies, stream);
  }

  alarms(): number {
    return Object.keys(managedStreams(this.#policies)).filter((name) => !isPattern(name)).length;
  }

  needsDiscovery(now: number): boolean {
    const patterns = Object.entries(managedStreams(this.#policies)).filter(([name]) => isPattern(name));
    const everyMinutes = Math.min(...patterns.map((entry) => scanIntervalMinutes(...entry)));
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

  isOutdated(now: number): boolean {
    return now - this.#sweptAt > SWEEP_MISSED_MS;
  }

  recordSweep(now: number): void {
    this.#sweptAt = now;
  }

  load(stored: ReadonlyMap<string, StoredStream>): void {
    for (const [stream, state] of stored) {
      const known = this.#streams.get(stream);
      if (!known || state.at < known.knownAt) continue;
      known.knownAt = state.at;
      known.openShards = state.openShards;
      known.requeue = state.requeue;
      known.observeAt = state.observeAt;
      known.failingSince = state.failingSince;
      known.stored = contentOf(known);
    }
  }

  unstored(): ReadonlyMap<string, StoredStream> {
    const changed = [...this.#streams].filter(
      ([, state]) => Number.isFinite(state.knownAt) && contentOf(state) !== state.stored,
    );
    return new Map(changed.map(([stream, state]) => [stream, storedOf(state)]));
  }

  recordStored(stream: string, state: StoredStream): void {
    this.#remember(stream).stored = contentOf(state);
  }

  due(inAlarm: ReadonlySet<string>, now: number): string[] {
    for (const state of this.#streams.values()) state.waitingSince ??= now;
    const waiting = [...this.#streams].map(([stream, state]) => ({
      stream,
      waitedMs: now - state.observedAt,
      urgency: inAlarm.has(stream) ? 0 : state.requeue ? 1 : 2,
      retry: state.failingSince !== undefined && state.retry,
      overloaded: state.overloaded,
      isDue: now - state.observedAt >= this.#intervalMs(stream) || now >= (state.observeAt ?? Infinity),
    }));
    const urgent = waiting.filter((one) => one.urgency < 2).sort((a, b) => a.urgency - b.urgency);
    const overdue = waiting
      .filter((one) => one.urgency === 2 && (one.retry || one.isDue))
      .sort(
        (a, b) =>
          Number(b.overloaded) - Number(a.overloaded) ||
          (a.waitedMs === b.waitedMs ? 0 : b.waitedMs - a.waitedMs),
      )
      .slice(0, Math.max(MAX_DUE_PER_SWEEP, this.#dueEachMinute()));
    return [...urgent, ...overdue].map(({ stream }) => stream);
  }

  /** So many have to be observed each minute for all to be within their scan intervals. */
  #dueEachMinute(): number {
    const perMinute = [...this.#streams.keys()].map((stream) => MINUTE_MS / this.#intervalMs(stream));
    return Math.ceil(perMinute.reduce((sum, each) => sum + each, 0));
  }

  recordObservation(stream: string, now: number, observed: ObservedState): void {
    const state = this.#remember(stream);
    state.observedAt = now;
    state.knownAt = now;
    state.openShards = observed.openShards;
    state.requeue = observed.requeue;
    state.observeAt = observed.observeAt;
    state.overloaded = observed.overloaded;
  }

  recordServed(stream: string): void {
    this.#remember(stream).failingSince = undefined;
  }

  recordFailure(stream: string, now: number, requeue: boolean): void {
    const state = this.#remember(stream);
    state.failingSince ??= Number.isFinite(state.observedAt) ? state.observedAt : now;
    state.observedAt = now;
    state.knownAt = now;
    state.requeue = false;
    state.observeAt = undefined;
    state.retry = requeue;
  }

  minutesStale(now: number): ReadonlyMap<string, number> {
    const minutes = [...this.#streams].map(([stream, { failingSince = now, observedAt, waitingSince }]) => {
      const intervalMs = this.#intervalMs(stream);
      const dueAt = Math.max(observedAt, waitingSince ?? now) + intervalMs;
      return [stream, Math.floor(Math.max(0, now - failingSince, now - dueAt) / MINUTE_MS)] as const;
    });
    return new Map(minutes);
  }

  #intervalMs(stream: string): number {
    const policy = this.policyOf(stream);
    if (policy === undefined) return 60 * MINUTE_MS;
    const entry = Object.hasOwn(this.#policies, stream) ? stream : "*";
    return scanIntervalMinutes(entry, policy) * MINUTE_MS;
  }

  overloaded(): string[] {
    return [...this.#streams].flatMap(([stream, { overloaded }]) => (overloaded ? [stream] : []));
  }

  openShards(since = Number.NEGATIVE_INFINITY): ReadonlyMap<string, number> {
    const known = [...this.#streams].flatMap(([stream, { openShards, knownAt }]) =>
      openShards === undefined || knownAt < since ? [] : [[stream, openShards] as const],
    );
    return new Map(known);
  }

  #remember(stream: string): WatchedStream {
    const known = this.#streams.get(stream);
    if (known) return known;
    const fresh: WatchedStream = {
      observedAt: Number.NEGATIVE_INFINITY,
      knownAt: Number.NEGATIVE_INFINITY,
      openShards: undefined,
      requeue: false,
      observeAt: undefined,
      overloaded: false,
      failingSince: undefined,
      waitingSince: undefined,
      retry: false,
      stored: undefined,
    };
    this.#streams.set(stream, fresh);
    return fresh;
  }
}

type Kept = Pick<WatchedStream, "requeue"> & {
  readonly openShards?: number | undefined;
  readonly failingSince?: number | undefined;
  readonly observeAt?: number | undefined;
};

/** Two states with the same content need no write. */
function contentOf({ openShards, requeue, failingSince, observeAt }: Kept): string {
  return JSON.stringify([openShards ?? null, requeue, failingSince ?? null, observeAt ?? null]);
}

function storedOf({ knownAt, openShards, requeue, failingSince, observeAt }: WatchedStream): StoredStream {
  return {
    at: knownAt,
    requeue,
    ...(openShards !== undefined && { openShards }),
    ...(failingSince !== undefined && { failingSince }),
    ...(observeAt !== undefined && { observeAt }),
  };
}
