import type { AlarmSpec, Rule } from "./alarm.ts";
import { type Metric, ofFunction } from "./metric.ts";
import type { StageInfo } from "./monitoring.ts";

/**
 * What is watched of every function: that it fails. A run that comes near its time-out is ended early and fails too, and a
 * function that Lambda throttles goes silent or falls behind, which have alarms of their own.
 */
export function functionAlarms(name: string, { stage, timeoutMs }: StageInfo): AlarmSpec[] {
  return [
    {
      name: `${name}-errors`,
      title: "Function errors",
      description: `Invocations of ${name} keep failing, or need more than their ${timeoutMs(name) / 1000} s, so its work is not done.`,
      of: ofFunction(`reflex-${stage}-${name}`, "Errors", "Sum"),
      // One failed run is made good by the next; the queue of failed events tells of it all the same.
      rule: atLeastOne({ period: 300, datapoints: 2, among: 3 }),
    },
  ];
}

/**
 * @param sign a metric with a datapoint for each run
 * @param part which of its runs, where its schedule wakes it for each part of its work: `2-of-3`
 */
export function noInvocationsAlarm(name: string, sign: Metric, part?: string): AlarmSpec {
  return {
    name: part === undefined ? `${name}-silent` : `${name}-silent-${part}`,
    title: "Sweep silent",
    description: `${part === undefined ? name : `${name}, part ${part},`} has not run for five minutes. It should run every minute.`,
    of: sign,
    rule: {
      comparison: "LessThanThreshold",
      threshold: 1,
      period: 60,
      datapoints: 3,
      among: 3,
      treatMissing: "missing",
    },
  };
}

/** A sign of life of a function that its schedule wakes. */
export const runsOf = (name: string, { stage }: StageInfo): Metric =>
  ofFunction(`reflex-${stage}-${name}`, "Invocations", "Sum");

/** For counts that are only there when there is something to count. */
export function atLeastOne(when: Pick<Rule, "period" | "datapoints" | "among">): Rule {
  return { ...when, comparison: "GreaterThanOrEqualToThreshold", threshold: 1, treatMissing: "notBreaching" };
}
