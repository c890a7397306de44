import { describe, expect, it } from "vitest";
import type { Alarm, AlarmConfiguration } from "../../../../sandbox/cloudwatch/alarms/alarm.ts";
import { createHistory } from "../../../../sandbox/cloudwatch/alarms/history.ts";
import { createMetricStore } from "../../../../sandbox/cloudwatch/metrics/store.ts";
import { alarmView, streamOfAlarm } from "../../../../sandbox/page/state/alarm-view.ts";
import { lastMinutes } from "../../../../sandbox/page/state/minutes.ts";

const MINUTE = 60_000;
const NOW = Date.parse("2030-01-01T12:00:30Z");
const MINUTES = lastMinutes(NOW);

const CONFIGURATION: AlarmConfiguration = {
  AlarmName: "orders",
  AlarmDescription: "orders is used above 0.8",
  ActionsEnabled: true,
  AlarmActions: ["arn:aws:lambda:us-east-1:000000000000:function:woken"],
  EvaluationPeriods: 1,
  Threshold: 0.8,
  ComparisonOperator: "GreaterThanThreshold",
  TreatMissingData: "notBreaching",
  Metrics: [
    { Id: "use", Expression: "records / 10", ReturnData: true },
    {
      Id: "records",
      ReturnData: false,
      MetricStat: {
        Metric: {
          Namespace: "AWS/Kinesis",
          MetricName: "IncomingRecords",
          Dimensions: [{ Name: "StreamName", Value: "orders" }],
        },
        Period: 60,
        Stat: "Sum",
      },
    },
  ],
};

const alarm: Alarm = {
  arn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:orders",
  configuration: CONFIGURATION,
  configuredAt: 0,
  state: { value: "ALARM", reason: "Threshold Crossed", at: NOW - MINUTE },
  contributors: new Map(),
  transitionedAt: NOW - MINUTE,
};

function changes(...summaries: readonly (readonly [minutesAgo: number, summary: string])[]) {
  const history = createHistory();
  for (const [minutesAgo, summary] of summaries) {
    history.add("orders", "StateUpdate", NOW - minutesAgo * MINUTE, `Alarm updated ${summary}`, {});
  }
  return history.items();
}

describe("an alarm", () => {
  it("has what it compares by minute, evaluated from its expression", () => {
    const store = createMetricStore();
    store.put(
      "AWS/Kinesis",
      "IncomingRecords",
      { StreamName: "orders" },
      { value: 9 },
      "Count",
      NOW - MINUTE,
    );
    expect(alarmView(alarm, store, [], MINUTES).values.slice(-3)).toEqual([null, 0.9, null]);
  });

  it("has the states of the last hour, the first from before its first change", () => {
    const history = changes([10, "from OK to ALARM"], [5, "from ALARM to OK"], [1, "from OK to ALARM"]);
    expect(alarmView(alarm, createMetricStore(), history, MINUTES).states).toEqual([
      { at: MINUTES.from, state: "OK" },
      { at: NOW - 10 * MINUTE, state: "ALARM" },
      { at: NOW - 5 * MINUTE, state: "OK" },
      { at: NOW - MINUTE, state: "ALARM" },
    ]);
  });

  it("was all the time what it is, where nothing changed in the last hour", () => {
    const history = changes([90, "from OK to ALARM"]);
    expect(alarmView(alarm, createMetricStore(), history, MINUTES).states).toEqual([
      { at: MINUTES.from, state: "ALARM" },
    ]);
  });

  it("names the stream its metrics are about", () => {
    expect(streamOfAlarm(alarm)).toBe("orders");
  });
});
