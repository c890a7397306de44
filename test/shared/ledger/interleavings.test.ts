import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { RetryLater } from "../../../shared/lambda/errors.ts";
import { createLedger, type Ledger } from "../../../shared/ledger/ledger.ts";
import { intent } from "./intents.ts";
import { type LedgerTable, startLedgerTable } from "./table.ts";

const LEASE = 90_000;
/** Lambda ends a run before its lease runs out. */
const TIME_OUT = 60_000;
const RUNS = 3;

let db: LedgerTable;
let ledger: Ledger;
beforeAll(async () => {
  db = await startLedgerTable();
  ledger = createLedger(db.client, { table: db.table, leaseMs: LEASE, keepMs: 1e9 });
});
afterAll(() => db.stop());

/** One run takes its next step, or dies; or time goes by. Anything may come between two steps of a run. */
type Event =
  | { readonly do: "step" | "die"; readonly run: number }
  | { readonly do: "wait"; readonly ms: number };

const run = fc.nat(RUNS - 1);
const event: fc.Arbitrary<Event> = fc.oneof(
  { weight: 16, arbitrary: fc.record({ do: fc.constant("step"), run }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("die"), run }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("wait"), ms: fc.nat(LEASE) }) },
);

/** What was done to the resource, as the world saw it. */
interface Act {
  readonly version: number;
  readonly id: string;
}

/** A run as the automations do it, one step at a time: look, settle, begin, act, finish. */
async function* steps(resource: string, id: string, now: () => number, acts: Act[]) {
  const startedAt = now();
  let seen = await ledger.history(resource, 0);
  yield;
  if (seen.pending && (seen.leasedUntil ?? 0) <= startedAt) {
    const done = acts.some((act) => act.id === seen.pending?.id);
    ({ history: seen } = await ledger.recover(seen, { result: done ? "applied" : "lost", at: startedAt }));
    yield;
  }
  const lease = await ledger.begin(seen, intent(id, startedAt), `holder of ${id}`);
  yield;
  acts.push({ version: lease.version, id });
  yield;
  await ledger.finish(lease, { result: "applied", at: now() });
}

let examples = 0;

async function play(events: readonly Event[]) {
  examples += 1;
  const resource = `stream/${examples}`;
  const acts: Act[] = [];
  const runs = new Map<number, { readonly endsAt: number; readonly steps: AsyncGenerator }>();
  let now = 1_000_000;
  let ids = 0;
  for (const one of events) {
    if (one.do === "wait") {
      now += one.ms;
      for (const [which, { endsAt }] of runs) if (now > endsAt) runs.delete(which);
    } else if (one.do === "die") {
      runs.delete(one.run);
    } else {
      ids += 1;
      const fresh = () => ({ endsAt: now + TIME_OUT, steps: steps(resource, `i${ids}`, () => now, acts) });
      const current = runs.get(one.run) ?? fresh();
      runs.set(one.run, current);
      try {
        if ((await current.steps.next()).done) runs.delete(one.run);
      } catch (error) {
        expect(error).toBeInstanceOf(RetryLater);
        runs.delete(one.run);
      }
    }
  }
  return { acts, history: await ledger.history(resource, 0) };
}

it("no interleaving lets two runs act on one version, and no act is lost from the trail", async () => {
  let most = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(event, { minLength: 15, maxLength: 35 }), async (events) => {
      const { acts, history } = await play(events);
      most = Math.max(most, acts.length);
      const versions = acts.map(({ version }) => version);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));

      const result = new Map(history.entries.map(({ intent: { id }, outcome }) => [id, outcome.result]));
      for (const { id } of acts)
        expect(history.pending?.id === id ? "applied" : result.get(id)).toBe("applied");
    }),
    { numRuns: 25 },
  );
  // Runs did follow on one another: the examples were not all of runs that stood in each other's way.
  expect(most).toBeGreaterThan(1);
});
