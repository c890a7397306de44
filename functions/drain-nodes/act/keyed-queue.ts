/** Has work on the same thing done one after the other within this process. */
export class KeyedQueue {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Does the work when all that was asked for before it is done, whether it succeeded or not. */
  take<T>(thing: string, work: () => Promise<T>): Promise<T> {
    const turn = (this.#last.get(thing) ?? Promise.resolve()).then(work, work);
    this.#last.set(thing, turn);
    return turn;
  }
}
