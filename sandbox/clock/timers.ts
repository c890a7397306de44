export type Task = () => void | Promise<void>;

/** A task and when it falls due, ms since the epoch. */
export interface Timer {
  readonly at: number;
  readonly task: Task;
}

/** The timers of a clock in the order in which they fall due; of one time, the one that was set first. */
export class Timers {
  readonly #timers: Timer[] = [];

  add(at: number, task: Task): Timer {
    const timer = { at, task };
    const place = this.#timers.findLastIndex((other) => other.at <= at) + 1;
    this.#timers.splice(place, 0, timer);
    return timer;
  }

  /** The next that falls due. */
  first(): Timer | undefined {
    return this.#timers[0];
  }

  /** Nothing happens where it has run or was removed. */
  remove(timer: Timer): void {
    const index = this.#timers.indexOf(timer);
    if (index >= 0) this.#timers.splice(index, 1);
  }

  clear(): void {
    this.#timers.length = 0;
  }
}
