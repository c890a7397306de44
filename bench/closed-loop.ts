/**
 * The closed loop of scale-node-pools and drain-nodes in thousands of random worlds (test/node-pools/closed-loop):
 * what did not hold, and how many instances were launched beside a packer that knows all pods at once.
 */
import fc from "fast-check";
import { createLedger } from "../shared/ledger/ledger.ts";
import { FEATURES, STILL_RED } from "../test/node-pools/closed-loop/features.ts";
import { loopCase } from "../test/node-pools/closed-loop/loop-case.ts";
import { type LoopReport, runLoop } from "../test/node-pools/closed-loop/run-loop.ts";
import { startLedgerTable } from "../test/shared/ledger/table.ts";
import { printTable } from "./table.ts";

const RUNS = 2_000;
/** The ledger's table is made anew after so many worlds: it would grow for ever. */
const WORLDS_A_TABLE = 100;
const LEASE_MS = 90_000;

export async function closedLoop(): Promise<void> {
  const seed = Number(process.env.SEED ?? Math.floor(performance.timeOrigin) % 2 ** 31);
  const runs = Number(process.env.RUNS ?? RUNS);
  const cases = fc.sample(
    fc.tuple(loopCase(FEATURES), fc.array(fc.nat(4), { minLength: 200, maxLength: 200 })),
    {
      numRuns: runs,
      seed,
    },
  );
  const reports: LoopReport[] = [];
  for (let at = 0; at < cases.length; at += WORLDS_A_TABLE) {
    const db = await startLedgerTable();
    const ledger = createLedger(db.client, { table: db.table, leaseMs: LEASE_MS, keepMs: 1e9 });
    for (const [index, [of, turns]] of cases.slice(at, at + WORLDS_A_TABLE).entries()) {
      let turn = 0;
      const report = await runLoop(of, ledger, () => turns[turn++ % turns.length] ?? 0);
      reports.push(report);
      if (report.violations.length > 0)
        console.log(`world ${at + index} of seed ${seed}: ${report.violations.slice(0, 3).join("; ")}`);
    }
    await db.stop();
  }
  const broken = reports.filter(({ violations }) => violations.length > 0).length;
  const sum = (of: (report: LoopReport) => number) => reports.reduce((total, each) => total + of(each), 0);
  const ratio = Math.exp(
    sum(({ launches, clairvoyant }) => Math.log((launches + 1) / (clairvoyant + 1))) / reports.length,
  );
  printTable(
    "Both node pool automations in random worlds",
    ["random worlds", "broken", "launches", "a clairvoyant packer's", "ratio (geometric mean)", "left out"],
    [
      [
        String(reports.length),
        String(broken),
        String(sum(({ launches }) => launches)),
        String(sum(({ clairvoyant }) => clairvoyant)),
        ratio.toFixed(3),
        Object.keys(STILL_RED).join(", ") || "nothing",
      ],
    ],
  );
  if (broken > 0) process.exitCode = 1;
}
