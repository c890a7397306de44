/**
 * The simulation of a stream's whole life (test/functions/ingest-events/simulation.test.ts), ten thousand times for each
 * of its properties instead of a hundred times. Each batch of lives is a process of its own with a seed that is printed;
 * with it, REFLEX_SIMULATION_SEED and REFLEX_SIMULATION_RUNS live them again.
 */
import { spawnSync } from "node:child_process";
import { randomInt } from "node:crypto";
import { stripVTControlCharacters } from "node:util";

const VITEST = ["vitest", "run", "--project", "unit", "test/functions/ingest-events/simulation.test.ts"];
const LIVES = 10_000;
const LIVES_A_BATCH = 500;

/** The properties take turns, so that a run which is cut off has tried each of them. */
export async function ingestSimulation(): Promise<void> {
  for (let lived = 0; lived < LIVES; lived += LIVES_A_BATCH) liveBatch(randomInt(2 ** 31));
  console.log(`${LIVES} lives of each property: nothing was lost`);
}

function liveBatch(seed: number): void {
  const startedAt = performance.now();
  const { status, stdout } = spawnSync("npx", VITEST, {
    encoding: "utf8",
    env: {
      ...process.env,
      REFLEX_SIMULATION_RUNS: String(LIVES_A_BATCH),
      REFLEX_SIMULATION_SEED: String(seed),
    },
  });
  const seconds = Math.round((performance.now() - startedAt) / 1000);
  const properties = /Tests .*?([0-9]+) passed/.exec(stripVTControlCharacters(stdout))?.[1] ?? "0";
  const found =
    status === 0 ? `nothing was lost in ${properties} properties` : `something was lost\n${stdout}`;
  console.log(`${LIVES_A_BATCH} lives a property from seed ${seed}, ${seconds} s: ${found}`);
  if (status !== 0) throw new Error("a life of a stream lost something");
}
