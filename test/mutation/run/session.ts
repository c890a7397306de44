import { statSync } from "node:fs";
import { setPriority } from "node:os";
import { join } from "node:path";
import { createVitest, type TestModule, type Vitest } from "vitest/node";
import { FOLDER_VARIABLE, type Job, type MutationRecord } from "./record.ts";

/** A process that says nothing for so long hangs: the mutant it tries has made a loop that does not end. */
const SILENT_MS = 60_000;
const LOOK_EVERY_MS = 1_000;

/** As in vitest.config.mts. */
const ENVIRONMENT = {
  AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
  AWS_REGION: "us-east-1",
  AWS_ACCESS_KEY_ID: "test",
  AWS_SECRET_ACCESS_KEY: "test",
};

export interface Session {
  /** Runs the test files, each in a process of its own, two at a time; calls `afterEach` whenever one is done. */
  readonly run: (job: Job, afterEach?: () => void) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Vitest, kept warm, with the instrumented code in place of the real. */
export async function openSession(
  root: string,
  code: ReadonlyMap<string, string>,
  { folder, record }: { readonly folder: string; readonly record: MutationRecord },
): Promise<Session> {
  setPriority(10);
  const changed = new Map([...code].map(([file, text]) => [join(root, file), text]));
  let afterFile = () => {};
  const vitest = await createVitest(
    "test",
    {
      root,
      config: false,
      watch: false,
      include: ["test/**/*.test.ts"],
      exclude: ["test/e2e/**"],
      runner: join(import.meta.dirname, "runner.ts"),
      reporters: [
        {
          onTestModuleEnd: (module) => {
            sayErrors(module);
            afterFile();
          },
        },
      ],
      pool: "forks",
      // Kept code would be the one without mutants, and other runs would find the one with them.
      fsModuleCache: false,
      maxWorkers: 2,
      testTimeout: 20_000,
      hookTimeout: 20_000,
      dangerouslyIgnoreUnhandledErrors: true,
      update: "none",
      env: { ...ENVIRONMENT, [FOLDER_VARIABLE]: folder },
    },
    {
      plugins: [
        { name: "mutants", enforce: "pre", load: (id: string) => changed.get(id.split("?")[0] ?? id) },
      ],
    },
  );
  return {
    run: async (job, afterEach = () => {}) => {
      afterFile = afterEach;
      await runFiles(vitest, job, root, record);
    },
    close: () => vitest.close(),
  };
}

/** Of loading a test file: those of its tests are what is looked for. */
function sayErrors(module: TestModule): void {
  for (const { message } of module.errors()) console.error(`${module.relativeModuleId}: ${message}`);
}

async function runFiles(vitest: Vitest, job: Job, root: string, record: MutationRecord): Promise<void> {
  const files = Object.keys(job.files);
  if (files.length === 0) return;
  record.writeJob(job);
  const project = vitest.getRootProject();
  const watching = setInterval(() => endSilent(record), LOOK_EVERY_MS);
  try {
    await vitest.runTestSpecifications(files.map((file) => project.createSpecification(join(root, file))));
  } finally {
    clearInterval(watching);
    // A mutant that makes a test fail is no failure of this run.
    process.exitCode = 0;
  }
}

function endSilent(record: MutationRecord): void {
  const quiet = Date.now() - SILENT_MS;
  const last = record.logs().map((entries) => entries.at(-1));
  for (const entry of last) {
    if (entry?.what !== "begun" || statSync(record.logOf(entry.file)).mtimeMs > quiet) continue;
    record.markKilled(entry.mutant);
    record.log({ ...entry, what: "hung" });
    try {
      process.kill(entry.pid, "SIGKILL");
    } catch {
      // It has ended by itself.
    }
  }
}
