import { describe, expect, it, onTestFinished } from "vitest";
import { createClock } from "../../../sandbox/clock/clock.ts";
import { createCloudWatch } from "../../../sandbox/cloudwatch/cloudwatch.ts";
import { AWS_METRIC_DELAY, type MetricDelay } from "../../../sandbox/cloudwatch/metrics/publication.ts";
import { recordDeliveries } from "../recorded-deliveries.ts";
import { cloudWatchAt, MINUTE, START } from "./cloudwatch-at.ts";

const RECORDS = { namespace: "AWS/Kinesis", name: "IncomingRecords", dimensions: { StreamName: "orders" } };
const FROM = { from: START, to: START + 60 * MINUTE, periodMs: MINUTE };

/** How long after its minute each of the first 30 minutes' datapoints can be read, in ms. */
async function delays(metricDelay: MetricDelay): Promise<number[]> {
  const { clock, cloudwatch } = cloudWatchAt(START, metricDelay);
  const { namespace, name, dimensions } = RECORDS;
  for (let minute = 0; minute < 30; minute += 1) {
    cloudwatch.metrics.put(namespace, name, dimensions, { value: 1 }, "Count", START + minute * MINUTE);
  }
  const found = new Map<number, number>();
  for (let second = 0; second < 34 * 60; second += 1) {
    for (const at of cloudwatch.metrics.read(RECORDS, FROM).keys()) {
      if (!found.has(at)) found.set(at, clock.now() - at - MINUTE);
    }
    await clock.advance(1000);
  }
  return [...found.values()];
}

describe("a metric of AWS's own", () => {
  it("is published 60 to 120 seconds after its minute, each minute with a delay of its own", async () => {
    const found = await delays(AWS_METRIC_DELAY);
    expect(found).toHaveLength(30);
    expect(Math.min(...found)).toBeGreaterThanOrEqual(60_000);
    expect(Math.max(...found)).toBeLessThanOrEqual(121_000);
    // Over the whole range, not at one place of it.
    expect(Math.max(...found) - Math.min(...found)).toBeGreaterThan(40_000);
  });

  it("is late by the same again with the same seed, and by another with another", async () => {
    const [one, again, other] = await Promise.all([
      delays(AWS_METRIC_DELAY),
      delays(AWS_METRIC_DELAY),
      delays({ ...AWS_METRIC_DELAY, seed: 7 }),
    ]);
    expect(again).toEqual(one);
    expect(other).not.toEqual(one);
  });

  it("is late where nothing else is asked for", async () => {
    const clock = createClock({ speed: 0, start: START });
    onTestFinished(() => clock.stop());
    const { metrics } = createCloudWatch({ clock, deliveries: recordDeliveries() });
    metrics.put(RECORDS.namespace, RECORDS.name, RECORDS.dimensions, { value: 3 }, "Count", START);
    expect([metrics.read(RECORDS, FROM).size, metrics.list()]).toEqual([0, []]);
    expect(metrics.unpublished.read(RECORDS, FROM).size).toBe(1);
    await clock.advance(3 * MINUTE);
    expect([metrics.read(RECORDS, FROM).size, metrics.list()]).toEqual([1, [RECORDS]]);
  });
});

describe("a metric of the account's own", () => {
  it("is there at once", () => {
    const { cloudwatch } = cloudWatchAt(START, AWS_METRIC_DELAY);
    cloudwatch.metrics.put("Reflex", "OpenShardCount", {}, { value: 2 }, "Count", START);
    const metric = { namespace: "Reflex", name: "OpenShardCount", dimensions: {} };
    expect(cloudwatch.metrics.read(metric, FROM).size).toBe(1);
  });
});

describe("an alarm on a metric of AWS's own", () => {
  const alarm = {
    AlarmName: "busy",
    EvaluationPeriods: 1,
    Threshold: 3,
    ComparisonOperator: "GreaterThanThreshold",
    TreatMissingData: "notBreaching",
  } as const;

  /** What the alarm sees of 60 minutes that all breach: how many of its evaluations find it in ALARM. */
  async function minutesInAlarm(expression: string): Promise<number> {
    const { clock, cloudwatch } = cloudWatchAt(START, AWS_METRIC_DELAY);
    const { namespace, name, dimensions } = RECORDS;
    cloudwatch.alarms.put({
      ...alarm,
      ActionsEnabled: true,
      Metrics: [
        { Id: "e", Expression: expression },
        {
          Id: "m",
          ReturnData: false,
          MetricStat: {
            Metric: {
              Namespace: namespace,
              MetricName: name,
              Dimensions: [{ Name: "StreamName", Value: "orders" }],
            },
            Period: 60,
            Stat: "Sum",
          },
        },
      ],
    });
    let inAlarm = 0;
    for (let minute = 0; minute < 60; minute += 1) {
      cloudwatch.metrics.put(namespace, name, dimensions, { value: 9 }, "Count", clock.now());
      await clock.advance(MINUTE);
      if (cloudwatch.alarms.get("busy").state.value === "ALARM") inAlarm += 1;
    }
    return inAlarm;
  }

  it("never fires where missing minutes are filled with 0: the newest minute is always missing", async () => {
    expect(await minutesInAlarm("FILL(m, 0)")).toBe(0);
  });

  it("fires on what has come, where missing minutes are left missing", async () => {
    expect(await minutesInAlarm("m + 0")).toBeGreaterThan(50);
  });
});
