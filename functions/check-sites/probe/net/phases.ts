import type { Stopwatch } from "../../../../shared/time/clock.ts";
import type { Phase, PhaseTimes } from "./result.ts";

/** Sums a probe's time by phase. One phase runs at a time, from its `enter` to the next. */
export class PhaseRecorder {
  readonly #now: Stopwatch;
  readonly #started: number;
  readonly #times = { resolve: 0, connect: 0, tls: 0, processing: 0, transfer: 0 };
  #current: Phase | undefined;
  #since = 0;

  /** `resolveMs` were spent on the look-up before. */
  constructor(now: Stopwatch, resolveMs = 0) {
    this.#now = now;
    this.#started = now() - resolveMs;
    this.#times.resolve = resolveMs;
  }

  /** The phase that runs; after `leave`, the one that ran last. */
  get current(): Phase | undefined {
    return this.#current;
  }

  enter(phase: Phase): void {
    const now = this.#now();
    if (this.#current) this.#times[this.#current] += now - this.#since;
    this.#current = phase;
    this.#since = now;
  }

  /** Ends the phase that runs and gives all times; `total` is the time since the recorder was made. */
  stop(): { phases: PhaseTimes; total: number } {
    const now = this.#now();
    if (this.#current) this.#times[this.#current] += now - this.#since;
    this.#current = undefined;
    return { phases: { ...this.#times }, total: now - this.#started };
  }
}
