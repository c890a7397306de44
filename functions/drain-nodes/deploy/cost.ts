import { type CostLine, costLine } from "../../../shared/cost/cost-line.ts";
import { sweepUnits } from "../../../shared/cost/lambda-cost.ts";
import { GB, MINUTES_A_MONTH } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";

/** A run that finds no node to drain takes so long: an assumption. */
const SWEEP_SECONDS = 0.3;

/** Read at every run: the drains that are open, the incidents of the cluster, and what waits to be sent. */
const READS = 3;
/** Bytes of what a run logs, Lambda's own lines included. */
const RUN_LINES = 800;

/** What it costs a month to look for drains to resume, whether there are pools or not. */
export const drainsCost = (info: StageInfo): CostLine[] => [
  costLine("Lambda: a run a minute", sweepUnits(info, "drain-nodes", SWEEP_SECONDS)),
  costLine("CloudWatch: logs", { cloudwatchLogGb: (MINUTES_A_MONTH * RUN_LINES) / GB }),
  costLine("DynamoDB: the ledger", { dynamodbRead: MINUTES_A_MONTH * READS }),
  costLine("X-Ray: a trace a run, all of them sampled", { xrayTrace: MINUTES_A_MONTH }),
];
