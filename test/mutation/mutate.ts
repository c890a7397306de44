/**
 * `npm run mutate -- <path> …`: changes the code in one place at a time and runs the unit tests that reach that place. What no test
 * notices is printed with its place: a rule there is not tested. Ends with 0 when it is done, 1 when the score is below
 * `--at-least` or the list of equivalent mutants is out of date, 2 when it was called wrongly.
 *
 * --at-least <percent>  of the mutants that have to be killed
 * --tests <path>        only these test files; may be given more than once
 * --json                the result for a program
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endWith, WrongArgument } from "../../scripts/cli/end.ts";
import { ROOT, repositoryFiles, textOf } from "../architecture/source.ts";
import { tryMutants } from "./campaign.ts";
import { readEquivalents } from "./equivalents.ts";
import { judge, type Report, reportLines } from "./report.ts";
import { ImportClosures } from "./tests-of.ts";

const USAGE = "npm run mutate -- <file or folder> … [--at-least <percent>] [--tests <path>] … [--json]";

async function main(): Promise<number> {
  const { positionals, values } = readArguments();
  const files = [...new Set(positionals.flatMap(sourcesBelow))];
  const closures = new ImportClosures();
  const say = values.json ? () => {} : (line: string) => console.error(line);
  const tests = values.tests?.flatMap(testsBelow);
  const verdicts = await tryMutants(files, closures, { ...(tests && { tests }), say });
  const report = judge(verdicts, readEquivalents(), (mutant) =>
    (textOf(mutant.file).split("\n")[mutant.line - 1] ?? "").trim(),
  );
  console.log(values.json ? JSON.stringify(report, undefined, 2) : reportLines(report).join("\n"));
  return report.outOfDate.length + (isBelow(report, values["at-least"]) ? 1 : 0);
}

function readArguments() {
  const parsed = parsedArguments();
  const { positionals, values } = parsed;
  if (positionals.length === 0)
    throw new WrongArgument("Name the file or folder whose code is to be changed");
  const atLeast = Number(values["at-least"] ?? 0);
  if (!(atLeast >= 0 && atLeast <= 100)) {
    throw new WrongArgument(`--at-least: expected a percentage, found ${values["at-least"]}`);
  }
  return parsed;
}

function parsedArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        "at-least": { type: "string" },
        tests: { type: "string", multiple: true },
        json: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    throw new WrongArgument(error instanceof Error ? error.message : String(error));
  }
}

function sourcesBelow(path: string): readonly string[] {
  const found = filesBelow(path).filter((file) => /(?<!\.d)\.ts$/.test(file) && !file.startsWith("test/"));
  if (found.length === 0) throw new WrongArgument(`${path}: no file with code is there`);
  return found;
}

function testsBelow(path: string): readonly string[] {
  const found = filesBelow(path).filter((file) => /^test\/(?!e2e\/).*\.test\.ts$/.test(file));
  if (found.length === 0) throw new WrongArgument(`${path}: no unit test is there`);
  return found;
}

function filesBelow(path: string): readonly string[] {
  const name = path.replace(/^\.\//, "").replace(/\/$/, "");
  if (statSync(join(ROOT, name), { throwIfNoEntry: false })?.isFile()) return [name];
  return repositoryFiles().filter((file) => file.startsWith(`${name}/`));
}

function isBelow({ total }: Report, atLeast: string | undefined): boolean {
  return total.score < Number(atLeast ?? 0);
}

await endWith(main, USAGE, (message) => `Mutants could not be tried: ${message}`);
