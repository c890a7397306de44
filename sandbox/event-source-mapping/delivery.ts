import { checkpoint } from "./answer.ts";
import type { Condition, LastAttempt } from "./discarded.ts";
import type { StreamRecord } from "./record.ts";
import type { MappingSettings } from "./settings.ts";

/** How one invocation with a batch ended. */
export type Attempt =
  | { readonly kind: "answered"; readonly requestId: string; readonly payload: string }
  | { readonly kind: "failed"; readonly requestId: string; readonly error: string }
  /** Lambda had no room: the function did not run, so it is no retry. */
  | { readonly kind: "throttled" };

export interface DeliveryOptions {
  readonly settings: Pick<MappingSettings, "bisect" | "maxRetries" | "maxAgeMs" | "reportsItemFailures">;
  readonly now: () => number;
  readonly invoke: (batch: readonly StreamRecord[]) => Promise<Attempt>;
  readonly discard: (
    batch: readonly StreamRecord[],
    condition: Condition,
    last: LastAttempt,
  ) => Promise<void>;
}

interface Batch {
  readonly records: readonly StreamRecord[];
  /** Invocations that failed, not counting those that were split. */
  readonly failures: number;
  readonly last: LastAttempt | undefined;
}

/** Between two attempts: half a second after the first failure, twice as long after each, a minute at most. */
const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 60_000;

/**
 * Brings batches to a function one after the other, each until it is done or given up. It never waits: after
 * a failure `step` returns, and does nothing before `notBefore`.
 */
export class Delivery {
  notBefore = 0;
  readonly #options: DeliveryOptions;
  #work: Batch[] = [];

  constructor(options: DeliveryOptions) {
    this.#options = options;
  }

  isIdle(): boolean {
    return this.#work.length === 0;
  }

  add(records: readonly StreamRecord[]): void {
    if (records.length > 0) this.#work.push({ records, failures: 0, last: undefined });
  }

  /** Goes on until there is nothing left, or until an attempt failed. */
  async step(): Promise<void> {
    while (this.#options.now() >= this.notBefore) {
      const batch = this.#work[0];
      if (batch === undefined) return;
      this.#work.splice(0, 1, ...(await this.#attempt(batch)));
    }
  }

  /** @returns what is still to be done of the batch. */
  async #attempt(batch: Batch): Promise<Batch[]> {
    const { settings, now, invoke } = this.#options;
    const young = batch.records.filter(({ arrivedAt }) => now() - arrivedAt <= settings.maxAgeMs);
    if (young.length < batch.records.length) {
      // Records expire in the order in which they came.
      const old = batch.records.slice(0, batch.records.length - young.length);
      await this.#giveUp(batch, old, "RecordAgeExceeded");
      return young.length === 0 ? [] : [{ ...batch, records: young }];
    }
    const attempt = await invoke(batch.records);
    if (attempt.kind === "throttled") return this.#later(batch, batch.failures + 1);

    const done = attempt.kind === "answered" ? this.#done(attempt.payload, batch.records) : 0;
    if (done === batch.records.length) {
      this.notBefore = 0;
      return [];
    }
    const last: LastAttempt = {
      requestId: attempt.requestId,
      functionError: attempt.kind === "failed" ? attempt.error : undefined,
      count: (batch.last?.count ?? 0) + 1,
    };
    if (settings.bisect && attempt.kind === "failed" && batch.records.length > 1) {
      const middle = Math.ceil(batch.records.length / 2);
      const halves = [batch.records.slice(0, middle), batch.records.slice(middle)];
      return this.#later({ ...batch, last }, 1, halves);
    }
    // Where something was done it is another batch. AWS does not say whether its retries count anew: here so.
    const failures = done > 0 ? 1 : batch.failures + 1;
    const left = { records: batch.records.slice(done), failures, last };
    if (failures > settings.maxRetries) {
      await this.#giveUp(left, left.records, "RetryAttemptsExhausted");
      return [];
    }
    return this.#later(left, failures);
  }

  #done(payload: string, records: readonly StreamRecord[]): number {
    return this.#options.settings.reportsItemFailures ? checkpoint(payload, records) : records.length;
  }

  #later(batch: Batch, failures: number, parts = [batch.records]): Batch[] {
    const pause = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
    this.notBefore = this.#options.now() + pause;
    return parts.map((records) => ({ ...batch, records }));
  }

  #giveUp(batch: Batch, records: readonly StreamRecord[], condition: Condition): Promise<void> {
    const never: LastAttempt = { requestId: "", functionError: undefined, count: 0 };
    return this.#options.discard(records, condition, batch.last ?? never);
  }
}
