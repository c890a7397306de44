/**
 * The outbox under runs that die (test/shared/notify/crash-simulation.test.ts), in 10,000 runs instead of 120: each
 * simulation has 40 of them, which die before or after any of their calls. And deliver-notifications in as many simulations
 * (test/functions/deliver-notifications/crash-simulation.test.ts), in more than 10,000 runs of its own.
 */
import { spawnSync } from "node:child_process";

const SIMULATIONS = "250";

export async function outboxUnderCrashes(): Promise<void> {
  const { status } = spawnSync(
    process.execPath,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      "--project",
      "unit",
      "test/shared/notify/crash-simulation.test.ts",
      "test/functions/deliver-notifications/crash-simulation.test.ts",
    ],
    { stdio: "inherit", env: { ...process.env, REFLEX_OUTBOX_SIMULATIONS: SIMULATIONS } },
  );
  if (status !== 0) process.exitCode = 1;
}
