/**
 * The time, handed in. Nothing but `systemClock` reads the machine's clock, so a test, the sandbox or a
 * backtest can run any code of ours at any moment.
 */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
}

/** The machine's clock. In the sandbox's Lambda runner it is the sandbox's clock, which may run faster. */
export const systemClock: Clock = { now: () => Date.now() };

/** Milliseconds that only go forward, for how long something took. Tests hand in their own. */
export type Stopwatch = () => number;

/** The machine's own, with fractions of a millisecond. */
export const systemStopwatch: Stopwatch = () => performance.now();
