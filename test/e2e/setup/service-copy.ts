import { spawn } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SERVERLESS, SERVERLESS_CACHES } from "../../../scripts/serverless/program.ts";

const ROOT = join(import.meta.dirname, "..", "..", "..");

/** What a deploy neither reads nor may overwrite here. */
const LEFT_OUT = [".git", ".serverless", ".bundles", "node_modules"];

/** A deploy takes some ten seconds a region; one that hangs is ended. */
const LIMIT_MS = 180_000;

/** A copy of the service to deploy from: its config can be changed, and what serverless writes is its own. */
export interface ServiceCopy {
  readonly dir: string;
  /** What a command printed, and its exit code. */
  readonly serverless: (...args: readonly string[]) => Promise<Ended>;
  readonly script: (file: string, ...args: readonly string[]) => Promise<Ended>;
  /** A program of node_modules, for example `vitest/vitest.mjs`. */
  readonly program: (file: string, ...args: readonly string[]) => Promise<Ended>;
  remove(): void;
}

export interface Ended {
  readonly output: string;
  /** Of the output, what went to stdout. */
  readonly stdout: string;
  readonly code: number | null;
}

/** A copy whose functions are packaged without their bundles: for tests that call none. */
export function copyServiceWithoutBundles(endpointUrl: string): ServiceCopy {
  const copy = copyService(endpointUrl);
  for (const file of ["serverless.yml", "serverless.other-regions.yml"].map((name) => join(copy.dir, name))) {
    const text = readFileSync(file, "utf8").replace(
      "./scripts/serverless/bundle-functions.cjs",
      "./test/e2e/setup/no-bundles.cjs",
    );
    writeFileSync(file, text);
  }
  return copy;
}

/** @param endpointUrl the AWS it is deployed to */
export function copyService(endpointUrl: string): ServiceCopy {
  const dir = mkdtempSync(join(tmpdir(), "reflex-copy-"));
  const wanted = (path: string) => !LEFT_OUT.some((name) => path === join(ROOT, name));
  cpSync(ROOT, dir, { recursive: true, filter: wanted });
  symlinkSync(join(ROOT, "node_modules"), join(dir, "node_modules"));
  const env = {
    PATH: process.env.PATH,
    HOME: dir,
    TMPDIR: dir,
    ...SERVERLESS_CACHES,
    AWS_ENDPOINT_URL: endpointUrl,
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "sandbox",
    AWS_SECRET_ACCESS_KEY: "sandbox",
    // Serverless looks for the end of a deploy every five seconds otherwise.
    SLS_AWS_MONITORING_FREQUENCY: "100",
  };
  const run = (program: string, args: readonly string[]): Promise<Ended> =>
    ended(
      spawn(process.execPath, [program, ...args], {
        cwd: dir,
        env,
        timeout: LIMIT_MS,
        killSignal: "SIGKILL",
      }),
    );
  return {
    dir,
    serverless: (...args) => run(SERVERLESS, args),
    program: (file, ...args) => run(join(dir, "node_modules", file), args),
    script: (file, ...args) => run(join(dir, "scripts", file), args),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function ended(child: ReturnType<typeof spawn>): Promise<Ended> {
  let output = "";
  let stdout = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ output, stdout, code }));
  });
}
