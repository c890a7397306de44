import * as z from "zod/mini";
import { textOf } from "../architecture/source.ts";
import type { Mutant } from "./instrument.ts";

const LIST = "test/mutation/equivalent.json";

const Equivalent = z.strictObject({
  file: z.string(),
  /** The line of the source on which the mutant begins, without the spaces around it. */
  line: z.string(),
  original: z.string(),
  replacement: z.string(),
  /** Why nobody could see a difference. */
  reason: z.string().check(z.minLength(20)),
});
export type Equivalent = z.infer<typeof Equivalent>;

export function readEquivalents(): readonly Equivalent[] {
  return z.array(Equivalent).parse(JSON.parse(textOf(LIST)));
}

/** The mutants that one entry of the list means: usually one; those that are alike on one line count together. */
export function meantBy(
  entry: Equivalent,
  mutants: readonly Mutant[],
  lineOf: (mutant: Mutant) => string,
): readonly Mutant[] {
  return mutants.filter(
    (mutant) =>
      mutant.file === entry.file &&
      inOneLine(mutant.original) === entry.original &&
      inOneLine(mutant.replacement) === entry.replacement &&
      lineOf(mutant) === entry.line,
  );
}

export function inOneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
