import { createHash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join, relative } from "node:path";
import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";

// A process for each test file, and dozens of serverless, load the same packages: they are compiled once,
// where the commands and the sandbox (scripts/serverless/program.ts) keep it as well.
process.env.NODE_COMPILE_CACHE ??= join(import.meta.dirname, "node_modules", ".cache", "reflex", "compiled");

// A worker may be ended without its exit handlers: what it left in its temporary directory goes with the directory.
const temporary = mkdtempSync(join(tmpdir(), "reflex-test-"));
process.env.TMPDIR = temporary;
process.once("exit", () => rmSync(temporary, { recursive: true, force: true }));

/** Small files whose tests take longest: begun last, one core would wait for them at the end. */
const LONG = /\/test\/(e2e|node-pools|functions\/check-sites\/status-page|sandbox\/page)\//;

/** TEST_SEED=7 runs the files, and the tests of each unit file, in another order: the same for the same number. */
const { TEST_SEED } = process.env;

/** What takes longest is begun first; the rest as Vitest has it, without a cache the larger files first, or in the seed's order. */
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = TEST_SEED ? this.#shuffled(files, TEST_SEED) : await super.sort(files);
    const isLong = ({ moduleId }: TestSpecification) => LONG.test(moduleId);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }

  #shuffled(files: TestSpecification[], seed: string): TestSpecification[] {
    const place = ({ moduleId }: TestSpecification) =>
      createHash("sha256")
        .update(`${seed} ${relative(this.ctx.config.root, moduleId)}`)
        .digest("hex");
    return files.toSorted((a, b) => (place(a) < place(b) ? -1 : 1));
  }
}

export default defineConfig({
  test: {
    environment: "node",
    // An end-to-end test waits for its functions' threads half of the time: three workers keep two cores busy.
    maxWorkers: Math.ceil(availableParallelism() * 1.5),
    sequence: { sequencer: LongFirst, ...(TEST_SEED && { seed: Number(TEST_SEED) }) },
    // No test sleeps for real time; the limit only catches a test that hangs.
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // X-Ray has no segment outside Lambda: say nothing instead of logging an error per call.
    env: {
      AWS_XRAY_CONTEXT_MISSING: "IGNORE_ERROR",
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
    },
    projects: [
      {
        extends: true,
        test: {
          name: "unit",
          include: ["test/**/*.test.ts"],
          exclude: ["test/e2e/**", "test/moto/**"],
          sequence: { shuffle: { tests: Boolean(TEST_SEED) } },
        },
      },
      {
        extends: true,
        test: {
          name: "e2e",
          include: ["test/e2e/**/*.test.ts"],
          globalSetup: ["test/e2e/setup/package-once.ts"],
          testTimeout: 480_000,
          hookTimeout: 480_000,
        },
      },
    ],
  },
});
