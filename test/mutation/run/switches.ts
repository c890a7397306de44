import { SWITCH } from "../instrument.ts";

/** What the code asks at each mutant: whether it is on. Counts on the way. */
export class Switches {
  #on: number | undefined;
  #seen: Set<number> | undefined;
  #hits = 0;
  #met = false;
  #limit = Number.POSITIVE_INFINITY;

  /** From now on the code in this process asks here. */
  install(): void {
    Object.defineProperty(globalThis, SWITCH, { value: this.#ask });
  }

  /** Everything that is come past until {@link off} is put in `seen`. */
  watch(seen: Set<number>): void {
    this.off();
    this.#seen = seen;
  }

  /** @param limit of switches come past: a loop that goes on for longer is endless */
  on(mutant: number, limit: number): void {
    this.off();
    this.#on = mutant;
    this.#met = false;
    this.#limit = limit;
  }

  /** Whether the code came past the mutant since it was turned on last. */
  get isMet(): boolean {
    return this.#met;
  }

  /** How often a switch was come past since it was turned on. */
  off(): number {
    const hits = this.#hits;
    this.#on = undefined;
    this.#seen = undefined;
    this.#hits = 0;
    this.#limit = Number.POSITIVE_INFINITY;
    return hits;
  }

  readonly #ask = (mutant: number): boolean => {
    this.#seen?.add(mutant);
    this.#hits += 1;
    if (this.#hits > this.#limit) throw new EndlessLoop();
    if (mutant !== this.#on) return false;
    this.#met = true;
    return true;
  };
}

class EndlessLoop extends Error {
  constructor() {
    super("The mutant makes a loop that does not end");
  }
}
