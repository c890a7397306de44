import type { Clock } from "./clock.ts";

/** How often the clock is looked at, in real milliseconds. */
const LOOK_MS = 100;

/**
 * Waits until `clock` has moved on by `ms`, and answers whether it has: false when `signal` fired, or when the
 * clock stands still, as the sandbox's does in tests: then no wait would ever end.
 */
export async function pause(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
  const start = clock.now();
  while (clock.now() < start + ms) {
    const before = clock.now();
    if (signal.aborted) return false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(LOOK_MS, ms)));
    if (clock.now() === before) return false;
  }
  return !signal.aborted;
}
