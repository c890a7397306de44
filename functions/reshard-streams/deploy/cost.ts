import { isPattern } from "../../../shared/config/patterns.ts";
import { type CostLine, type CostPart, costLine } from "../../../shared/cost/cost-line.ts";
import { sweepUnits } from "../../../shared/cost/lambda-cost.ts";
import { GB, MINUTES_A_MONTH } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { type StreamPolicies, scanIntervalMinutes } from "../config/streams.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";

/** A sweep takes so long on average: an assumption. */
const SWEEP_SECONDS = 0.3;

/** Bytes of what a sweep logs, Lambda's own lines included; of one OpenShardCount line; and of one decision's log line. */
const RUN_LINES = 800;
const METRIC_LINE = 300;
const DECISION_LINE = 1500;

/**
 * What watching quiet streams costs a month. A pattern counts as one stream.
 */
export function streamsCost(policies: StreamPolicies, info: StageInfo): CostLine[] {
  const streams = Object.entries(policies);
  const looksAt = (entry: (typeof streams)[number]) => MINUTES_A_MONTH / scanIntervalMinutes(...entry);
  const looks = streams.reduce((sum, entry) => sum + looksAt(entry), 0);
  const metricsRead = streams.reduce((sum, entry) => sum + looksAt(entry) * (entry[1].reads ? 8 : 6), 0);
  const named = streams.filter(([name]) => !isPattern(name)).length;
  const logged = (MINUTES_A_MONTH * (RUN_LINES + METRIC_LINE * streams.length) + looks * DECISION_LINE) / GB;
  return [
    costLine("Lambda: a sweep a minute", sweepUnits(info, "reshard-streams", SWEEP_SECONDS)),
    costLine("CloudWatch: one DescribeAlarms a sweep", {
      cloudwatchApiRequest: named > 0 ? MINUTES_A_MONTH : 0,
    }),
    costLine("CloudWatch: metrics read at the full looks", { cloudwatchMetricRequested: metricsRead }),
    costLine("CloudWatch: alarms, four metrics each", { cloudwatchAlarmMetric: named * 4 }),
    costLine("CloudWatch: OpenShardCount, one a stream", { cloudwatchCustomMetric: streams.length }),
    costLine("CloudWatch: logs", { cloudwatchLogGb: logged }),
    // A sweep reads what people have paused; a look reads the stream's history, and writes when the next one is due.
    costLine("DynamoDB: the ledger", { dynamodbRead: MINUTES_A_MONTH + looks, dynamodbWrite: looks }),
    costLine("X-Ray: a trace a sweep, all of them sampled", { xrayTrace: MINUTES_A_MONTH }),
  ];
}

/** The first shards of the streams that the config creates. */
export function createdStreamsCost(policies: StreamPolicies): CostPart[] {
  const shards = Object.values(policies).reduce((sum, { create }) => sum + (create?.shards ?? 0), 0);
  if (shards === 0) return [];
  return [
    {
      name: "streams that the config creates",
      lines: [{ what: "Kinesis: their first shards", usd: usdPerMonth(shards) }],
    },
  ];
}
