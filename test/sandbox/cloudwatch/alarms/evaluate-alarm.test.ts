import { describe, expect, test } from "vitest";
import type { AlarmConfiguration } from "../../../../sandbox/cloudwatch/alarms/alarm.ts";
import { evaluateAlarm } from "../../../../sandbox/cloudwatch/alarms/evaluate-alarm.ts";

type TreatMissingData = AlarmConfiguration["TreatMissingData"];

function rule(
  overrides: Partial<Parameters<typeof evaluateAlarm>[0]> = {},
): Parameters<typeof evaluateAlarm>[0] {
  return {
    EvaluationPeriods: 3,
    DatapointsToAlarm: 3,
    Threshold: 10,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "missing",
    ...overrides,
  };
}

/** As AWS's tables write it, the newest on the right: `0` within the threshold, `X` breaching, `-` missing. */
function range(row: string) {
  return row.split(" ").map((mark, i) => ({ at: i * 60_000, value: { "0": 0, X: 20 }[mark] }));
}

/** Undefined in a row: the state is retained. */
const TREATMENTS: readonly TreatMissingData[] = ["missing", "ignore", "breaching", "notBreaching"];
type States = readonly (string | undefined)[];

describe("3 of 3 datapoints, as in AWS's table", () => {
  test.each<[string, States]>([
    ["0 - X - X", ["OK", "OK", "OK", "OK"]],
    ["0 - - - -", ["OK", "OK", "OK", "OK"]],
    ["- - - - -", ["INSUFFICIENT_DATA", undefined, "ALARM", "OK"]],
    ["0 X X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["- - X - -", ["ALARM", undefined, "ALARM", "OK"]],
  ])("%s", (row, expected) => {
    const states = TREATMENTS.map(
      (TreatMissingData) => evaluateAlarm(rule({ TreatMissingData }), range(row)).state,
    );
    expect(states).toEqual(expected);
  });
});

describe("2 of 3 datapoints, as in AWS's table", () => {
  test.each<[string, States]>([
    ["0 - X - X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 0 X 0 X", ["ALARM", "ALARM", "ALARM", "ALARM"]],
    ["0 - X - -", ["OK", "OK", "ALARM", "OK"]],
    ["- - - - 0", ["OK", "OK", "ALARM", "OK"]],
    ["- - - X -", ["ALARM", undefined, "ALARM", "OK"]],
  ])("%s", (row, expected) => {
    const states = TREATMENTS.map(
      (TreatMissingData) => evaluateAlarm(rule({ TreatMissingData, DatapointsToAlarm: 2 }), range(row)).state,
    );
    expect(states).toEqual(expected);
  });
});

test.each(["- - - - X", "- - - X -"])("does not go to ALARM too early on %s", (row) => {
  expect(evaluateAlarm(rule(), range(row)).state).toBeUndefined();
});

test("takes all of EvaluationPeriods where DatapointsToAlarm is left out", () => {
  expect(evaluateAlarm(rule({ DatapointsToAlarm: undefined }), range("0 0 0 X X")).state).toBe("OK");
});

test.each([
  ["GreaterThanThreshold", ["OK", "OK", "ALARM"]],
  ["GreaterThanOrEqualToThreshold", ["OK", "ALARM", "ALARM"]],
  ["LessThanThreshold", ["ALARM", "OK", "OK"]],
  ["LessThanOrEqualToThreshold", ["ALARM", "ALARM", "OK"]],
] as const)("%s compares below, at and above the threshold", (ComparisonOperator, expected) => {
  const one = rule({ EvaluationPeriods: 1, DatapointsToAlarm: 1, ComparisonOperator });
  expect([9, 10, 11].map((value) => evaluateAlarm(one, [{ at: 0, value }]).state)).toEqual(expected);
});
