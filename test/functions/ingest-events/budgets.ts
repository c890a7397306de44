import type { Budget } from "../../../functions/ingest-events/write/time-budget.ts";

/** A budget in made-up time: only pauses take any. */
export function budgetOfMs(ms: number): Budget & { readonly pauses: number[] } {
  let left = ms;
  const pauses: number[] = [];
  return {
    left: () => left,
    signal: new AbortController().signal,
    pause: async (pause) => {
      pauses.push(pause);
      left -= pause;
    },
    random: () => 1,
    pauses,
  };
}
