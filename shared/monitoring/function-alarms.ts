import type { AlarmSpec, Rule } from "./alarm.ts";
import { type Metric, ofFunction } from "./metric.ts";
import type { StageInfo } from "./monitoring.ts";

export interface FunctionWatch {
  /** Runs that take longer than this share of the time-out are near it. */
  readonly nearTimeOut?: number;
}

/** What is watched of every function: errors, throttles, runs near the time-out. */
export function functionAlarms(
  name: string,
  { stage, timeoutMs }: StageInfo,
  { nearTimeOut = 0.9 }: FunctionWatch = {},
): AlarmSpec[] {
  const metric = (metricName: string, stat: Metric["stat"]) =>
    ofFunction(`reflex-${stage}-${name}`, metricName, stat);
  return [
    {
      name: `${name}-errors`,
      title: "Function errors",
      description: `Invocations of ${name} keep failing, so its work is not done.`,
      of: metric("Errors", "Sum"),
      // One failed run is made good by the next; the queue of failed events tells of it all the same.
      rule: atLeastOne({ period: 300, datapoints: 2, among: 3 }),
    },
    {
      name: `${name}-throttles`,
      title: "Function throttles",
      description: `Lambda throttles ${name}: its invocations start late or not at all.`,
      of: metric("Throttles", "Sum"),
      rule: atLeastOne({ period: 60, datapoints: 3, among: 5 }),
    },
    {
      name: `${name}-duration`,
      title: "Function near its time-out",
      description: `Invocations of ${name} take nearly all of their ${timeoutMs(name) / 1000} s time-out. They will soon time out.`,
      of: metric("Duration", "Maximum"),
      rule: {
        comparison: "GreaterThanThreshold",
        threshold: Math.round(nearTimeOut * timeoutMs(name)),
        period: 60,
        datapoints: 3,
        among: 5,
        treatMissing: "notBreaching",
      },
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
