/** Producers give up on a record that was refused for so long. */
const GIVE_UP_AFTER_MINUTES = 5;

/** Records of one minute that were refused so far. */
interface Waiting {
  readonly minute: number;
  bytes: number;
  records: number;
}

/**
 * Refused records, oldest first, as producers offer them again in every minute until they are taken. The oldest are taken
 * to be accepted first.
 */
export class RetryQueue {
  #waiting: Waiting[] = [];
  /** The longest that a record waited until it was taken, minutes. */
  worstDelayMinutes = 0;
  /** Records that producers gave up on. */
  abandonedRecords = 0;

  get bytes(): number {
    return this.#waiting.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get records(): number {
    return this.#waiting.reduce((sum, { records }) => sum + records, 0);
  }

  /**
   * One minute: what is offered for the first time queues behind what waits, and `share` of all that is accepted.
   *
   * @param share of bytes and records alike, 0 to 1
   */
  pass(minute: number, offered: { readonly bytes: number; readonly records: number }, share: number): void {
    this.#waiting.push({ minute, bytes: offered.bytes, records: offered.records });
    if (share >= 1) {
      this.#delayed(this.#waiting, minute);
      this.#waiting = [];
      return;
    }
    let records = share * this.records;
    let bytes = share * this.bytes;
    const left = this.#waiting.flatMap((one) => {
      const taken =
        one.records > 0 ? Math.min(1, records / one.records) : Math.min(1, bytes / one.bytes || 0);
      if (taken > 0) this.#delayed([one], minute);
      // Not below 0 by rounding: shared out among next to no records, that came to an infinite share of them.
      records = Math.max(0, records - taken * one.records);
      bytes = Math.max(0, bytes - taken * one.bytes);
      return taken < 1 - 1e-9
        ? [{ ...one, bytes: (1 - taken) * one.bytes, records: (1 - taken) * one.records }]
        : [];
    });
    const givenUp = left.filter((one) => minute - one.minute >= GIVE_UP_AFTER_MINUTES);
    this.#delayed(givenUp, minute);
    this.abandonedRecords += givenUp.reduce((sum, one) => sum + one.records, 0);
    this.#waiting = left.filter((one) => minute - one.minute < GIVE_UP_AFTER_MINUTES);
  }

  /** Refused records that nobody offers again. */
  forget(): void {
    this.abandonedRecords += this.records;
    this.#waiting = [];
  }

  #delayed(some: readonly Waiting[], minute: number): void {
    const oldest = some.reduce((first, one) => Math.min(first, one.minute), minute);
    this.worstDelayMinutes = Math.max(this.worstDelayMinutes, minute - oldest);
  }
}
