import { isPattern } from "../../../shared/config/patterns.ts";
import type { CostLine, CostPart } from "../../../shared/cost/cost-line.ts";
import { sweepCost } from "../../../shared/cost/lambda-cost.ts";
import { GB, MINUTES_A_MONTH, PRICES } from "../../../shared/cost/prices.ts";
import type { StageInfo } from "../../../shared/monitoring/monitoring.ts";
import { type StreamPolicies, scanIntervalMinutes } from "../config/streams.ts";
import { usdPerMonth } from "../decide/measure/cost.ts";

/** A sweep takes so long on average: an assumption. */
const SWEEP_SECONDS = 0.3;

/** Bytes of one OpenShardCount line, and of one decision's log line. */
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
  const logged = (MINUTES_A_MONTH * METRIC_LINE * streams.length + looks * DECISION_LINE) / GB;
  return [
    { what: "Lambda: a sweep a minute", usd: sweepCost(info, "reshard-streams", SWEEP_SECONDS) },
    {
      what: "CloudWatch: one DescribeAlarms a sweep",
      usd: named > 0 ? MINUTES_A_MONTH * PRICES.cloudwatchApiRequest : 0,
    },
    {
      what: "CloudWatch: metrics read at the full looks",
      usd: metricsRead * PRICES.cloudwatchMetricRequested,
    },
    { what: "CloudWatch: alarms, four metrics each", usd: named * 4 * PRICES.cloudwatchAlarmMetric },
    { what: "CloudWatch: OpenShardCount, one a stream", usd: streams.length * PRICES.cloudwatchCustomMetric },
    { what: "CloudWatch: logs", usd: logged * PRICES.cloudwatchLogGb },
    { what: "DynamoDB: the ledger", usd: looks * PRICES.dynamodbRead },
    { what: "X-Ray: a trace a sweep, all of them sampled", usd: MINUTES_A_MONTH * PRICES.xrayTrace },
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
