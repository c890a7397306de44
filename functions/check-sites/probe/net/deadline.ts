import { ProbeError } from "./probe-error.ts";

/**
 * The one limit of a probe, from the name look-up through the last byte of the body. The site's own time-out
 * makes it DOWN (`timeout`); the end of our run makes it UNKNOWN (`deadline`).
 */
export class Deadline {
  readonly #listeners = new Set<(error: ProbeError) => void>();
  readonly #timer: NodeJS.Timeout;
  readonly #run: AbortSignal;
  #error: ProbeError | undefined;

  constructor(timeoutMs: number, run: AbortSignal) {
    this.#run = run;
    this.#timer = setTimeout(
      () => this.#expire(new ProbeError("timeout", `no complete answer within ${timeoutMs} ms`)),
      timeoutMs,
    );
    if (run.aborted) this.#runEnds();
    else run.addEventListener("abort", this.#runEnds, { once: true });
  }

  /**
   * Runs one step of the probe. When the time is up first, `cancel` is called (it frees what the step holds)
   * and the step is rejected with the error.
   */
  step<T>(
    start: (done: (value: T) => void, failed: (error: unknown) => void) => void,
    cancel: () => void = () => {},
  ): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const expired = (error: ProbeError) => {
        cancel();
        reject(error);
      };
      if (this.#error) {
        expired(this.#error);
        return;
      }
      this.#listeners.add(expired);
      start(
        (value) => {
          this.#listeners.delete(expired);
          resolve(value);
        },
        (error) => {
          this.#listeners.delete(expired);
          reject(error);
        },
      );
    });
  }

  /** The probe is over: nothing of it stays behind. */
  end(): void {
    clearTimeout(this.#timer);
    this.#run.removeEventListener("abort", this.#runEnds);
    this.#listeners.clear();
  }

  readonly #runEnds = (): void =>
    this.#expire(new ProbeError("deadline", "our own run ended before the answer was complete"));

  #expire(error: ProbeError): void {
    if (this.#error) return;
    this.#error = error;
    for (const listener of [...this.#listeners]) listener(error);
  }
}
