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

/**
 * Waits until `look` answers something, asking again and again for at most `minutes` of the sandbox's clock.
 *
 * @param what the step in words, for the error: "the alarm goes to ALARM"
 */
export async function until<T>(
  account: Account,
  what: string,
  minutes: number,
  look: () => Promise<T | undefined>,
): Promise<T> {
  const deadline = account.clock.now() + minutes * 60_000;
  for (;;) {
    const found = await look();
    if (found !== undefined) return found;
    if (account.clock.now() > deadline) {
      throw new StepMissing(
        `within ${minutes} minutes of the sandbox's clock it should have come to this, and did not: ${what}`,
      );
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
