import { type CostLine, costLine } from "../../../shared/cost/cost-line.ts";
import { sweepUnits } from "../../../shared/cost/lambda-cost.ts";
import { GB, MINUTES_A_MONTH } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";

/** Assumptions: an observation of a cluster of some hundred pods, and of none. */
const LOOK_SECONDS = 0.8;
const NO_LOOK_SECONDS = 0.1;

/** Of a pool whose pods are seen, at rest: Nodes, Utilisation. */
const METRICS = 2;
/** Of one that Container Insights measures: Nodes. */
const METRICS_MEASURED = 1;
/** Metrics of its own that it publishes at rest: `Decisions` of one verdict. */
const OWN_METRICS = 1;

/** Read of a pool at every look: its ledger and its memory. */
const READS = 2;
/** At every run, of all pools: what people have paused. */
const RUN_READS = 1;
/** A pool's memory is written anew once in so many minutes. */
const MEMORY_MINUTES = 10;
/** Container Insights' two metrics: read at every look, and watched by the pool's alarm. */
const INSIGHTS = 2;

/** Bytes of what a run logs, Lambda's own lines included; and of a pool's lines at a look: the decision and the metrics. */
const RUN_LINES = 1700;
const POOL_LINES = 3000;

/** What managing node pools at rest costs a month; the function runs whether there are pools or not. */
export function nodePoolsCost(pools: NodePools, info: StageInfo): CostLine[] {
  const all = Object.values(pools);
  const measured = all.filter(({ containerInsights }) => containerInsights !== undefined).length;
  const seen = all.length - measured;
  const lookSeconds = all.length > 0 ? LOOK_SECONDS : NO_LOOK_SECONDS;
  const metrics = (all.length > 0 ? OWN_METRICS : 0) + seen * METRICS + measured * METRICS_MEASURED;
  const logged = (MINUTES_A_MONTH * (RUN_LINES + POOL_LINES * all.length)) / GB;
  return [
    costLine("Lambda: a run a minute", sweepUnits(info, "scale-node-pools", lookSeconds)),
    costLine("CloudWatch: metrics, two a pool", { cloudwatchCustomMetric: metrics }),
    costLine("CloudWatch: Container Insights read, and its alarm, where a pool names it", {
      cloudwatchMetricRequested: measured * INSIGHTS * MINUTES_A_MONTH,
      cloudwatchAlarmMetric: measured * INSIGHTS,
    }),
    costLine("CloudWatch: logs", { cloudwatchLogGb: logged }),
    costLine("DynamoDB: the ledger", {
      dynamodbRead: MINUTES_A_MONTH * (RUN_READS + READS * all.length),
      dynamodbWrite: (MINUTES_A_MONTH / MEMORY_MINUTES) * all.length,
    }),
    costLine("X-Ray: a trace a run, all of them sampled", { xrayTrace: MINUTES_A_MONTH }),
  ];
}
