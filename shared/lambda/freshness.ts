import type { Run } from "./run.ts";

const MINUTE_MS = 60_000;

/**
 * For how long each resource has gone without a good look, or without what it needed. What is kept is this process's own:
 * it must be there when the ledger is not. Made once per process.
 */
export interface Freshness {
  /** The resource was looked at, and what it needed was done. */
  served(resource: string): void;
  /**
   * It could not be looked at, or what it needed was not done.
   *
   * @param now ms since the epoch
   */
  notServed(resource: string, now: number): void;
  /** Minutes by resource; none of those that were served. */
  minutesStale(now: number): ReadonlyMap<string, number>;
}

export function createFreshness(): Freshness {
  const failingSince = new Map<string, number>();
  return {
    served: (resource) => void failingSince.delete(resource),
    notServed(resource, now) {
      if (!failingSince.has(resource)) failingSince.set(resource, now);
    },
    minutesStale: (now) =>
      new Map(
        [...failingSince].map(([resource, since]) => [resource, Math.floor((now - since) / MINUTE_MS)]),
      ),
  };
}

/** CloudWatch keeps a hundred series of one alarm apart: more would only cost. */
const MOST_PUBLISHED = 100;

/**
 * Publishes `MinutesStale` by resource. Of one that is served nothing is published: at rest the metric costs nothing. All
 * the runs of a failing automation may be green: an alarm on this says that its work is not done.
 */
export function publishStale(minutes: ReadonlyMap<string, number>, { metrics }: Pick<Run, "metrics">): void {
  const stale = [...minutes].filter(([, value]) => value > 0).toSorted(([, a], [, b]) => b - a);
  for (const [Resource, value] of stale.slice(0, MOST_PUBLISHED))
    metrics.record("MinutesStale", "Count", value, { Resource });
}
