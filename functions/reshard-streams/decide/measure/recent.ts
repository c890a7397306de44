const MINUTE_MS = 60_000;

/** Metrics come so many minutes later than on time; what is older than that is not recent. */
const METRICS_LATE_MINUTES = 3;

/**
 * When the minutes of scale-out begin, ms since the epoch: however late metrics are, the newest of them count, and as many
 * before them as `scaleOutMinutes` says.
 *
 * @param newest the newest minute that has metrics; `now` where none has
 */
export function recentSince(newest: number, scaleOutMinutes: number, now: number): number {
  const onTime = now - (scaleOutMinutes + 1) * MINUTE_MS;
  const late = newest - (scaleOutMinutes - 1) * MINUTE_MS;
  return Math.min(onTime, Math.max(late, onTime - METRICS_LATE_MINUTES * MINUTE_MS));
}

/** The newest minute that all of some series have. One that is further behind the others than late metrics are has stopped. */
export function newestInAll(newestOfEach: readonly number[]): number | undefined {
  const newest = Math.max(...newestOfEach);
  const current = newestOfEach.filter((at) => at >= newest - METRICS_LATE_MINUTES * MINUTE_MS);
  return current.length > 0 ? Math.min(...current) : undefined;
}
