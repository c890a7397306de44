/**
 * The outbox under runs that die: simulations of 40 runs each that die before or after any of their calls, two at once
 * now and then, until 10,000 runs are made. Nothing that was written may be lost, nor sent out of its incident's order.
 */

import { startLedgerTable } from "../../test/shared/ledger/table.ts";
import { faultsOf, simulate } from "../../test/shared/notify/crash-simulation.ts";
import { seeded } from "../../test/shared/notify/seeded.ts";

const RUNS = 10_000;
const RUNS_EACH = 40;

export async function outboxUnderCrashes(): Promise<void> {
  const db = await startLedgerTable();
  let runs = 0;
  let written = 0;
  let sent = 0;
  const faults: string[] = [];
  for (let seed = 1; runs < RUNS; seed += 1) {
    const outcome = await simulate(db, RUNS_EACH, seeded(seed));
    runs += outcome.runs;
    written += new Set(outcome.committed.map(({ id }) => id)).size;
    sent += outcome.delivered.length;
    faults.push(...faultsOf(outcome).map((fault) => `seed ${seed}: ${fault}`));
  }
  await db.stop();
  console.log(
    `outbox: ${runs} runs, ${written} notifications written, ${sent} sent (${sent - written} again after a crash)`,
  );
  console.log(`  lost, invented or out of order: ${faults.length}`);
  for (const fault of faults.slice(0, 20)) console.log(`  ${fault}`);
  if (faults.length > 0) process.exitCode = 1;
}
