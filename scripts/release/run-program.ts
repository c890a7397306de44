import { spawn } from "node:child_process";
import { SERVERLESS_CACHES } from "../serverless/program.ts";

/**
 * Runs a script of this project to its end.
 *
 * @param stdout where what it prints goes
 * @returns whether it ended well
 */
export function runProgram(
  program: string,
  args: readonly string[],
  stdout: "stdout" | "stderr",
): Promise<boolean> {
  const child = spawn(process.execPath, [program, ...args], {
    env: { ...SERVERLESS_CACHES, ...process.env },
    stdio: ["inherit", stdout === "stdout" ? 1 : 2, 2],
  });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve(code === 0));
  });
}
