import { afterAll, beforeAll, expect, it } from "vitest";
import { seeded } from "../../../bench/seeded.ts";
import { type LedgerTable, startLedgerTable } from "../ledger/table.ts";
import { faultsOf, simulate } from "./crash-simulation.ts";

/** `npm run bench -- outbox` makes many more of them. */
const SIMULATIONS = Number(process.env.REFLEX_OUTBOX_SIMULATIONS ?? 3);
const SEEDS = Array.from({ length: SIMULATIONS }, (_, at) => at + 1);

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

let written = 0;
let sent = 0;
afterAll(() => {
  console.log(
    `${SIMULATIONS} simulations: ${written} notifications written, ${sent} sent (${sent - written} again after a crash)`,
  );
});

it.each(SEEDS)(
  "whatever a run dies after, each notification that was written is sent, under one id, in its incident's order (seed %i)",
  async (seed) => {
    const outcome = await simulate(db, 40, seeded(seed));
    written += new Set(outcome.committed.map(({ id }) => id)).size;
    sent += outcome.delivered.length;
    expect(faultsOf(outcome)).toEqual([]);
    if (seed <= 3) expect(outcome.committed.length).toBeGreaterThan(3);
  },
);
