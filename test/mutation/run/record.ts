import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import * as z from "zod/mini";

/** Where the tests' processes find their job and leave what they found. */
export const FOLDER_VARIABLE = "REFLEX_MUTATION_FOLDER";

const Test = z.object({
  /** Processor time without a mutant. */
  ms: z.number(),
  /** How often the test comes past any switch. */
  hits: z.number(),
  mutants: z.array(z.number()),
});

/** What a test file comes past, by the ids of its tests. */
const Reach = z.object({
  tests: z.record(z.string(), Test),
  /** What it comes past while it is loaded and in `beforeAll`: no single test can be asked. */
  outside: z.array(z.number()),
});
export type Reach = z.infer<typeof Reach>;

const Job = z.object({
  phase: z.enum(["reach", "try"]),
  /** Only tests that take longer than this are run, and no longer than `slowestMs`. */
  aboveMs: z.number(),
  slowestMs: z.number(),
  /** For each test file, by its path from the root: what to try in its tests, and what while it is loaded. */
  files: z.record(z.string(), z.object({ inTests: z.array(z.number()), outside: z.array(z.number()) })),
});
export type Job = z.infer<typeof Job>;

const Entry = z.object({
  file: z.string(),
  pid: z.number(),
  mutant: z.number(),
  /** `begun` is the last word of a process that hangs. */
  what: z.enum(["begun", "loaded", "survived", "killed", "doubtful", "hung"]),
});
export type Entry = z.infer<typeof Entry>;

export class MutationRecord {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    for (const name of ["reach", "killed", "log"]) mkdirSync(join(folder, name), { recursive: true });
  }

  writeJob(job: Job): void {
    writeFileSync(join(this.#folder, "job.json"), JSON.stringify(job));
  }

  readJob(): Job {
    return Job.parse(JSON.parse(readFileSync(join(this.#folder, "job.json"), "utf8")));
  }

  writeReach(file: string, reach: Reach): void {
    writeFileSync(this.#path("reach", file), JSON.stringify(reach));
  }

  readReach(file: string): Reach | undefined {
    const path = this.#path("reach", file);
    return existsSync(path) ? Reach.parse(JSON.parse(readFileSync(path, "utf8"))) : undefined;
  }

  markKilled(mutant: number): void {
    writeFileSync(this.#path("killed", String(mutant)), "");
  }

  unmarkKilled(mutant: number): void {
    rmSync(this.#path("killed", String(mutant)), { force: true });
  }

  isKilled(mutant: number): boolean {
    return existsSync(this.#path("killed", String(mutant)));
  }

  log(entry: Entry): void {
    appendFileSync(this.#path("log", entry.file), `${JSON.stringify(entry)}\n`);
  }

  /** What was logged, by test file, the last entry last. */
  logs(): readonly (readonly Entry[])[] {
    return readdirSync(join(this.#folder, "log")).map((name) => {
      const lines = readFileSync(join(this.#folder, "log", name), "utf8").split("\n");
      return lines.slice(0, -1).map((line) => Entry.parse(JSON.parse(line)));
    });
  }

  logOf(file: string): string {
    return this.#path("log", file);
  }

  clearLogs(): void {
    rmSync(join(this.#folder, "log"), { recursive: true });
    mkdirSync(join(this.#folder, "log"));
  }

  #path(kind: string, name: string): string {
    return join(this.#folder, kind, encodeURIComponent(name));
  }
}
