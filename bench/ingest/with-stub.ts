import { spawn } from "node:child_process";

/**
 * Hands on the endpoint of a stub of DynamoDB, which runs in a process of its own.
 * @param standing what stands in its table (standing.ts); nothing when absent
 */
export async function withStub<T>(use: (endpoint: string) => Promise<T>, standing?: string): Promise<T> {
  const script = new URL("./stub.ts", import.meta.url).pathname;
  const args = standing === undefined ? [script] : [script, standing];
  const stub = spawn(process.execPath, args, { stdio: ["pipe", "pipe", "inherit"] });
  const address = await new Promise<string>((resolve) => {
    stub.stdout.once("data", (line) => resolve(String(line).trim()));
  });
  try {
    return await use(address);
  } finally {
    stub.stdin.end();
  }
}
