import { relative } from "node:path";
import fc from "fast-check";
import {
  describe,
  it,
  type RunnerTask,
  type RunnerTestCase,
  type RunnerTestSuite,
  TestRunner,
  vi,
} from "vitest";
import { type Entry, FOLDER_VARIABLE, type Job, MutationRecord, type Reach } from "./record.ts";
import { Switches } from "./switches.ts";

const record = new MutationRecord(process.env[FOLDER_VARIABLE] ?? "");
const job = record.readJob();
const switches = new Switches();
switches.install();
// The same numbers for every mutant; what fails once is enough, no smaller example is looked for.
fc.configureGlobal({ seed: 1, endOnFailure: true });

/** So many times as often as without a mutant, and this much besides. */
const ENDLESS_TIMES = 50;
const ENDLESS_BESIDES = 500_000;
/** A test file's time for finding what it reaches; what it has not run by then is left out. */
const REACH_MS = 20_000;

const NO_WORK: Job["files"][string] = { inTests: [], outside: [] };
const NO_REACH: Reach = { tests: {}, outside: [] };

/**
 * Runs each test once to see what it comes past; or once for each mutant that it comes past and that still lives, and once without at
 * the end. Mutants that take effect while the file is loaded have the whole file loaded once more for each.
 */
export default class MutationRunner extends TestRunner {
  #file = "";
  #work = NO_WORK;
  #reach = NO_REACH;
  readonly #outside = new Set<number>();
  readonly #tests: Reach["tests"] = {};
  #begun = process.cpuUsage();
  #fileBegun = process.cpuUsage();
  #turns: readonly number[] = [];
  #turn = 0;
  #killedHere: number[] = [];

  override async importFile(path: string, source: "collect" | "setup"): Promise<void> {
    this.#file = relative(this.config.root, path);
    this.#work = job.files[this.#file] ?? NO_WORK;
    this.#reach = record.readReach(this.#file) ?? NO_REACH;
    this.#fileBegun = process.cpuUsage();
    if (job.phase === "reach") switches.watch(this.#outside);
    await super.importFile(path, source);
    for (const mutant of this.#work.outside) this.#declareAgain(path, mutant);
  }

  /** The whole file within a `describe` of the mutant's name, loaded while it is on. */
  #declareAgain(path: string, mutant: number): void {
    if (record.isKilled(mutant)) return;
    describe(nameOf(mutant), async () => {
      this.#log(mutant, "begun");
      vi.resetModules();
      await this.#killedByFailureOf(mutant, async () => super.importFile(path, "collect"));
      // What stands in a describe runs later.
      for (const suite of TestRunner.getCurrentSuite().tasks) {
        if (suite.type !== "collector") continue;
        const collect = suite.collect.bind(suite);
        suite.collect = async (file) => {
          const collected = await this.#killedByFailureOf(mutant, () => collect(file));
          if (collected !== undefined) return collected;
          suite.clear();
          return emptied(suite.suite);
        };
      }
      this.#log(mutant, "loaded");
      it("was loaded", () => {});
    });
  }

  /** Turns the mutant on meanwhile. */
  async #killedByFailureOf<T>(mutant: number, work: () => Promise<T>): Promise<T | undefined> {
    switches.on(mutant, ENDLESS_BESIDES);
    try {
      return await work();
    } catch {
      this.#kill(mutant);
      return undefined;
    } finally {
      switches.off();
    }
  }

  override async onBeforeRunSuite(suite: RunnerTestSuite): Promise<void> {
    if (job.phase === "reach") switches.watch(this.#outside);
    const mutant = this.#loadedFor(suite);
    if (mutant !== undefined && nameOf(mutant) === suite.name) {
      this.#log(mutant, "begun");
      switches.on(mutant, ENDLESS_BESIDES);
    }
    await super.onBeforeRunSuite(suite);
  }

  override async onAfterRunSuite(suite: RunnerTestSuite): Promise<void> {
    const mutant = this.#loadedFor(suite);
    if (mutant !== undefined && nameOf(mutant) === suite.name) {
      switches.off();
      if (suite.result?.state === "fail") this.#kill(mutant);
      else this.#log(mutant, "survived");
    }
    if (job.phase === "reach" && "filepath" in suite) {
      record.writeReach(this.#file, { tests: this.#tests, outside: [...this.#outside] });
    }
    await super.onAfterRunSuite(suite);
  }

  override async onBeforeRunTask(test: RunnerTask): Promise<void> {
    await super.onBeforeRunTask(test);
    if (test.type !== "test" || test.mode === "skip" || test.mode === "todo") return;
    if (job.phase === "reach") {
      if (cpuMsSince(this.#fileBegun) > REACH_MS) test.mode = "skip";
      return;
    }
    const loadedFor = this.#loadedFor(test);
    if (loadedFor === undefined) {
      this.#takeTurns(test);
      return;
    }
    const known = this.#reach.tests[withoutSuite(test.id)];
    if (record.isKilled(loadedFor) || known === undefined || known.ms > job.slowestMs) test.mode = "skip";
  }

  /** One turn for each mutant that the test comes past, and the last without. */
  #takeTurns(test: RunnerTestCase): void {
    const { ms = 0, mutants = [] } = this.#reach.tests[test.id] ?? {};
    const wanted = new Set(this.#work.inTests);
    const isInTime = job.aboveMs < ms && ms <= job.slowestMs;
    this.#turns = isInTime ? mutants.filter((mutant) => wanted.has(mutant) && !record.isKilled(mutant)) : [];
    this.#killedHere = [];
    if (this.#turns.length === 0) test.mode = "skip";
    else test.repeats = this.#turns.length;
  }

  override onBeforeTryTask(test: RunnerTask, options: { retry: number; repeats: number }): void {
    super.onBeforeTryTask(test, options);
    this.#turn = options.repeats;
    this.#begun = process.cpuUsage();
    if (job.phase === "reach") {
      const seen = new Set<number>();
      this.#seen = seen;
      switches.watch(seen);
      return;
    }
    const mutant = this.#loadedFor(test) ?? this.#turns[this.#turn];
    if (mutant === undefined) return;
    const id = this.#loadedFor(test) === undefined ? test.id : withoutSuite(test.id);
    const hits = this.#reach.tests[id]?.hits;
    this.#log(mutant, "begun");
    switches.on(mutant, ENDLESS_TIMES * (hits ?? 0) + ENDLESS_BESIDES);
  }
  #seen = new Set<number>();

  override async onAfterRetryTask(
    test: RunnerTestCase,
    options: { retry: number; repeats: number },
  ): Promise<void> {
    const hits = switches.off();
    const passed = test.result?.state !== "fail";
    if (job.phase === "reach") {
      const ms = cpuMsSince(this.#begun);
      if (passed) this.#tests[test.id] = { ms, hits, mutants: [...this.#seen] };
      switches.watch(this.#outside);
    } else {
      this.#judge(test, passed);
    }
    await super.onAfterRetryTask(test, options);
  }

  #judge(test: RunnerTask, passed: boolean): void {
    const loadedFor = this.#loadedFor(test);
    const mutant = loadedFor ?? this.#turns[this.#turn];
    if (mutant !== undefined) {
      if (!passed) this.#kill(mutant);
      // The code keeps what it once calculated, so that the mutant made no difference: the file has to be loaded with it.
      else if (loadedFor === undefined && !switches.isMet) this.#log(mutant, "doubtful");
      else this.#log(mutant, "survived");
      if (loadedFor !== undefined) switches.on(mutant, ENDLESS_BESIDES);
    } else if (!passed) {
      // Without a mutant it fails too: an earlier one left something behind.
      for (const one of this.#killedHere) {
        record.unmarkKilled(one);
        this.#log(one, "doubtful");
      }
    }
    if (test.result !== undefined)
      Object.assign(test.result, { state: "pass", errors: undefined, attempts: [] });
  }

  #kill(mutant: number): void {
    record.markKilled(mutant);
    this.#log(mutant, "killed");
    this.#killedHere.push(mutant);
  }

  #log(mutant: number, what: Entry["what"]): void {
    record.log({ file: this.#file, pid: process.pid, mutant, what });
  }

  /** The mutant for which the task was loaded once more. */
  #loadedFor(task: RunnerTask): number | undefined {
    let at: RunnerTask = task;
    while (at.suite !== undefined && !("filepath" in at.suite)) at = at.suite;
    return this.#work.outside.find((mutant) => nameOf(mutant) === at.name);
  }
}

/** A suite in which nothing is run: to collect it failed. */
function emptied(suite: RunnerTestSuite | undefined): RunnerTestSuite {
  if (suite === undefined) throw new Error("Vitest has no suite for a describe");
  return Object.assign(suite, { tasks: [], mode: "skip" });
}

/** Of this process alone: a busy machine makes no test slow. */
function cpuMsSince(begun: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(begun);
  return (user + system) / 1000;
}

const nameOf = (mutant: number) => `with mutant ${mutant}`;

/** A test's id says where it stands in its file; the same test in a file that was loaded again stands one suite deeper. */
function withoutSuite(id: string): string {
  const [file, , ...place] = id.split("_");
  return [file, ...place].join("_");
}
