import type { Region } from "./region.ts";
import { AwsError } from "./wire/error.ts";

/** The regions of the account. Each begins with the first call to it. */
export class Regions {
  readonly #start: (name: string) => Promise<Region>;
  readonly #starting = new Map<string, Promise<Region>>();
  readonly #started: Region[] = [];

  constructor(start: (name: string) => Promise<Region>) {
    this.#start = start;
  }

  /** @throws {AwsError} InvalidSignatureException for what is no region */
  async get(name: string): Promise<Region> {
    if (!/^[a-z]{2}(?:-[a-z]+)+-\d$/.test(name)) {
      throw new AwsError(
        "InvalidSignatureException",
        `Credential should be scoped to a valid region, found '${name}'.`,
        { status: 403 },
      );
    }
    const starting = this.#starting.get(name) ?? this.#begin(name);
    this.#starting.set(name, starting);
    return starting;
  }

  /** Those that have begun. */
  started(): readonly Region[] {
    return this.#started;
  }

  async stopReading(): Promise<void> {
    await Promise.all(this.#started.map((region) => region.stopReading()));
  }

  async stop(): Promise<void> {
    await Promise.allSettled(this.#starting.values());
    await Promise.all(this.#started.map((region) => region.stop()));
  }

  async #begin(name: string): Promise<Region> {
    const region = await this.#start(name);
    this.#started.push(region);
    return region;
  }
}
