import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Account } from "../../../sandbox/account.ts";
import { COMPILED } from "../../../scripts/serverless/program.ts";

const REFLEX = join(import.meta.dirname, "..", "..", "..", "scripts", "reflex.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Where a command is run, and by whom. */
export interface Caller extends Pick<Account, "url"> {
  readonly accessKeyId?: string;
  /** The file of the config; that of the project where it is absent. */
  readonly config?: string;
}

/** Runs a command of Reflex as a person does, with credentials for this account; those that may do everything where none are given. */
export function reflex(
  { url, accessKeyId = "test", config }: Caller,
  ...args: readonly string[]
): Promise<Ended> {
  const child = spawn(process.execPath, [REFLEX, ...args], {
    env: {
      PATH: process.env.PATH,
      NODE_COMPILE_CACHE: COMPILED,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
      ...(config !== undefined && { REFLEX_CONFIG: config }),
      AWS_SECRET_ACCESS_KEY: "test",
    },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}
