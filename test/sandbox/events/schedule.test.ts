import { describe, expect, test } from "vitest";
import { parseSchedule } from "../../../sandbox/events/schedule.ts";

/** Saturday. */
const CREATED = Date.parse("2026-11-21T10:43:17Z");

function ticks(expression: string, count: number): string[] {
  const schedule = parseSchedule(expression, CREATED);
  const found: string[] = [];
  for (let at = schedule.next(CREATED); at !== undefined && found.length < count; at = schedule.next(at)) {
    found.push(new Date(at).toISOString().replace(":00.000Z", "Z").replace(".000Z", "Z"));
  }
  return found;
}

test.each([
  ["rate(1 minute)", ["2026-11-21T10:44:17Z", "2026-11-21T10:45:17Z"]],
  ["rate(5 minutes)", ["2026-11-21T10:48:17Z", "2026-11-21T10:53:17Z"]],
  ["rate(1 hour)", ["2026-11-21T11:43:17Z", "2026-11-21T12:43:17Z"]],
  ["rate(7 days)", ["2026-11-28T10:43:17Z", "2026-12-05T10:43:17Z"]],
  ["cron(* * * * ? *)", ["2026-11-21T10:44Z", "2026-11-21T10:45Z"]],
  ["cron(0/15 * * * ? *)", ["2026-11-21T10:45Z", "2026-11-21T11:00Z"]],
  ["cron(0 8 ? * MON-FRI *)", ["2026-11-23T08:00Z", "2026-11-24T08:00Z"]],
  ["cron(0 8 ? * 1,7 *)", ["2026-11-22T08:00Z", "2026-11-28T08:00Z"]],
  ["cron(30 18 1 JAN,JUL ? *)", ["2027-01-01T18:30Z", "2027-07-01T18:30Z"]],
  ["cron(0 0 29 2 ? *)", ["2028-02-29T00:00Z", "2032-02-29T00:00Z"]],
  ["cron(0 0 31 * ? *)", ["2026-12-31T00:00Z", "2027-01-31T00:00Z"]],
  ["cron(0 22-23 * * ? *)", ["2026-11-21T22:00Z", "2026-11-21T23:00Z"]],
])("%s", (expression, expected) => {
  expect(ticks(expression, 2)).toEqual(expected);
});

test("a schedule of a year that is over never fires", () => {
  expect(ticks("cron(0 0 * * ? 2020)", 1)).toEqual([]);
});

describe("refuses", () => {
  test.each([
    ["rate(1 minutes)", 'expected for example "1 minute"'],
    ["rate(5 minute)", "rate(5 minute)"],
    ["rate(0 minutes)", "rate(0 minutes)"],
    ["rate(30 seconds)", "rate(30 seconds)"],
    ["cron(* * * *)", "found 4 fields, expected 6"],
    ["cron(* * * * * *)", "exactly one of day of month and day of week must be ?"],
    ["cron(0 0 L * ? *)", 'day of month "L" is not of the forms the sandbox reads'],
    ["cron(60 * * * ? *)", 'minutes "60"'],
    ["every minute", "expected rate(…) or cron(…)"],
  ])("%s", (expression, message) => {
    expect(() => parseSchedule(expression, CREATED)).toThrow(message);
  });
});
