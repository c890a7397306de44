import { setTimeout as sleep } from "node:timers/promises";
import type { Run } from "../../../shared/lambda/run.ts";
import type { Budget } from "../write/time-budget.ts";

/** Calls that are in flight when nothing more may be started get this long to end. */
const GRACE_MS = 1_000;

/** The time of `run` up to `keepMs` before Lambda's time-out. */
export function budgetOf(run: Pick<Run, "remainingMs" | "signal">, keepMs: number): Budget {
  const signal = AbortSignal.any([
    run.signal,
    AbortSignal.timeout(Math.max(0, Math.floor(run.remainingMs() - keepMs))),
  ]);
  return {
    left: () => (signal.aborted ? 0 : run.remainingMs() - keepMs - GRACE_MS),
    signal,
    pause: async (ms) => {
      await sleep(ms, undefined, { signal }).catch(() => {});
    },
    random: Math.random,
  };
}
