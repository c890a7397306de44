import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type House, startHouse } from "./house.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** It packages first, which takes some seconds; after a failed build it may hang. */
const LIMIT_MS = 60_000;

let house: House;
let dir: string;
beforeAll(async () => {
  // Below the service, where the bundle finds the packages it was built without; git ignores it.
  mkdirSync(join(ROOT, ".esbuild"), { recursive: true });
  dir = mkdtempSync(join(ROOT, ".esbuild", "invoke-local-"));
  house = await startHouse();
});
afterAll(async () => {
  await house.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** `npx serverless invoke local -f reshard-streams -p <event>`, on a machine that has no AWS account. */
async function invokeLocal(
  event: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const manifest = createRequire(import.meta.url).resolve("serverless/package.json");
  const program = join(dirname(manifest), "bin", "serverless.js");
  const child = spawn(process.execPath, [program, "invoke", "local", "-f", "reshard-streams", "-p", event], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      AWS_EC2_METADATA_DISABLED: "true",
      REFLEX_WORK_FOLDER: relative(ROOT, dir),
      SLS_INTERACTIVE_SETUP_ENABLE: "0",
      ...env,
    },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: LIMIT_MS,
    killSignal: "SIGKILL",
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  return { code, output };
}

test("against the sandbox, the function looks at the stream and its answer is printed", async () => {
  const { code, output } = await invokeLocal("events/reshard-streams-by-hand.json", {
    AWS_ENDPOINT_URL: house.account.url,
    AWS_ACCESS_KEY_ID: "sandbox",
    AWS_SECRET_ACCESS_KEY: "sandbox",
  });
  expect(output).toContain('"verdict": "on-target"');
  expect(code).toBe(0);
  expect(house.account.calls.where({ operation: "DescribeStreamSummary" })).toHaveLength(1);
});

test("without an account and without the sandbox, it fails and says that it has no credentials", async () => {
  const { code, output } = await invokeLocal("events/reshard-streams-by-hand.json", {});
  expect(output).toContain("Could not load credentials from any providers");
  expect(output).toContain('"class":"Misconfigured"');
  expect(code).toBe(1);
});
