import { afterAll, beforeAll, expect, it } from "vitest";
import { type LedgerTable, startLedgerTable } from "../ledger/table.ts";
import { faultsOf, simulate } from "./crash-simulation.ts";
import { seeded } from "./seeded.ts";

let db: LedgerTable;
beforeAll(async () => {
  db = await startLedgerTable();
});
afterAll(() => db.stop());

it.each([1, 2, 3])(
  "whatever a run dies after, each notification that was written is sent, under one id, in its incident's order (seed %i)",
  async (seed) => {
    const outcome = await simulate(db, 40, seeded(seed));
    expect(faultsOf(outcome)).toEqual([]);
    expect(outcome.committed.length).toBeGreaterThan(3);
  },
);
