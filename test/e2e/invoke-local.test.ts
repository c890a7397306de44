import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Account, startAccount } from "../../sandbox/account.ts";
import { type Fixtures, prepareFixtures } from "../../sandbox/fixtures/fixtures.ts";
import { SERVERLESS, SERVERLESS_CACHES } from "../../scripts/serverless/program.ts";

const ROOT = join(import.meta.dirname, "..", "..");

/** It packages first, which takes some seconds; after a failed build it may hang. */
const LIMIT_MS = 60_000;

let account: Account;
let scenery: Fixtures;
let dir: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "reflex-invoke-local-"));
  scenery = await prepareFixtures("dev");
  const { environment } = scenery;
  account = await startAccount({
    packageDir: inject("packageDir"),
    speed: 0,
    environment,
    log: console.error,
  });
  await scenery.createIn(account);
});
afterAll(async () => {
  await account.stop();
  await scenery.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** `npx serverless invoke local -f <function> -p <event>`, on a machine that has no AWS account. */
async function invokeLocal(
  name: string,
  event: string,
  env: Readonly<Record<string, string>>,
): Promise<{ code: number | null; output: string }> {
  const args = ["invoke", "local", "-f", name, "-p", `events/${event}`];
  const child = spawn(process.execPath, [SERVERLESS, ...args], {
    cwd: ROOT,
    env: {
      PATH: process.env.PATH,
      HOME: dir,
      ...SERVERLESS_CACHES,
      AWS_EC2_METADATA_DISABLED: "true",
      SLS_INTERACTIVE_SETUP_ENABLE: "0",
      REFLEX_DEPLOY_ALL: "yes",
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

/** By function: a sample event, and what is to be read in the answer. */
const SAMPLES: Readonly<Record<string, readonly [event: string, answer: string]>> = {
  "reshard-streams": ["reshard-streams-by-hand.json", '"verdict": "on-target"'],
  "check-sites": ["check-sites-by-hand.json", '"UP": 1'],
  "ingest-events": ["ingest-events-plain.json", '"batchItemFailures": []'],
  "scale-node-pools": ["scale-node-pools-by-hand.json", '"pool": "workers"'],
  "drain-nodes": ["drain-nodes-order.json", '"outcome": "refused"'],
  "termination-policy": ["termination-policy-rebalance.json", '"InstanceIDs": []'],
};

test.each(Object.entries(SAMPLES))(
  "against the sandbox, %s does its work and its answer is printed",
  async (name, [event, answer]) => {
    const { code, output } = await invokeLocal(name, event, {
      AWS_ENDPOINT_URL: account.url,
      AWS_ACCESS_KEY_ID: "sandbox",
      AWS_SECRET_ACCESS_KEY: "sandbox",
      REFLEX_CONFIG: scenery.config,
    });
    expect(output).toContain(answer);
    expect(code).toBe(0);
  },
);

test("without an account and without the sandbox, it fails and says that it has no credentials", async () => {
  const { code, output } = await invokeLocal("reshard-streams", "reshard-streams-by-hand.json", {});
  expect(output).toContain("Could not load credentials from any providers");
  expect(output).toContain('"class":"Blocked"');
  expect(code).toBe(1);
});
