import type { AlarmSpec } from "./alarm.ts";
import type { Metric } from "./metric.ts";

/** What Reflex owes, as a share of minutes, and the one alarm that pages where it is not held. */
export interface Objective {
  /** What stands after `reflex-<stage>-watch-slo-`. */
  readonly name: string;
  /** The heading of docs/runbook.md. */
  readonly title: string;
  /** One sentence: what is not held, and what that means. */
  readonly description: string;
  /** The share of minutes that have to be good: 0.995. */
  readonly target: number;
  readonly metrics: Readonly<Record<string, Metric>>;
  /** Named expressions over the metrics, in the order in which they build on each other. */
  readonly steps?: Readonly<Record<string, string>>;
  /** Metric math that is not 0 in a bad minute, with a value for every minute. */
  readonly isBad: string;
  /** Metric math over a whole window: a number that pages by itself when it is above 0. */
  readonly pagesAbove0?: string;
  readonly nestedIn?: AlarmSpec["nestedIn"];
}

/** Under this beginning of their names are the alarms that page. */
export const OBJECTIVE_PREFIX = "slo-";

/**
 * A long window says that it matters, a short one that it still goes on. At 14.4 times the rate at which the budget of 30 days
 * would just last, 2 % of it are gone in the hour; at 6 times, 5 % in six hours.
 * https://sre.google/workbook/alerting-on-slos/
 */
export const BURN_RATES = [
  { rate: 14.4, longSeconds: 3600, shortSeconds: 300 },
  { rate: 6, longSeconds: 21_600, shortSeconds: 1800 },
] as const;

const PERIOD_SECONDS = 60;
const LONGEST_SECONDS = Math.max(...BURN_RATES.map(({ longSeconds }) => longSeconds));

/** So many bad minutes within the window burn the budget at that rate; one at least. */
export const badMinutes = (target: number, rate: number, seconds: number): number =>
  Math.max(1, Math.ceil(rate * (1 - target) * (seconds / PERIOD_SECONDS)));

/**
 * Both pairs of windows in one alarm: the metrics of an alarm have one period, and a composite of four alarms would cost $0.90
 * an objective. The expression counts the bad minutes by their age in the evaluated range, and is above 0 only in the newest
 * minute: so the alarm ends when the short windows are clear.
 */
export function objectiveAlarm(objective: Objective): AlarmSpec {
  const { name, title, description, target, metrics, steps = {}, isBad, pagesAbove0, nestedIn } = objective;
  const pairs = BURN_RATES.map(
    ({ rate, longSeconds, shortSeconds }) =>
      `(${within(longSeconds)} >= ${badMinutes(target, rate, longSeconds)} AND ${within(shortSeconds)} >= ${badMinutes(target, rate, shortSeconds)})`,
  );
  const conditions = [...pairs, ...(pagesAbove0 === undefined ? [] : [`(${pagesAbove0}) > 0`])];
  return {
    name: `${OBJECTIVE_PREFIX}${name}`,
    title,
    description,
    severity: "page",
    of: {
      steps: { ...steps, bad: `IF(${isBad}, 1, 0)`, age: "MAX(EPOCH(bad)) - EPOCH(bad)" },
      expression: `IF(age < ${PERIOD_SECONDS} AND (${conditions.join(" OR ")}), 1, 0)`,
      label: "the error budget burns too fast",
      metrics,
    },
    rule: {
      comparison: "GreaterThanThreshold",
      threshold: 0,
      period: PERIOD_SECONDS,
      datapoints: 1,
      among: LONGEST_SECONDS / PERIOD_SECONDS,
      treatMissing: "notBreaching",
    },
    ...(nestedIn && { nestedIn }),
  };
}

const within = (seconds: number): string => `SUM(bad * (age < ${seconds}))`;
