import type { Account } from "../account.ts";

/** One demonstration of `npm start`: it drives the account as a user's systems would, and watches. */
export interface Story {
  /** The automation it shows. */
  readonly name: string;
  /** Plays it to its end. Throws `StepMissing` when something that should have happened did not. */
  play(account: Account, say: (line: string) => void): Promise<readonly string[]>;
}

/** A step of a story did not happen: `npm start` then fails, and says which. */
export class StepMissing extends Error {
  override readonly name = "StepMissing";
}

/** How often it is looked, by the account's clock. */
const LOOK_EVERY_MS = 3000;

/**
 * Waits until `look` answers something, asking again and again for at most `minutes` of the account's clock, which
 * waits for each answer.
 *
 * @param what the step in words, for the error: "the alarm goes to ALARM"
 */
export function until<T>(
  { clock }: Account,
  what: string,
  minutes: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = clock.now() + minutes * 60_000;
  return new Promise((resolve, reject) => {
    const end = clock.every(LOOK_EVERY_MS, async () => {
      try {
        const found = await look();
        if (found !== undefined) resolve(found);
        else if (clock.now() > deadline) throw new StepMissing(missing(what, minutes));
        else return;
      } catch (error) {
        reject(error);
      }
      end();
    });
  });
}

function missing(what: string, minutes: number): string {
  return `within ${minutes} minutes of the sandbox's clock it should have come to this, and did not: ${what}`;
}
