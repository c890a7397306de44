import type { Rejected } from "../quarantine/quarantine.ts";
import type { Written } from "../write/outcomes.ts";
import type { Part } from "./batch-reader.ts";

/** What became of a batch's events, in numbers. Each event is counted once for each table it goes to. */
export interface Counts {
  readonly Received: number;
  readonly Stored: number;
  readonly Duplicates: number;
  readonly Superseded: number;
  readonly Conflicts: number;
  readonly Quarantined: number;
  readonly Dropped: number;
  readonly Unfinished: number;
  readonly Retries: number;
  readonly IdsFromPosition: number;
  readonly WithoutTime: number;
}

/**
 * Adds up what became of a batch's parts, so that always
 * Received = Stored + Duplicates + Superseded + Conflicts + Quarantined + Dropped + Unfinished.
 */
export class Tally {
  #counts = {
    Received: 0,
    Stored: 0,
    Duplicates: 0,
    Superseded: 0,
    Conflicts: 0,
    Quarantined: 0,
    Dropped: 0,
    Unfinished: 0,
    Retries: 0,
    IdsFromPosition: 0,
    WithoutTime: 0,
  };

  get counts(): Counts {
    return this.#counts;
  }

  read({ writes, poison, unfit, dropped }: Part): void {
    const all = [...writes.values()].flat();
    this.#counts.Received += all.length + poison.length + unfit.length + dropped;
    this.#counts.Dropped += dropped;
    this.#counts.IdsFromPosition += all.filter(({ idFromPosition }) => idFromPosition).length;
    this.#counts.WithoutTime += all.filter(({ withoutTime }) => withoutTime).length;
  }

  /** Records that were not read any more: of each it is not known how many events it holds. */
  unread(records: number): void {
    this.#counts.Received += records;
    this.#counts.Unfinished += records;
  }

  written({ stored, duplicates, superseded, unfinished, retries }: Written): void {
    this.#counts.Stored += stored.length;
    this.#counts.Duplicates += duplicates.length;
    this.#counts.Superseded += superseded.length;
    this.#counts.Unfinished += unfinished.length;
    this.#counts.Retries += retries;
  }

  /** @param left what the quarantine did not take. */
  quarantined(rejected: readonly Rejected[], left: readonly Rejected[]): void {
    const isLeft = new Set(left);
    for (const one of rejected) {
      if (isLeft.has(one)) this.#counts.Unfinished += 1;
      else if (one.reason === "conflict") this.#counts.Conflicts += 1;
      else this.#counts.Quarantined += 1;
    }
  }
}
