import type { Account } from "../account.ts";

/** One demo of `npm start`: it drives the account as a user's systems would, and observes. */
export interface Demo {
  /** The automation it shows. */
  readonly name: string;
  /** Plays it to its end. Throws `DemoFailed` when something that must happen did not. */
  play(account: Account, say: (line: string) => void): Promise<readonly string[]>;
}

/** A step of a demo did not happen: `npm start` then fails and names the step. */
export class DemoFailed extends Error {
  override readonly name = "DemoFailed";
}

/** By the account's clock. */
const POLL_INTERVAL_MS = 3000;

/**
 * Polls `observe` until it returns something, for at most `minutes` of the account's clock, which waits for each
 * answer.
 *
 * @param what the step, for the error: "the alarm goes to ALARM"
 */
export function until<T>(
  { clock }: Account,
  what: string,
  minutes: number,
  observe: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = clock.now() + minutes * 60_000;
  return new Promise((resolve, reject) => {
    const end = clock.every(POLL_INTERVAL_MS, async () => {
      try {
        const found = await observe();
        if (found !== undefined) resolve(found);
        else if (clock.now() > deadline) throw new DemoFailed(missing(what, minutes));
        else return;
      } catch (error) {
        reject(error);
      }
      end();
    });
  });
}

function missing(what: string, minutes: number): string {
  return `this did not happen within ${minutes} minutes of the sandbox's clock: ${what}`;
}
