/**
 * The simulation of a stream's whole life (test/functions/ingest-events/simulation.test.ts), ten thousand times for each
 * mode instead of a few hundred times.
 */
import { spawnSync } from "node:child_process";

const RUNS = "10000";

export async function ingestSimulation(): Promise<void> {
  const vitest = ["vitest", "run", "--project", "unit", "test/functions/ingest-events/simulation.test.ts"];
  const { status } = spawnSync("npx", vitest, {
    stdio: "inherit",
    env: { ...process.env, REFLEX_SIMULATION_RUNS: RUNS },
  });
  if (status !== 0) throw new Error("a life of a stream lost something");
}
