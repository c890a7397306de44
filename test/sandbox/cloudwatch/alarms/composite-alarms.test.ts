import { describe, expect, it } from "vitest";
import { cloudWatchAt } from "../cloudwatch-at.ts";

/** Two alarms, `a` and `b`, and a composite by this rule. */
async function composite(rule: string) {
  const { cloudwatch, deliveries, clock } = cloudWatchAt();
  for (const AlarmName of ["a", "b"]) {
    await cloudwatch.resources?.["AWS::CloudWatch::Alarm"]?.(AlarmName, {
      AlarmName,
      ...{ Namespace: "N", MetricName: AlarmName, Statistic: "Sum", Period: 60 },
      ...{ EvaluationPeriods: 1, Threshold: 0, ComparisonOperator: "GreaterThanThreshold" },
    });
  }
  await cloudwatch.resources?.["AWS::CloudWatch::CompositeAlarm"]?.("C", { AlarmName: "c", AlarmRule: rule });
  return {
    set(a: "ALARM" | "OK" | "INSUFFICIENT_DATA", b: "ALARM" | "OK" | "INSUFFICIENT_DATA") {
      cloudwatch.alarms.setState("a", a, "set");
      cloudwatch.alarms.setState("b", b, "set");
    },
    async states() {
      await clock.advance(0);
      return deliveries.events
        .filter(({ detail }) => Object(detail).alarmName === "c")
        .map(({ detail }) => Object(detail).state.value);
    },
  };
}

describe("a composite alarm", () => {
  it.each([
    ['ALARM("a") OR ALARM("b")', "ALARM", "OK", "ALARM"],
    ['ALARM("a") AND ALARM(b)'.replace("(b)", "('b')"), "ALARM", "OK", "OK"],
    ['ALARM(a) OR NOT (OK("b"))'.replace("(a)", '("a")'), "OK", "INSUFFICIENT_DATA", "ALARM"],
    [
      'INSUFFICIENT_DATA("arn:aws:cloudwatch:us-east-1:000000000000:alarm:b")',
      "OK",
      "INSUFFICIENT_DATA",
      "ALARM",
    ],
    ["TRUE AND FALSE", "ALARM", "ALARM", "OK"],
  ] as const)("%s with a %s and b %s is %s", async (rule, a, b, expected) => {
    const { set, states } = await composite(rule);
    set(a, b);
    expect((await states()).at(-1)).toBe(expected);
  });

  it("follows its alarms", async () => {
    const { set, states } = await composite('ALARM("a") AND ALARM("b")');
    set("ALARM", "OK");
    set("ALARM", "ALARM");
    set("OK", "ALARM");
    expect(await states()).toEqual(["OK", "ALARM", "OK"]);
  });

  it.each([
    ['ALARM("nobody")', /There is no alarm nobody/],
    ["ALARM a", /found/],
    ['ALARM("a") ALARM("b")', /expected AND, OR or its end/],
  ])("with the rule %s is refused", async (rule, why) => {
    await expect(composite(rule)).rejects.toThrow(why);
  });
});
