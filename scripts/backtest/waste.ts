import type { Case } from "./alternatives.ts";
import { shardsAt80 } from "./bounds.ts";
import { MINUTE_MS } from "./history/history.ts";
import { shardsPerMonth } from "./prices.ts";
import type { SimulationResult } from "./simulate.ts";

/** What one verdict cost: the shards beyond those that each minute needed, while it was the last decision. */
export interface VerdictCost {
  readonly verdict: string;
  readonly usdPerMonth: number;
  /** Its share of all that was open beyond need, 0 to 1. */
  readonly share: number;
  readonly minutes: number;
}

/** The dearest first. */
export function verdictCosts(one: Case, result: SimulationResult): VerdictCost[] {
  const byVerdict = new Map<string, { shardMinutes: number; minutes: number }>();
  let next = 0;
  let verdict = "before the first decision";
  for (const [index, open] of result.open.entries()) {
    const at = one.history.from + index * MINUTE_MS;
    for (
      let decision = result.decisions[next];
      decision && decision.at <= at;
      decision = result.decisions[next]
    ) {
      verdict = decision.verdict;
      next += 1;
    }
    const cost = byVerdict.get(verdict) ?? { shardMinutes: 0, minutes: 0 };
    cost.minutes += 1;
    cost.shardMinutes += Math.max(0, open - shardsAt80(one.demand[index] ?? 0));
    byVerdict.set(verdict, cost);
  }
  const total = [...byVerdict.values()].reduce((sum, { shardMinutes }) => sum + shardMinutes, 0);
  return [...byVerdict]
    .map(([verdict, { shardMinutes, minutes }]) => ({
      ...{ verdict, minutes, share: total === 0 ? 0 : shardMinutes / total },
      usdPerMonth: shardsPerMonth(shardMinutes / 60, one.offered.length),
    }))
    .toSorted((a, b) => b.usdPerMonth - a.usdPerMonth);
}
