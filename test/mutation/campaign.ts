import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, textOf } from "../architecture/source.ts";
import { instrument, type Mutant } from "./instrument.ts";
import { KeptOutcomes, type Outcome, reachWithin } from "./kept.ts";
import { type Job, MutationRecord, type Reach } from "./run/record.ts";
import { openSession, type Session } from "./run/session.ts";
import { type ImportClosures, testsOf } from "./tests-of.ts";

/** Tests by how long they take: the quick ones have killed most when the slow ones begin. */
const PACES: readonly { readonly aboveMs: number; readonly slowestMs: number }[] = [
  { aboveMs: -1, slowestMs: 50 },
  { aboveMs: 50, slowestMs: 1_000 },
];
const SLOWEST_MS = 1_000;
/** What decides on a result: the command, and what runs within the tests' processes. */
const TOOL = ["test/mutation/mutate.ts", "test/mutation/run/runner.ts"];

export interface Verdicts {
  readonly mutants: readonly Mutant[];
  readonly killed: ReadonlySet<number>;
  /** Reached by a test at all. */
  readonly reached: ReadonlySet<number>;
  readonly tests: readonly string[];
}

interface Mutated {
  readonly file: string;
  readonly first: number;
  readonly mutants: readonly Mutant[];
}

/** Tries every mutant of the files on the tests that reach it, but for what is known from an earlier run. */
export async function tryMutants(
  files: readonly string[],
  closures: ImportClosures,
  options: { readonly tests?: readonly string[]; readonly say: (line: string) => void },
): Promise<Verdicts> {
  const mutated: Mutated[] = [];
  const code = new Map<string, string>();
  let first = 0;
  for (const file of files) {
    const { code: text, mutants } = instrument(file, textOf(file), first);
    mutated.push({ file, first, mutants });
    code.set(file, text);
    first += mutants.length;
  }
  const folder = mkdtempSync(join(tmpdir(), "reflex-mutation-"));
  const record = new MutationRecord(folder);
  const session = await openSession(ROOT, code, { folder, record });
  try {
    const tests = options.tests ?? testsOf(files, closures);
    const kept = new KeptOutcomes(ROOT, TOOL.map((file) => closures.hashOf(file)).join(" "));
    const campaign = new Campaign({ mutated, tests, closures, kept, record, session, say: options.say });
    return await campaign.run();
  } finally {
    await session.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Given {
  readonly mutated: readonly Mutated[];
  readonly tests: readonly string[];
  readonly closures: ImportClosures;
  readonly kept: KeptOutcomes;
  readonly record: MutationRecord;
  readonly session: Session;
  readonly say: (line: string) => void;
}

class Campaign {
  readonly #given: Given;
  readonly #reach = new Map<string, Reach>();
  /** By test file. */
  readonly #killed = new Map<string, Set<number>>();
  readonly #survived = new Map<string, Set<number>>();

  constructor(given: Given) {
    this.#given = given;
  }

  async run(): Promise<Verdicts> {
    const { mutated, tests, say } = this.#given;
    const mutants = mutated.flatMap((one) => one.mutants);
    await this.#findReach();
    say(`${mutants.length} mutants in ${mutated.length} files, ${tests.length} test files`);
    for (const pace of PACES) await this.#tryInTests(pace);
    await this.#tryOutside();
    const killed = this.#allKilled();
    this.#keep((_, id) => !killed.has(id));
    const reached = [...this.#reach.values()].flatMap(({ tests: inTests, outside }) => [
      ...Object.values(inTests).flatMap((test) => test.mutants),
      ...outside,
    ]);
    return { mutants, killed: this.#allKilled(), reached: new Set(reached), tests };
  }

  /** Runs the test files whose reach is not known, and takes what is known of the others. */
  async #findReach(): Promise<void> {
    const { tests, record, session, say } = this.#given;
    const unknown = tests.filter((test) => !this.#takeKept(test));
    if (unknown.length > 0) say(`What ${unknown.length} test files reach is found first`);
    await session.run({ phase: "reach", aboveMs: 0, slowestMs: 0, files: noWork(unknown) });
    for (const test of unknown) {
      const reach = record.readReach(test);
      if (reach === undefined) throw new Error(`${test} fails before anything is changed`);
      this.#reach.set(test, reach);
    }
    this.#keepSoFar();
  }

  #takeKept(test: string): boolean {
    const { mutated, closures, kept, record } = this.#given;
    const imported = closures.of(test);
    const closure = closures.hashOf(test);
    const known = mutated
      .filter(({ file }) => imported.has(file))
      .map(({ file, first }) => ({ first, outcome: kept.of(file, test, closure) }));
    if (!known.every((one): one is { first: number; outcome: Outcome } => one.outcome !== undefined))
      return false;
    const reach = joined(known);
    this.#reach.set(test, reach);
    record.writeReach(test, reach);
    for (const { first, outcome } of known) {
      for (const number of outcome.killed) this.#note(this.#killed, test, first + number);
      for (const number of outcome.survived) this.#note(this.#survived, test, first + number);
    }
    for (const id of this.#killed.get(test) ?? []) record.markKilled(id);
    return true;
  }

  async #tryInTests(pace: { readonly aboveMs: number; readonly slowestMs: number }): Promise<void> {
    const workOf = (test: string): Job["files"][string] => {
      const inPace = Object.values(this.#reach.get(test)?.tests ?? {}).filter(
        ({ ms }) => ms > pace.aboveMs && ms <= pace.slowestMs,
      );
      return { inTests: this.#pending(test, new Set(inPace.flatMap(({ mutants }) => mutants))), outside: [] };
    };
    await this.#runUntilNothingHangs(pace, workOf);
  }

  async #tryOutside(): Promise<void> {
    const workOf = (test: string): Job["files"][string] => {
      const outside = new Set([
        ...(this.#reach.get(test)?.outside ?? []),
        ...(this.#doubtful.get(test) ?? []),
      ]);
      return { inTests: [], outside: this.#pending(test, outside) };
    };
    await this.#runUntilNothingHangs({ aboveMs: -1, slowestMs: SLOWEST_MS }, workOf);
  }
  readonly #doubtful = new Map<string, Set<number>>();

  #pending(test: string, reached: ReadonlySet<number>): number[] {
    const killed = this.#allKilled();
    return [...reached].filter((id) => !killed.has(id) && !this.#survived.get(test)?.has(id));
  }

  async #runUntilNothingHangs(
    pace: { readonly aboveMs: number; readonly slowestMs: number },
    workOf: (test: string) => Job["files"][string],
  ): Promise<void> {
    const { tests, record, session, say } = this.#given;
    let left = tests;
    while (left.length > 0) {
      const work = left
        .map((test) => [test, workOf(test)] as const)
        .filter(([, { inTests, outside }]) => inTests.length + outside.length > 0);
      if (work.length === 0) return;
      const pending = new Set(work.flatMap(([, { inTests, outside }]) => [...inTests, ...outside]));
      say(`${pending.size} mutants on ${work.length} test files, tests of up to ${pace.slowestMs} ms`);
      record.clearLogs();
      const job = { phase: "try", ...pace, files: Object.fromEntries(work) } as const;
      await session.run(job, () => {
        this.#readLogs();
        this.#keepSoFar();
      });
      left = this.#readLogs();
    }
  }

  /** @returns the test files whose process was ended: what they had not tried yet is left */
  #readLogs(): readonly string[] {
    const ended: string[] = [];
    for (const entries of this.#given.record.logs()) {
      for (const { file, mutant, what } of entries) {
        if (what === "killed" || what === "hung") this.#note(this.#killed, file, mutant);
        if (what === "hung") ended.push(file);
        if (what !== "doubtful") continue;
        this.#killed.get(file)?.delete(mutant);
        this.#note(this.#doubtful, file, mutant);
      }
    }
    return ended;
  }

  /** What holds whatever comes: a run that is cut off begins here the next time. A survivor may still meet a slower test. */
  #keepSoFar(): void {
    this.#keep((test, id) => this.#survived.get(test)?.has(id) ?? false);
  }

  /** @param isSurvivor whether all tests of the file were tried on a mutant that it reaches */
  #keep(isSurvivor: (test: string, id: number) => boolean): void {
    const { mutated, tests, closures, kept } = this.#given;
    for (const test of tests) {
      const reach = this.#reach.get(test);
      if (reach === undefined) continue;
      const imported = closures.of(test);
      const closure = closures.hashOf(test);
      for (const { file, first, mutants } of mutated) {
        if (!imported.has(file)) continue;
        const numbers = mutants.map((_, number) => number);
        const reached = reachWithin(reach, first, mutants.length);
        const met = new Set([
          ...reached.outside,
          ...Object.values(reached.tests).flatMap((one) => one.mutants),
        ]);
        kept.set(file, test, {
          closure,
          ...reached,
          killed: numbers.filter((number) => this.#killed.get(test)?.has(first + number)),
          survived: numbers.filter((number) => met.has(number) && isSurvivor(test, first + number)),
        });
      }
    }
    kept.save();
  }

  #allKilled(): Set<number> {
    return new Set([...this.#killed.values()].flatMap((ids) => [...ids]));
  }

  #note(by: Map<string, Set<number>>, test: string, id: number): void {
    by.set(test, (by.get(test) ?? new Set()).add(id));
  }
}

function noWork(tests: readonly string[]): Job["files"] {
  return Object.fromEntries(tests.map((test) => [test, { inTests: [], outside: [] }]));
}

function joined(known: readonly { readonly first: number; readonly outcome: Outcome }[]): Reach {
  const tests: Reach["tests"] = {};
  for (const { first, outcome } of known) {
    for (const [id, { ms, hits, mutants }] of Object.entries(outcome.tests)) {
      tests[id] = {
        ms,
        hits,
        mutants: [...(tests[id]?.mutants ?? []), ...mutants.map((number) => first + number)],
      };
    }
  }
  return {
    tests,
    outside: known.flatMap(({ first, outcome }) => outcome.outside.map((number) => first + number)),
  };
}
