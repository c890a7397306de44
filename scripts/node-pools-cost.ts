import type { NodePools } from "../shared/node-pools/policy.ts";
import type { CostLine } from "./cost-line.ts";
import { GB, MINUTES_A_MONTH, PRICES } from "./prices.ts";
import { sweepCost } from "./sweep-cost.ts";

/** Assumptions: a look at a cluster of some hundred pods, at none, and a sweep that finds no node to empty. */
const LOOK_SECONDS = 0.8;
const NO_LOOK_SECONDS = 0.1;
const DRAIN_SWEEP_SECONDS = 0.3;

/** Of a pool whose pods are seen: Nodes, NodesNeeded, PendingPods, UnplacedPods, NodesNotReady, Utilisation. */
const METRICS = 6;
/** Of one that Container Insights measures: the first two. */
const METRICS_MEASURED = 2;
/** Counts by decision, action and class, the latency. */
const OWN_METRICS = 5;

/** Read of a pool at every look: its ledger and its memory. */
const READS = 2;
/** Container Insights' two metrics: read at every look, and watched by the pool's alarm. */
const INSIGHTS = 2;

/** Bytes of a pool's lines at a look: the decision and the metrics. */
const POOL_LINES = 2500;

/** What looking after node pools at rest costs a month; both functions run whether there are pools or not. */
export function nodePoolsCost(pools: NodePools): CostLine[] {
  const all = Object.values(pools);
  const measured = all.filter(({ containerInsights }) => containerInsights !== undefined).length;
  const seen = all.length - measured;
  const lookSeconds = all.length > 0 ? LOOK_SECONDS : NO_LOOK_SECONDS;
  const metrics = (all.length > 0 ? OWN_METRICS : 0) + seen * METRICS + measured * METRICS_MEASURED;
  const logged = (MINUTES_A_MONTH * POOL_LINES * all.length) / GB;
  return [
    { what: "Lambda: scale-node-pools, a sweep a minute", usd: sweepCost("scale-node-pools", lookSeconds) },
    { what: "Lambda: drain-nodes, a sweep a minute", usd: sweepCost("drain-nodes", DRAIN_SWEEP_SECONDS) },
    { what: "CloudWatch: metrics, six a pool", usd: metrics * PRICES.cloudwatchCustomMetric },
    {
      what: "CloudWatch: Container Insights read, and its alarm, where a pool names it",
      usd:
        measured *
        INSIGHTS *
        (MINUTES_A_MONTH * PRICES.cloudwatchMetricRequested + PRICES.cloudwatchAlarmMetric),
    },
    { what: "CloudWatch: logs", usd: logged * PRICES.cloudwatchLogGb },
    { what: "DynamoDB: the ledger", usd: MINUTES_A_MONTH * READS * all.length * PRICES.dynamodbRead },
    {
      what: "X-Ray: a trace a sweep of both, all of them sampled",
      usd: 2 * MINUTES_A_MONTH * PRICES.xrayTrace,
    },
  ];
}
