/**
 * The closed loop of scale-node-pools and drain-nodes in thousands of random worlds (test/node-pools/closed-loop):
 * what did not hold, and how many instances were launched beside a packer that knows all pods at once. `SEED` and
 * `RUNS` of the environment choose the worlds.
 */
import { spawnSync } from "node:child_process";

const RUNS = 2_000;

export async function closedLoop(): Promise<void> {
  const seed = process.env.SEED ?? String(Math.floor(performance.timeOrigin) % 2 ** 31);
  const { status } = spawnSync(
    process.execPath,
    ["node_modules/vitest/vitest.mjs", "run", "--project", "unit", "test/node-pools/closed-loop"],
    {
      stdio: "inherit",
      env: { ...process.env, CLOSED_LOOP_RUNS: process.env.RUNS ?? String(RUNS), CLOSED_LOOP_SEED: seed },
    },
  );
  if (status !== 0) process.exitCode = 1;
}
