import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SERVERLESS, SERVERLESS_CACHES } from "../../scripts/serverless/program.ts";

/** The packaged service in a temporary directory: the template and a zip for each function. */
export interface Package {
  readonly dir: string;
  remove(): void;
}

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** It takes four to ten seconds; a failed build may leave it hanging. */
const LIMIT_MS = 180_000;

/**
 * Runs `serverless package`, so that what runs in the sandbox is what a deploy would upload.
 *
 * @throws {Error} with all it printed, when it fails or does not end
 */
export async function packageService(stage = "dev", signal?: AbortSignal): Promise<Package> {
  const root = mkdtempSync(join(tmpdir(), "reflex-package-"));
  const dir = join(root, "package");
  const remove = () => {
    process.off("exit", remove);
    rmSync(root, { recursive: true, force: true });
  };
  process.once("exit", remove);
  try {
    await runServerless(["package", "--stage", stage, "--package", dir], root, signal);
  } catch (error) {
    remove();
    throw error;
  }
  return { dir, remove };
}

/** @param temporary where serverless leaves files of its own when it is ended in the middle */
function runServerless(args: readonly string[], temporary: string, signal?: AbortSignal): Promise<void> {
  const child = spawn(process.execPath, [SERVERLESS, ...args], {
    cwd: ROOT,
    env: {
      ...SERVERLESS_CACHES,
      ...process.env,
      // Its fixtures bring sites and node pools that the config of the stage does not name.
      REFLEX_DEPLOY_ALL: "yes",
      TMPDIR: temporary,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    ...(signal && { signal }),
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  return new Promise((resolve, reject) => {
    let failure: Error | undefined;
    child.once("error", (error) => {
      failure = error;
      // One that never started never closes; one that was aborted still writes until it closes.
      if (child.pid === undefined) reject(error);
    });
    child.once("close", (code, killedBy) => {
      if (failure) return reject(failure);
      if (code === 0) return resolve();
      const how = killedBy ? `was ended by ${killedBy}` : `ended with code ${code}`;
      reject(new Error(`serverless ${args.join(" ")} ${how}:\n${output}`));
    });
  });
}
