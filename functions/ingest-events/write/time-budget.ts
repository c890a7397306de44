/**
 * The time an invocation may spend on calls. It ends before Lambda's time-out, so that what was not done can
 * still be reported: a time-out would bring the whole batch again.
 */
export interface Budget {
  /** Milliseconds in which calls may still be started; 0 or less: start nothing more. */
  left(): number;
  /** Ends calls in flight when the budget is over. */
  readonly signal: AbortSignal;
  /** Waits, at most until the signal fires. */
  pause(ms: number): Promise<void>;
  /** Uniform in [0, 1), for the jitter. */
  random(): number;
}

const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;

/**
 * How long to wait before attempt `attempt` + 1 (from 1): anything between nothing and an exponentially
 * growing limit. "Full jitter" of https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
 */
export function fullJitterMs(attempt: number, random: number): number {
  return random * Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (attempt - 1));
}

/**
 * Waits before the next attempt.
 * @returns false if the budget would be over before it: give up.
 */
export async function pauseBeforeRetry(budget: Budget, attempt: number): Promise<boolean> {
  const ms = fullJitterMs(attempt, budget.random());
  if (ms >= budget.left()) return false;
  await budget.pause(ms);
  return budget.left() > 0;
}
