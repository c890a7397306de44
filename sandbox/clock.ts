import type { Clock } from "../shared/time/clock.ts";

/**
 * The sandbox's own clock. It shows the real time at its start and then runs `speed` times as fast. The
 * functions' workers share it (sandbox/lambda/worker.ts sets `Date` by the same three numbers), so that what
 * happens in the sandbox happens at one time for all.
 *
 * With `speed` 0 it stands still and only `advance` moves it: the end-to-end tests use that, so that they
 * depend on no real minute. Timers that fall due are run in order of their time, one after the other, each
 * awaited, with `now()` at the timer's own time.
 */
export interface SandboxClock extends Clock {
  readonly speed: number;
  /** Runs `task` at `at` (ms since the epoch). Returns a function that takes it back. */
  at(at: number, task: () => void | Promise<void>): () => void;
  /** Runs `task` at every multiple of `periodMs` since the epoch. Returns a function that ends it. */
  every(periodMs: number, task: () => void | Promise<void>): () => void;
  /** Moves the clock on by `ms`, running what falls due, and returns when all of it is done. */
  advance(ms: number): Promise<void>;
  /** `at start`, `real start` and `speed`: what a worker needs to show the same time. Shared memory. */
  readonly shared: SharedArrayBuffer;
  stop(): void;
}
