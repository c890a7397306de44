import { spawn } from "node:child_process";
import { join } from "node:path";
import type { Account } from "../../../sandbox/account.ts";

const REFLEX = join(import.meta.dirname, "..", "..", "..", "scripts", "reflex.ts");

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command of Reflex as a person does, with credentials for this account; those that may do everything where none are given. */
export function reflex(
  { url, accessKeyId = "test" }: Pick<Account, "url"> & { readonly accessKeyId?: string },
  ...args: readonly string[]
): Promise<Ended> {
  const child = spawn(process.execPath, [REFLEX, ...args], {
    env: {
      PATH: process.env.PATH,
      AWS_ENDPOINT_URL: url,
      AWS_REGION: "us-east-1",
      AWS_ACCESS_KEY_ID: accessKeyId,
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
