import type { AlarmConfiguration, StateValue } from "./alarm.ts";

/**
 * How CloudWatch comes to an alarm's state. The tables this follows, with missing data, are in
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */

/** One period of the evaluation range: its start in ms, and its value where there is one. */
export interface Datapoint {
  readonly at: number;
  readonly value: number | undefined;
}

export interface AlarmEvaluation {
  /** Undefined: the alarm stays as it is. */
  readonly state: StateValue | undefined;
  /** The real datapoints that were evaluated, newest first. */
  readonly evaluated: readonly { readonly at: number; readonly value: number }[];
  readonly breaching: number;
  /** Missing datapoints that were filled in by TreatMissingData. */
  readonly filled: number;
}

type Rule = Pick<
  AlarmConfiguration,
  "EvaluationPeriods" | "DatapointsToAlarm" | "Threshold" | "ComparisonOperator" | "TreatMissingData"
>;

/**
 * Periods an alarm looks back beyond its EvaluationPeriods for datapoints in the place of missing ones.
 * AWS names no rule; its example takes 5 for an alarm of 3.
 */
const EXTRA_PERIODS = 2;

export function evaluationRange(rule: Pick<Rule, "EvaluationPeriods">): number {
  return rule.EvaluationPeriods + EXTRA_PERIODS;
}

const COMPARE: Readonly<Record<Rule["ComparisonOperator"], (value: number, threshold: number) => boolean>> = {
  GreaterThanOrEqualToThreshold: (value, threshold) => value >= threshold,
  GreaterThanThreshold: (value, threshold) => value > threshold,
  LessThanThreshold: (value, threshold) => value < threshold,
  LessThanOrEqualToThreshold: (value, threshold) => value <= threshold,
};

/** @param range the evaluation range, oldest first */
export function evaluateAlarm(rule: Rule, range: readonly Datapoint[]): AlarmEvaluation {
  const needed = rule.EvaluationPeriods;
  const toAlarm = rule.DatapointsToAlarm ?? needed;
  const newestFirst = range
    .map(({ at, value }, i) => ({ at, value, age: range.length - i }))
    .filter((point): point is typeof point & { value: number } => point.value !== undefined)
    .reverse();
  const evaluated = newestFirst.slice(0, needed);
  const breaches = evaluated.filter(({ value }) => COMPARE[rule.ComparisonOperator](value, rule.Threshold));
  const missing = needed - evaluated.length;
  const evaluation = { evaluated, breaching: breaches.length, filled: missing };

  if (breaches.length >= toAlarm) return { ...evaluation, state: "ALARM" };
  if (missing === 0) return { ...evaluation, state: "OK" };
  if (rule.TreatMissingData === "breaching") {
    return { ...evaluation, state: breaches.length + missing >= toAlarm ? "ALARM" : "OK" };
  }
  if (rule.TreatMissingData === "notBreaching") return { ...evaluation, state: "OK" };
  if (breaches.length < evaluated.length) return { ...evaluation, state: "OK" };
  if (rule.TreatMissingData === "ignore") return { ...evaluation, state: undefined };
  if (evaluated.length === 0) return { ...evaluation, state: "INSUFFICIENT_DATA" };
  // All there is breaches, but there is too little of it: an alarm only once it has stood for long enough.
  const oldest = evaluated.at(-1)?.age ?? 0;
  return { ...evaluation, state: oldest >= toAlarm ? "ALARM" : undefined };
}
