import type { SandboxClock } from "../clock/clock.ts";

/** Runs what falls due at the same time together, and then `afterwards` once. */
export class Timers {
  readonly #clock: SandboxClock;
  readonly #afterwards: () => void;
  readonly #due = new Map<number, (() => void)[]>();

  constructor(clock: SandboxClock, afterwards: () => void) {
    this.#clock = clock;
    this.#afterwards = afterwards;
  }

  after(ms: number, task: () => void): void {
    const at = this.#clock.now() + ms;
    const tasks = this.#due.get(at);
    if (tasks) {
      tasks.push(task);
      return;
    }
    const first = [task];
    this.#due.set(at, first);
    this.#clock.at(at, () => {
      this.#due.delete(at);
      for (const each of first) each();
      this.#afterwards();
    });
  }
}
