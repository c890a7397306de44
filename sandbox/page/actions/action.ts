import * as z from "zod/mini";

/** What a button does to the account. */
export interface Action {
  /** In the path: `POST /_reflex/actions/<name>`. */
  readonly name: string;
  /** Whether there is something to act on. */
  available(): boolean;
  /**
   * @param input the request's body
   * @returns one sentence for the person who pressed: what was done
   * @throws {Refused} where the input asks for what cannot be done
   */
  run(input: unknown): Promise<string>;
}

/** The account cannot do what was asked; the message says why. */
export class Refused extends Error {
  override readonly name = "Refused";
}

/** @throws {Refused} naming what is wrong */
export function parsed<S extends z.ZodMiniType>(schema: S, input: unknown): z.output<S> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "body"}: ${message}`);
  throw new Refused(`${problems.join("; ")}.`);
}

/** A whole number between two bounds. */
export function amount(least: number, most: number) {
  const error = `expected a whole number from ${least} to ${most}`;
  return z.int({ error }).check(z.minimum(least, { error }), z.maximum(most, { error }));
}
