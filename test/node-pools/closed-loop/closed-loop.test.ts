import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createLedger } from "../../../shared/ledger/ledger.ts";
import { type LedgerTable, startLedgerTable } from "../../shared/ledger/table.ts";
import { FEATURES, type Feature } from "./features.ts";
import { type LoopCase, loopCase } from "./loop-case.ts";
import { type LoopReport, runLoop } from "./run-loop.ts";

/** How long a dead run's lease keeps the others off; the loop's minutes are long against it. */
const LEASE_MS = 90_000;
/** In `npm test` the worlds are the same every time; `npm run bench -- closed-loop` goes through thousands of others. */
const RUNS = Number(process.env.CLOSED_LOOP_RUNS ?? 60);
const SEED = Number(process.env.CLOSED_LOOP_SEED ?? 20_260_301);
/** As many worlds share a table of the ledger: one for all would grow with the runs. */
const WORLDS_A_TABLE = 100;
/** The bench goes on beside other work, at any speed. */
const A_WORLD_MS = process.env.CLOSED_LOOP_RUNS === undefined ? 6_000 : 60_000;
/** A list of features, separated by commas, leaves the others out: to find what a broken world needs. */
const ALL: ReadonlySet<Feature> = new Set(
  FEATURES.filter((feature) =>
    (process.env.CLOSED_LOOP_FEATURES ?? FEATURES.join()).split(",").includes(feature),
  ),
);

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

/** The reports of so many random worlds, with the worlds that were broken. */
async function go(features: ReadonlySet<Feature>, numRuns: number): Promise<LoopReport[]> {
  const turns = fc.array(fc.nat(4), { minLength: 200, maxLength: 200 });
  const worlds = fc.sample(fc.tuple(loopCase(features), turns), { numRuns, seed: SEED });
  const reports: LoopReport[] = [];
  let table = db.table;
  for (const [index, [of, ticks]] of worlds.entries()) {
    if (index > 0 && index % WORLDS_A_TABLE === 0) table = await db.another();
    const ledger = createLedger(db.client, { table, leaseMs: LEASE_MS, keepMs: 1e9 });
    let turn = 0;
    const next = () => {
      turn += 1;
      return ticks[turn % ticks.length] ?? 0;
    };
    const report = await runLoop(of, ledger, db.outbox, next);
    reports.push(report);
    if (report.violations.length > 0) logBroken(index, of, report);
  }
  return reports;
}

/** What it takes to see it again. */
function logBroken(index: number, of: LoopCase, { violations }: LoopReport): void {
  console.log(`world ${index} of seed ${SEED}: ${violations.slice(0, 4).join("; ")}\n${JSON.stringify(of)}`);
}

/** The launches of all worlds, and the geometric mean of what each had beside a clairvoyant packer. */
function logLaunches(reports: readonly LoopReport[]): void {
  const sum = (of: (report: LoopReport) => number) => reports.reduce((total, each) => total + of(each), 0);
  const logs = sum(({ launches, clairvoyant }) => Math.log((launches + 1) / (clairvoyant + 1)));
  const ratio = Math.exp(logs / reports.length).toFixed(3);
  console.log(
    `${reports.length} random worlds: ${sum(({ launches }) => launches)} launches, a clairvoyant packer's ` +
      `${sum(({ clairvoyant }) => clairvoyant)}; geometric mean of the ratios ${ratio}`,
  );
}

describe("both automations in random worlds, dying anywhere, with every event once or twice, late and in any order", () => {
  it(
    "stay within bounds, break no budget, end nothing undrained, leave no pod waiting that a pool could take, and come to rest",
    async () => {
      const reports = await go(ALL, RUNS);
      logLaunches(reports);
      expect(reports.flatMap(({ violations }) => violations)).toEqual([]);
    },
    RUNS * A_WORLD_MS,
  );
});
