import { messageOf } from "../../shared/errors/message-of.ts";

/** A wrong argument; the message says which. */
export class WrongArgument extends Error {}

/**
 * Runs a command to its end: with exit code 0 when nothing is left to do, 1 when something is, and 2 when it was called wrongly or
 * could not be done at all.
 *
 * @param main answers how much is left
 * @param failed says what it means that it could not be done, from the error's message
 */
export async function endWith(
  main: () => Promise<number>,
  usage: string,
  failed: (message: string) => string,
): Promise<void> {
  try {
    process.exitCode = (await main()) === 0 ? 0 : 1;
  } catch (error) {
    process.exitCode = 2;
    console.error(error instanceof WrongArgument ? `${error.message}\n\n${usage}` : failed(messageOf(error)));
  }
}
