/** What happens at the n-th call of a run. */
export interface Mishap {
  /** 0 is the first call. */
  readonly call: number;
  readonly kind: "crash-before" | "crash-after";
}

/** The process is dead: nothing it does from now on has an effect. */
export class Crash extends Error {
  override readonly name = "Crash";
}

/** Every call a run makes goes through here: it can die at any of them, and another run can come in between. */
export class Gate {
  readonly calls: string[] = [];
  readonly #mishap: Mishap | undefined;
  readonly #ticks: () => number;
  #dead = false;

  /** @param ticks how often the event loop turns before a call, so that runs at the same time mix */
  constructor(mishap?: Mishap, ticks: () => number = () => 0) {
    this.#mishap = mishap;
    this.#ticks = ticks;
  }

  get crashed(): boolean {
    return this.#dead;
  }

  async pass<T>(name: string, call: () => T | Promise<T>): Promise<T> {
    for (let tick = this.#ticks(); tick > 0; tick -= 1) await new Promise((resolve) => setImmediate(resolve));
    if (this.#dead) throw new Crash(`dead before ${name}`);
    const isHere = this.#mishap?.call === this.calls.length;
    this.calls.push(name);
    if (isHere && this.#mishap?.kind === "crash-before") {
      this.#dead = true;
      throw new Crash(`died before ${name}`);
    }
    const answer = await call();
    if (isHere) {
      this.#dead = true;
      throw new Crash(`died after ${name}`);
    }
    return answer;
  }
}
