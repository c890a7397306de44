import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import * as z from "zod/mini";
import type { Reach } from "./run/record.ts";

/** Numbers of mutants count within the file here, so that they stay what they are while the file does. */
const Numbers = z.array(z.number());

const Outcome = z.object({
  /** Of the test file and all it imports. */
  closure: z.string(),
  tests: z.record(z.string(), z.object({ ms: z.number(), hits: z.number(), mutants: Numbers })),
  outside: Numbers,
  killed: Numbers,
  survived: Numbers,
});
export type Outcome = z.infer<typeof Outcome>;

/** What is known of one file with mutants, by test file. */
const Kept = z.record(z.string(), Outcome);

const FOLDER = "node_modules/.cache/mutation";

/** Results by mutated file and test file: they hold while the test file and all it imports, the mutated file too, stay as they are. */
export class KeptOutcomes {
  readonly #root: string;
  readonly #tool: string;
  readonly #files = new Map<string, z.infer<typeof Kept>>();

  /** @param tool a hash of the mutators and the runner: with others, a number or a result means something else */
  constructor(root: string, tool: string) {
    this.#root = root;
    this.#tool = tool;
  }

  of(file: string, test: string, closure: string): Outcome | undefined {
    const outcome = this.#load(file)[test];
    return outcome?.closure === closure ? outcome : undefined;
  }

  set(file: string, test: string, outcome: Outcome): void {
    this.#files.set(file, { ...this.#load(file), [test]: outcome });
  }

  save(): void {
    for (const [file, kept] of this.#files) {
      const path = this.#pathOf(file);
      mkdirSync(dirname(path), { recursive: true });
      // In two steps: another process may read it, and a copy of node_modules by links shares no text with it.
      writeFileSync(`${path}.${process.pid}`, JSON.stringify(kept));
      renameSync(`${path}.${process.pid}`, path);
    }
  }

  #load(file: string): z.infer<typeof Kept> {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const path = this.#pathOf(file);
    const kept = existsSync(path) ? Kept.parse(JSON.parse(readFileSync(path, "utf8"))) : {};
    this.#files.set(file, kept);
    return kept;
  }

  #pathOf(file: string): string {
    const name = createHash("sha256").update(`${this.#tool} ${file}`).digest("hex").slice(0, 32);
    return join(this.#root, FOLDER, `${name}.json`);
  }
}

/** The part of what a test file reaches that lies in one file, whose mutants have the numbers from `first` on. */
export function reachWithin(reach: Reach, first: number, count: number): Pick<Outcome, "tests" | "outside"> {
  const within = (ids: readonly number[]) =>
    ids.filter((id) => id >= first && id < first + count).map((id) => id - first);
  return {
    tests: Object.fromEntries(
      Object.entries(reach.tests).map(([id, test]) => [id, { ...test, mutants: within(test.mutants) }]),
    ),
    outside: within(reach.outside),
  };
}
