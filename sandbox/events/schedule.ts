import { AwsError } from "../wire/error.ts";
import { parseCron } from "./cron.ts";

/** When a rule with a ScheduleExpression fires. */
export interface Schedule {
  /** The first time after `after`, ms since the epoch; undefined where there is none any more. */
  next(after: number): number | undefined;
}

const UNITS_MS: Readonly<Record<string, number>> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 };

/**
 * `rate(5 minutes)` counts from `createdAt`, `cron(0 12 * * ? *)` is in UTC.
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
 *
 * @param createdAt when the rule was put, ms since the epoch
 * @throws {AwsError} ValidationException for what AWS refuses or the sandbox does not have
 */
export function parseSchedule(expression: string, createdAt: number): Schedule {
  const [, kind, inside = ""] = expression.match(/^(rate|cron)\((.*)\)$/) ?? [];
  if (kind === "rate") return rate(expression, inside, createdAt);
  if (kind === "cron") return { next: parseCron(inside, (why) => invalidSchedule(expression, why)) };
  throw invalidSchedule(expression, "expected rate(…) or cron(…)");
}

function rate(expression: string, inside: string, createdAt: number): Schedule {
  const [, count = "", unit = "", plural] = inside.match(/^(\d+) (minute|hour|day)(s?)$/) ?? [];
  const value = Number(count);
  // AWS refuses "rate(1 minutes)" and "rate(5 minute)".
  if (!(value >= 1) || (value === 1) !== (plural === "")) {
    throw invalidSchedule(expression, 'expected for example "1 minute" or "5 minutes"');
  }
  const periodMs = value * (UNITS_MS[unit] ?? 0);
  return { next: (after) => createdAt + (Math.floor((after - createdAt) / periodMs) + 1) * periodMs };
}

function invalidSchedule(expression: string, why: string): AwsError {
  const message = `Parameter ScheduleExpression is not valid: ${expression}: ${why}.`;
  return new AwsError("ValidationException", message);
}
