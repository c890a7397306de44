import type { CostLine } from "../../../shared/cost/cost-line.ts";
import { sweepCost } from "../../../shared/cost/lambda-cost.ts";
import { MINUTES_A_MONTH, PRICES } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";

/** A run that finds no node to drain takes so long: an assumption. */
const SWEEP_SECONDS = 0.3;

/** What it costs a month to look for drains to resume, whether there are pools or not. */
export const drainsCost = (info: StageInfo): CostLine[] => [
  { what: "Lambda: a run a minute", usd: sweepCost(info, "drain-nodes", SWEEP_SECONDS) },
  { what: "X-Ray: a trace a run, all of them sampled", usd: MINUTES_A_MONTH * PRICES.xrayTrace },
];
