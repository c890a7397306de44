/**
 * What one invocation may put into its trace. X-Ray takes 500 KB a trace: a probe is up to 950 bytes and what it found, a
 * write 550. What is over is not traced; the run's result, logs and metrics have it all the same.
 */
export class TraceBudget {
  #probes = 250;
  /** Kept for sites that failed last time: they are looked for, and are probed last. */
  #failing = 50;
  #calls = 250;
  #metadataBytes = 60_000;

  /** Whether one more probe is traced. */
  takeProbe(last: "failed" | "well"): boolean {
    if (last === "failed" && this.#failing > 0) {
      this.#failing -= 1;
      return true;
    }
    this.#probes -= 1;
    return this.#probes >= 0;
  }

  /** Whether one more call to AWS is traced. */
  takeCall(): boolean {
    this.#calls -= 1;
    return this.#calls >= 0;
  }

  /** Whether there is room for this metadata. */
  takeMetadata(metadata: unknown): boolean {
    this.#metadataBytes -= Buffer.byteLength(JSON.stringify(metadata));
    return this.#metadataBytes >= 0;
  }
}
