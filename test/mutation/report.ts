import type { Verdicts } from "./campaign.ts";
import { type Equivalent, inOneLine, meantBy } from "./equivalents.ts";
import type { Mutant } from "./instrument.ts";

interface Score {
  readonly mutants: number;
  readonly killed: number;
  readonly equivalent: number;
  /** Percent of the mutants that are not equivalent, to one decimal, rounded down. */
  readonly score: number;
}

export interface Report {
  readonly total: Score;
  readonly files: readonly ({ readonly file: string } & Score)[];
  readonly survivors: readonly (Mutant & { readonly isReached: boolean })[];
  /** Entries of the list of equivalent mutants that are not so (any more). */
  readonly outOfDate: readonly string[];
}

/** @param lineOf the line of the source on which a mutant begins, trimmed */
export function judge(
  { mutants, killed, reached }: Omit<Verdicts, "tests">,
  equivalents: readonly Equivalent[],
  lineOf: (mutant: Mutant) => string,
): Report {
  const files = [...new Set(mutants.map(({ file }) => file))];
  const listed = equivalents
    .filter(({ file }) => files.includes(file))
    .map((entry) => ({ entry, meant: meantBy(entry, mutants, lineOf) }));
  const isEquivalent = new Set(
    listed.flatMap(({ meant }) => meant.map(({ id }) => id)).filter((id) => !killed.has(id)),
  );
  const scoreOf = (some: readonly Mutant[]): Score => {
    const counts = {
      mutants: some.length,
      killed: some.filter(({ id }) => killed.has(id)).length,
      equivalent: some.filter(({ id }) => isEquivalent.has(id)).length,
    };
    const judged = counts.mutants - counts.equivalent;
    return { ...counts, score: judged === 0 ? 100 : Math.floor((1000 * counts.killed) / judged) / 10 };
  };
  return {
    total: scoreOf(mutants),
    files: files.map((file) => ({ file, ...scoreOf(mutants.filter((one) => one.file === file)) })),
    survivors: mutants
      .filter(({ id }) => !killed.has(id) && !isEquivalent.has(id))
      .map((mutant) => ({ ...mutant, isReached: reached.has(mutant.id) })),
    outOfDate: listed.flatMap(({ entry, meant }) => {
      const place = `${entry.file}: ${entry.original} -> ${entry.replacement}`;
      if (meant.length === 0) return [`${place}: there is no such mutant any more; take it off the list`];
      if (meant.every(({ id }) => killed.has(id))) return [`${place}: a test kills it; it is not equivalent`];
      return [];
    }),
  };
}

export function reportLines({ total, files, survivors, outOfDate }: Report): readonly string[] {
  return [
    ...survivors.map(
      ({ file, line, column, original, replacement, mutator, isReached }) =>
        `${file}:${line}:${column} ${mutator}${isReached ? "" : " (no test comes here)"}: ${shown(original, replacement)}`,
    ),
    "",
    "mutants  killed  equivalent  score",
    ...[...files.map((one) => ({ name: one.file, ...one })), { name: "all", ...total }].map(
      ({ name, mutants, killed, equivalent, score }) =>
        `${String(mutants).padStart(7)}  ${String(killed).padStart(6)}  ${String(equivalent).padStart(10)}  ${score.toFixed(1).padStart(5)}  ${name}`,
    ),
    ...outOfDate.map((line) => `equivalent.json: ${line}`),
  ];
}

const SHOWN = 90;

/** From a little before the first difference on, when the whole is too long for a line. */
function shown(original: string, replacement: string): string {
  const [from, to] = [inOneLine(original), inOneLine(replacement)];
  let same = 0;
  while (same < from.length && from[same] === to[same]) same += 1;
  const begin = from.length <= SHOWN ? 0 : Math.max(0, same - 30);
  const part = (text: string) =>
    `${begin > 0 ? "…" : ""}${text.slice(begin, begin + SHOWN)}${text.length > begin + SHOWN ? "…" : ""}`;
  return `${part(from)} -> ${part(to)}`;
}
