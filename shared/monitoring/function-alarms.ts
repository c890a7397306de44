import type { AlarmSpec, Rule } from "./alarm.ts";
import { type Metric, ofFunction } from "./metric.ts";
import type { StageInfo } from "./monitoring.ts";
import { OBJECTIVE_PREFIX } from "./objective.ts";

/**
 * A function that no schedule wakes keeps failing. A run that comes near its time-out is ended early and fails too; one that
 * Lambda throttles falls behind, which has an alarm of its own.
 */
export function functionErrorsAlarm(name: string, { stage, timeoutMs }: StageInfo): AlarmSpec {
  return {
    name: `${name}-errors`,
    title: "Function errors",
    description: `Invocations of ${name} keep failing, or need more than their ${timeoutMs(name) / 1000} s, so its work is not done.`,
    severity: "ticket",
    of: ofFunction(`reflex-${stage}-${name}`, "Errors", "Sum"),
    // One failed run is made good by the next; the queue of failed events shows it all the same.
    rule: atLeastOne({ period: 300, datapoints: 2, among: 3 }),
  };
}

/** The beginning of the names of the alarms on sweeps: one that does not run is an objective that is not held. */
export const SWEEP_PREFIX = `${OBJECTIVE_PREFIX}runs-`;

/** Three minutes in a row without a run that came to its end. One that crashes and the next that does not are none. */
const MISSED_RUNS = { period: 60, datapoints: 3, among: 3 } as const;

/**
 * A function that its schedule wakes every minute fails in every run, or does not run at all. Lambda's `Errors` has a value
 * for each run, 0 or 1: its minimum is 1 while all of them fail, and it is not there while none begins.
 */
export function sweepAlarm(name: string, { stage }: StageInfo): AlarmSpec {
  return {
    name: `${SWEEP_PREFIX}${name}`,
    title: "Sweep not running",
    description: `${name} has not come to the end of a run for five minutes: every run fails, or none begins. It should run every minute.`,
    severity: "page",
    of: ofFunction(`reflex-${stage}-${name}`, "Errors", "Minimum"),
    rule: {
      comparison: "GreaterThanOrEqualToThreshold",
      threshold: 1,
      ...MISSED_RUNS,
      treatMissing: "missing",
    },
  };
}

/**
 * One part of a sweep's work does not run, which the others would hide.
 *
 * @param sign a metric with a datapoint for each run of the part
 * @param part `2-of-3`
 */
export function partOfSweepAlarm(name: string, sign: Metric, part: string): AlarmSpec {
  return {
    name: `${SWEEP_PREFIX}${name}-${part}`,
    title: "Sweep not running",
    description: `${name}, part ${part}, has not come to the end of a run for five minutes. It should run every minute.`,
    severity: "page",
    of: sign,
    rule: { comparison: "LessThanThreshold", threshold: 1, ...MISSED_RUNS, treatMissing: "missing" },
  };
}

/** For counts that are only there when there is something to count. */
export function atLeastOne(when: Pick<Rule, "period" | "datapoints" | "among">): Rule {
  return { ...when, comparison: "GreaterThanOrEqualToThreshold", threshold: 1, treatMissing: "notBreaching" };
}
