import { expect, it } from "vitest";
import { budgetOf } from "../../../../functions/ingest-events/run/run-time-budget.ts";

const never = new AbortController().signal;

it("ends a second before what is kept back, so that calls in flight can end", () => {
  expect(budgetOf({ remainingMs: () => 60_000, signal: never }, 5_000).left()).toBe(54_000);
});

it("has nothing left when the time is over, and ends the calls in flight", async () => {
  const budget = budgetOf({ remainingMs: () => 4_000, signal: never }, 5_000);
  expect(budget.left()).toBeLessThanOrEqual(0);
  await new Promise((resolve) => budget.signal.addEventListener("abort", resolve));
  expect(budget.signal.aborted).toBe(true);
});

it("has nothing left when the run is ended, and does not go on waiting", async () => {
  const run = new AbortController();
  const budget = budgetOf({ remainingMs: () => 60_000, signal: run.signal }, 5_000);
  const waiting = budget.pause(60_000);
  run.abort();
  await waiting;
  expect(budget.left()).toBe(0);
});
