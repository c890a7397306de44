import { awsTime } from "../time.ts";
import type { AlarmConfiguration, StateValue } from "./alarm.ts";
import { alarmPeriodMs, queriesOf } from "./alarm.ts";
import type { AlarmEvaluation } from "./evaluate-alarm.ts";

const RELATION: Readonly<Record<AlarmConfiguration["ComparisonOperator"], string>> = {
  GreaterThanOrEqualToThreshold: "greater than or equal to",
  GreaterThanThreshold: "greater than",
  LessThanThreshold: "less than",
  LessThanOrEqualToThreshold: "less than or equal to",
};

const TREATED = {
  breaching: "Breaching",
  notBreaching: "NonBreaching",
  missing: "Missing",
  ignore: "Ignored",
} as const;

/** CloudWatch's StateReason is no longer. */
const LONGEST_REASON = 1023;

/** StateReason in CloudWatch's own words. */
export function reasonFor(
  alarm: AlarmConfiguration,
  evaluation: AlarmEvaluation,
  before: StateValue,
  after: StateValue,
): string {
  if (after === "INSUFFICIENT_DATA") {
    const many = evaluation.filled === 1 ? "1 datapoint was" : `${evaluation.filled} datapoints were`;
    return `Insufficient Data: ${many} unknown.`;
  }
  if (evaluation.evaluated.length === 0) {
    const periods = `${evaluation.filled} ${evaluation.filled === 1 ? "period" : "periods"}`;
    const points = `${evaluation.filled} missing ${evaluation.filled === 1 ? "datapoint was" : "datapoints were"}`;
    const treated = TREATED[alarm.TreatMissingData];
    return `Threshold Crossed: no datapoints were received for ${periods} and ${points} treated as [${treated}].`;
  }
  return thresholdCrossed(alarm, evaluation, before, after).slice(0, LONGEST_REASON);
}

function thresholdCrossed(
  alarm: AlarmConfiguration,
  { evaluated, breaching }: AlarmEvaluation,
  before: StateValue,
  after: StateValue,
): string {
  const total = alarm.EvaluationPeriods;
  const toAlarm = alarm.DatapointsToAlarm ?? total;
  const counted = after === "ALARM" ? breaching : evaluated.length - breaching;
  const points = evaluated.map(({ at, value }) => `${decimal(value)} (${shortTime(at)})`).join(", ");
  const relation = `${after === "ALARM" ? "" : "not "}${RELATION[alarm.ComparisonOperator]}`;
  const least = after === "ALARM" ? toAlarm : total - toAlarm + 1;
  return (
    `Threshold Crossed: ${counted} out of the last ${total} datapoints [${points}] ` +
    `${counted === 1 ? "was" : "were"} ${relation} the threshold (${decimal(alarm.Threshold)}) ` +
    `(minimum ${least} ${least === 1 ? "datapoint" : "datapoints"} for ${before} -> ${after} transition).`
  );
}

/** StateReasonData: the same as JSON for programs. */
export function reasonDataFor(alarm: AlarmConfiguration, evaluation: AlarmEvaluation, now: number): string {
  const [oldest] = evaluation.evaluated.slice(-1);
  const single = alarm.Metrics ? undefined : queriesOf(alarm)[0]?.MetricStat;
  return JSON.stringify({
    version: "1.0",
    queryDate: awsTime(now),
    ...(oldest && { startDate: awsTime(oldest.at) }),
    ...(single && { statistic: single.Stat }),
    ...(single?.Unit && { unit: single.Unit }),
    period: alarmPeriodMs(alarm) / 1000,
    recentDatapoints: evaluation.evaluated.map(({ value }) => value).reverse(),
    threshold: alarm.Threshold,
    evaluatedDatapoints: evaluation.evaluated.map(({ at, value }) => ({ timestamp: awsTime(at), value })),
  });
}

/** AWS writes whole numbers with a decimal: `15.0`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? value.toFixed(1) : String(value);
}

/** `21/11/26 10:43:00` */
function shortTime(at: number): string {
  const [date = "", time = ""] = new Date(at).toISOString().split("T");
  const [year = "", month = "", day = ""] = date.split("-");
  return `${day}/${month}/${year.slice(2)} ${time.slice(0, 8)}`;
}
