import {
  CloudWatchClient,
  DeleteAlarmsCommand,
  DescribeAlarmHistoryCommand,
  DescribeAlarmsCommand,
  DescribeAlarmsForMetricCommand,
  DisableAlarmActionsCommand,
  PutMetricAlarmCommand,
  type PutMetricAlarmCommandInput,
  SetAlarmStateCommand,
} from "@aws-sdk/client-cloudwatch";
import { describe, expect, onTestFinished, test } from "vitest";
import { serveService } from "../../http-server.ts";
import { cloudWatchAt, MINUTE, START } from "../cloudwatch-at.ts";

const TOPIC = "arn:aws:sns:us-east-1:000000000000:alarms";
const FUNCTION = "arn:aws:lambda:us-east-1:000000000000:function:reshard";
const ARN = "arn:aws:cloudwatch:us-east-1:000000000000:alarm:busy";

const busy = {
  AlarmName: "busy",
  Namespace: "AWS/Kinesis",
  MetricName: "IncomingRecords",
  Dimensions: [{ Name: "StreamName", Value: "orders" }],
  Statistic: "Sum",
  Period: 60,
  EvaluationPeriods: 1,
  Threshold: 10,
  ComparisonOperator: "GreaterThanThreshold",
  AlarmActions: [TOPIC],
} satisfies PutMetricAlarmCommandInput;

const USE = "MAX([records / 60 / 1000, bytes / 60 / 1048576]) / FILL(shards, REPEAT)";

/** An alarm on records per shard, as our scale-out alarms are. */
const perShard = {
  AlarmName: "per-shard",
  EvaluationPeriods: 3,
  DatapointsToAlarm: 2,
  Threshold: 0.8,
  ComparisonOperator: "GreaterThanOrEqualToThreshold",
  TreatMissingData: "notBreaching",
  AlarmActions: [FUNCTION],
  Metrics: [
    { Id: "use", Expression: USE, Label: "use" },
    ...[
      ["records", "AWS/Kinesis", "IncomingRecords"],
      ["bytes", "AWS/Kinesis", "IncomingBytes"],
      ["shards", "Reflex", "OpenShardCount"],
    ].map(([Id, Namespace, MetricName]) => ({
      Id,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions: busy.Dimensions },
        Period: 60,
        Stat: "Maximum",
      },
      ReturnData: false,
    })),
  ],
} satisfies PutMetricAlarmCommandInput;

async function serve() {
  const parts = cloudWatchAt();
  const client = new CloudWatchClient({ endpoint: await serveService(parts.cloudwatch) });
  onTestFinished(() => client.destroy());
  const dimensions = { StreamName: "orders" };
  return {
    ...parts,
    client,
    putAlarm: (input: PutMetricAlarmCommandInput) => client.send(new PutMetricAlarmCommand(input)),
    /** Puts a value into the running minute. */
    record: (name: string, value: number, namespace = "AWS/Kinesis") =>
      parts.cloudwatch.metrics.put(namespace, name, dimensions, { value }, "Count", parts.clock.now()),
    stateOf: (name: string) => parts.cloudwatch.alarms.get(name).state.value,
    changes: () => parts.deliveries.events.filter((event) => event["detail-type"].endsWith("State Change")),
  };
}

describe("evaluation", () => {
  test("starts at INSUFFICIENT_DATA", async () => {
    const { putAlarm, stateOf } = await serve();
    await putAlarm(busy);
    expect(stateOf("busy")).toBe("INSUFFICIENT_DATA");
  });

  test("comes within ten seconds after a minute has closed, and not before", async () => {
    const { putAlarm, record, stateOf, clock } = await serve();
    await putAlarm(busy);
    record("IncomingRecords", 15);
    await clock.advance(MINUTE);
    expect(stateOf("busy")).toBe("INSUFFICIENT_DATA");
    await clock.advance(10_000);
    expect(stateOf("busy")).toBe("ALARM");
  });

  test("sees what is put late, while the minute waits to be evaluated", async () => {
    const { putAlarm, cloudwatch, stateOf, clock } = await serve();
    await putAlarm(busy);
    await clock.advance(MINUTE + 1000);
    const value = { value: 15 };
    cloudwatch.metrics.put("AWS/Kinesis", "IncomingRecords", { StreamName: "orders" }, value, "Count", START);
    await clock.advance(9000);
    expect(stateOf("busy")).toBe("ALARM");
  });

  test("goes back to OK when the load is gone", async () => {
    const { putAlarm, record, stateOf, clock } = await serve();
    await putAlarm(busy);
    record("IncomingRecords", 15);
    await clock.advance(MINUTE);
    record("IncomingRecords", 3);
    await clock.advance(MINUTE);
    await clock.advance(10_000);
    expect(stateOf("busy")).toBe("OK");
  });

  test("counts M of N datapoints of metric math", async () => {
    const { putAlarm, record, stateOf, clock } = await serve();
    await putAlarm(perShard);
    const states = [];
    for (const records of [50_000, 10_000, 60_000, 10_000, 10_000]) {
      record("OpenShardCount", 1, "Reflex");
      record("IncomingRecords", records);
      await clock.advance(MINUTE);
      states.push(stateOf("per-shard"));
    }
    await clock.advance(10_000);
    // Each state was read before its own minute was evaluated: the first is that of the creation.
    expect([...states.slice(1), stateOf("per-shard")]).toEqual(["OK", "OK", "ALARM", "OK", "OK"]);
  });

  test("stays valid after a reshard: the threshold is per shard", async () => {
    const { putAlarm, record, stateOf, clock } = await serve();
    await putAlarm({ ...perShard, EvaluationPeriods: 1, DatapointsToAlarm: 1 });
    const found = [];
    for (const shards of [1, 2]) {
      record("OpenShardCount", shards, "Reflex");
      record("IncomingRecords", 50_000);
      await clock.advance(MINUTE);
      await clock.advance(10_000);
      found.push(stateOf("per-shard"));
    }
    expect(found).toEqual(["ALARM", "OK"]);
  });

  test("reports an alarm that cannot be evaluated and goes on with the others", async () => {
    const { putAlarm, record, stateOf, clock, errors } = await serve();
    await putAlarm({
      ...perShard,
      AlarmName: "a-broken-one",
      Metrics: [
        { Id: "total", Expression: "SUM(m1)" },
        {
          Id: "m1",
          MetricStat: {
            Metric: { Namespace: "AWS/Kinesis", MetricName: "IncomingRecords", Dimensions: busy.Dimensions },
            Period: 60,
            Stat: "Sum",
          },
          ReturnData: false,
        },
      ],
    });
    await putAlarm(busy);
    record("IncomingRecords", 15);
    await clock.advance(MINUTE + 10_000);
    expect(stateOf("busy")).toBe("ALARM");
    expect(String(errors[0])).toContain("must give a time series");
  });
});

describe("actions", () => {
  test("are taken once for a state that stays", async () => {
    const { putAlarm, record, clock, deliveries } = await serve();
    await putAlarm(busy);
    for (let i = 0; i < 4; i += 1) {
      record("IncomingRecords", 15);
      await clock.advance(MINUTE);
    }
    await clock.advance(10_000);
    expect(deliveries.topics).toHaveLength(1);
  });

  test("are those of the new state", async () => {
    const { putAlarm, record, clock, deliveries } = await serve();
    await putAlarm({ ...busy, AlarmActions: [], OKActions: [TOPIC] });
    record("IncomingRecords", 15);
    await clock.advance(MINUTE);
    record("IncomingRecords", 1);
    await clock.advance(MINUTE + 10_000);
    expect(deliveries.topics.map(({ message }) => message.subject)).toEqual([
      'OK: "busy" in US East (N. Virginia)',
    ]);
  });

  test("are not taken while they are disabled, but the event bus still hears", async () => {
    const { putAlarm, record, clock, client, deliveries, changes } = await serve();
    await putAlarm(busy);
    await client.send(new DisableAlarmActionsCommand({ AlarmNames: ["busy"] }));
    record("IncomingRecords", 15);
    await clock.advance(MINUTE + 10_000);
    expect([deliveries.topics.length, changes().length]).toEqual([0, 1]);
  });

  test("on anything but a topic or a function are noted as not simulated", async () => {
    const { putAlarm, client, clock } = await serve();
    await putAlarm({ ...busy, AlarmActions: ["arn:aws:automate:us-east-1:ec2:stop"] });
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "busy", StateValue: "ALARM", StateReason: "test" }),
    );
    await clock.advance(0);
    const { AlarmHistoryItems = [] } = await client.send(
      new DescribeAlarmHistoryCommand({ HistoryItemType: "Action" }),
    );
    expect(AlarmHistoryItems.map(({ HistorySummary }) => HistorySummary)).toEqual([
      "Action arn:aws:automate:us-east-1:ec2:stop is not simulated: the sandbox takes actions on SNS topics and Lambda functions",
    ]);
  });
});

describe("the message of a state change", () => {
  async function alarmed(input: PutMetricAlarmCommandInput) {
    const parts = await serve();
    await parts.putAlarm(input);
    parts.record("IncomingRecords", 60_000);
    parts.record("OpenShardCount", 1, "Reflex");
    await parts.clock.advance(MINUTE + 10_000);
    return parts;
  }

  const ONE_PERIOD = { ...perShard, EvaluationPeriods: 1, DatapointsToAlarm: 1 };
  const AT = "2026-11-21T10:01:05.000+0000";
  const REASON =
    "Threshold Crossed: 1 out of the last 1 datapoints [60000.0 (21/11/26 10:00:00)] was greater than the " +
    "threshold (10.0) (minimum 1 datapoint for INSUFFICIENT_DATA -> ALARM transition).";

  test("is a JSON message for a topic", async () => {
    const { deliveries } = await alarmed({ ...busy, AlarmDescription: "too busy" });
    expect(JSON.parse(deliveries.topics[0]?.message.message ?? "")).toEqual({
      AlarmName: "busy",
      AlarmDescription: "too busy",
      AWSAccountId: "000000000000",
      AlarmConfigurationUpdatedTimestamp: "2026-11-21T10:00:00.000+0000",
      NewStateValue: "ALARM",
      NewStateReason: REASON,
      StateChangeTime: AT,
      Region: "US East (N. Virginia)",
      AlarmArn: ARN,
      OldStateValue: "INSUFFICIENT_DATA",
      OKActions: [],
      AlarmActions: [TOPIC],
      InsufficientDataActions: [],
      Trigger: {
        MetricName: "IncomingRecords",
        Namespace: "AWS/Kinesis",
        StatisticType: "Statistic",
        Statistic: "SUM",
        Unit: null,
        Dimensions: [{ value: "orders", name: "StreamName" }],
        Period: 60,
        EvaluationPeriods: 1,
        DatapointsToAlarm: 1,
        ComparisonOperator: "GreaterThanThreshold",
        Threshold: 10,
        TreatMissingData: "missing",
        EvaluateLowSampleCountPercentile: "",
      },
    });
  });

  test("names every metric and expression of metric math for a topic", async () => {
    const { deliveries } = await alarmed({ ...ONE_PERIOD, AlarmActions: [TOPIC] });
    const { Trigger } = JSON.parse(deliveries.topics[0]?.message.message ?? "");
    expect(Trigger.MetricName).toBeUndefined();
    expect(Trigger.Metrics.slice(0, 2)).toEqual([
      { Id: "use", Expression: USE, Label: "use", ReturnData: true },
      {
        Id: "records",
        MetricStat: {
          Metric: {
            Dimensions: [{ value: "orders", name: "StreamName" }],
            MetricName: "IncomingRecords",
            Namespace: "AWS/Kinesis",
          },
          Period: 60,
          Stat: "Maximum",
        },
        ReturnData: false,
      },
    ]);
  });

  test("is an event with dimensions as a map on the event bus", async () => {
    const { changes } = await alarmed(busy);
    expect(changes()).toEqual([
      {
        version: "0",
        id: expect.any(String),
        "detail-type": "CloudWatch Alarm State Change",
        source: "aws.cloudwatch",
        account: "000000000000",
        time: "2026-11-21T10:01:05Z",
        region: "us-east-1",
        resources: [ARN],
        detail: {
          alarmName: "busy",
          state: { value: "ALARM", reason: REASON, reasonData: expect.any(String), timestamp: AT },
          previousState: {
            value: "INSUFFICIENT_DATA",
            reason: "Unchecked: Initial alarm creation",
            timestamp: "2026-11-21T10:00:00.000+0000",
          },
          configuration: {
            metrics: [
              {
                id: "m1",
                metricStat: {
                  metric: {
                    namespace: "AWS/Kinesis",
                    name: "IncomingRecords",
                    dimensions: { StreamName: "orders" },
                  },
                  period: 60,
                  stat: "Sum",
                },
                returnData: true,
              },
            ],
          },
        },
      },
    ]);
  });

  test("is the alarm's data for a function that is the action itself", async () => {
    const { deliveries } = await alarmed(ONE_PERIOD);
    expect(deliveries.functions).toEqual([
      {
        arn: FUNCTION,
        event: {
          source: "aws.cloudwatch",
          alarmArn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:per-shard",
          accountId: "000000000000",
          time: AT,
          region: "us-east-1",
          alarmData: expect.objectContaining({
            alarmName: "per-shard",
            state: expect.objectContaining({ value: "ALARM" }),
            previousState: expect.objectContaining({ value: "OK" }),
            configuration: { metrics: expect.arrayContaining([expect.objectContaining({ id: "use" })]) },
          }),
        },
      },
    ]);
  });

  test("carries the evaluated datapoints as data", async () => {
    const { cloudwatch } = await alarmed(busy);
    expect(JSON.parse(cloudwatch.alarms.get("busy").state.reasonData ?? "")).toMatchObject({
      version: "1.0",
      statistic: "Sum",
      period: 60,
      threshold: 10,
      recentDatapoints: [60_000],
      evaluatedDatapoints: [{ timestamp: "2026-11-21T10:00:00.000+0000", value: 60_000 }],
    });
  });
});

describe("SetAlarmState", () => {
  const toAlarm = new SetAlarmStateCommand({
    AlarmName: "busy",
    StateValue: "ALARM",
    StateReason: "a drill",
  });

  test("acts at once and is set back by the next evaluation", async () => {
    const { putAlarm, record, client, clock, deliveries, stateOf } = await serve();
    await putAlarm(busy);
    record("IncomingRecords", 1);
    await client.send(toAlarm);
    await clock.advance(0);
    expect([stateOf("busy"), deliveries.topics.length]).toEqual(["ALARM", 1]);
    await clock.advance(MINUTE + 10_000);
    expect(stateOf("busy")).toBe("OK");
  });

  test("acts not again on a state that already is", async () => {
    const { putAlarm, client, clock, deliveries } = await serve();
    await putAlarm(busy);
    await client.send(toAlarm);
    await client.send(toAlarm);
    await clock.advance(0);
    expect(deliveries.topics).toHaveLength(1);
  });

  test("of an alarm that does not exist is ResourceNotFound", async () => {
    const { client } = await serve();
    await expect(client.send(toAlarm)).rejects.toMatchObject({ name: "ResourceNotFound" });
  });

  test("refuses a state there is not", async () => {
    const { putAlarm, client } = await serve();
    await putAlarm(busy);
    const wrong = { AlarmName: "busy", StateValue: "PANIC", StateReason: "" };
    // A state no SDK type knows, as a careless client sends it.
    await expect(client.send(new SetAlarmStateCommand(wrong as never))).rejects.toThrow('found "PANIC"');
  });
});

describe("PutMetricAlarm", () => {
  test("overwrites all of the configuration and keeps the state", async () => {
    const { putAlarm, client, cloudwatch } = await serve();
    await putAlarm({ ...busy, AlarmDescription: "old" });
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "busy", StateValue: "ALARM", StateReason: "test" }),
    );
    await putAlarm({ ...busy, Threshold: 99 });
    const { configuration, state } = cloudwatch.alarms.get("busy");
    expect([configuration.Threshold, configuration.AlarmDescription, state.value]).toEqual([
      99,
      undefined,
      "ALARM",
    ]);
  });

  test.each<[string, Partial<PutMetricAlarmCommandInput>, string]>([
    ["M above N", { DatapointsToAlarm: 2 }, "DatapointsToAlarm 2 is above EvaluationPeriods 1"],
    ["neither metric nor math", { MetricName: undefined }, "expected either MetricName or Metrics"],
    ["no statistic", { Statistic: undefined }, "needs Statistic or ExtendedStatistic"],
    ["no threshold", { Threshold: undefined }, "Threshold: found nothing, expected a number"],
    ["a period below a minute", { Period: 10 }, "Period: found 10, expected a multiple of 60"],
  ])("refuses %s", async (_, change, message) => {
    const { putAlarm } = await serve();
    await expect(putAlarm({ ...busy, ...change })).rejects.toThrow(message);
  });

  test("refuses metric math that returns two series", async () => {
    const { putAlarm } = await serve();
    const Metrics = perShard.Metrics.map((query) => ({ ...query, ReturnData: true }));
    await expect(putAlarm({ ...perShard, Metrics })).rejects.toThrow(
      "exactly one query must have ReturnData true",
    );
  });

  test("refuses to watch what SEARCH finds", async () => {
    const { putAlarm } = await serve();
    const [math, ...metrics] = perShard.Metrics;
    const found = "SUM(SEARCH('{AWS/Kinesis,StreamName}', 'Sum', 60))";
    await expect(
      putAlarm({ ...perShard, Metrics: [{ ...math, Id: "sum", Expression: found }, ...metrics] }),
    ).rejects.toThrow("an alarm cannot watch what SEARCH finds");
  });

  test("refuses more than ten metrics", async () => {
    const { putAlarm } = await serve();
    const [math, metric] = perShard.Metrics;
    const many = Array.from({ length: 11 }, (_, i) => ({ ...metric, Id: `m${i}` }));
    const Metrics = [{ ...math, Id: "sum", Expression: "SUM(METRICS())" }, ...many];
    await expect(putAlarm({ ...perShard, Metrics })).rejects.toThrow(
      "it watches 11 metrics; an alarm takes 1 to 10",
    );
  });
});

describe("DescribeAlarms", () => {
  async function withAlarms(names: readonly string[]) {
    const parts = await serve();
    for (const AlarmName of names) await parts.putAlarm({ ...busy, AlarmName });
    const describe = async (filter: object) => {
      const { MetricAlarms = [] } = await parts.client.send(new DescribeAlarmsCommand(filter));
      return MetricAlarms.map(({ AlarmName }) => AlarmName);
    };
    return { ...parts, describe };
  }

  test("finds by names, by prefix and by state", async () => {
    const { client, describe } = await withAlarms(["b-1", "a-2", "a-1"]);
    await client.send(
      new SetAlarmStateCommand({ AlarmName: "a-2", StateValue: "ALARM", StateReason: "test" }),
    );
    expect(await describe({})).toEqual(["a-1", "a-2", "b-1"]);
    expect(await describe({ AlarmNames: ["b-1", "gone"] })).toEqual(["b-1"]);
    expect(await describe({ AlarmNamePrefix: "a-" })).toEqual(["a-1", "a-2"]);
    expect(await describe({ AlarmNamePrefix: "a-", StateValue: "ALARM" })).toEqual(["a-2"]);
    expect(await describe({ AlarmTypes: ["CompositeAlarm"] })).toEqual([]);
    expect(await describe({ ActionPrefix: "arn:aws:lambda" })).toEqual([]);
  });

  test("pages", async () => {
    const { client } = await withAlarms(["a", "b", "c"]);
    const first = await client.send(new DescribeAlarmsCommand({ MaxRecords: 2 }));
    const second = await client.send(
      new DescribeAlarmsCommand({ MaxRecords: 2, NextToken: first.NextToken }),
    );
    expect([first.MetricAlarms?.length, second.MetricAlarms?.length, second.NextToken]).toEqual([
      2,
      1,
      undefined,
    ]);
  });

  test("finds the alarms on a metric", async () => {
    const { client } = await withAlarms(["a"]);
    const { Namespace, MetricName, Dimensions } = busy;
    const find = (metric: object) =>
      client.send(new DescribeAlarmsForMetricCommand({ Namespace, MetricName, ...metric }));
    expect((await find({ Dimensions })).MetricAlarms).toHaveLength(1);
    expect((await find({})).MetricAlarms).toHaveLength(0);
  });

  test("shows no deleted alarm, and a deleted alarm is not evaluated", async () => {
    const { client, describe, record, clock, changes } = await withAlarms(["a"]);
    await client.send(new DeleteAlarmsCommand({ AlarmNames: ["a"] }));
    record("IncomingRecords", 15);
    await clock.advance(MINUTE + 10_000);
    expect([await describe({}), changes()]).toEqual([[], []]);
  });
});

test("a configuration change is an event of its own", async () => {
  const { putAlarm, client, clock, deliveries } = await serve();
  await putAlarm(busy);
  await putAlarm(busy);
  await client.send(new DeleteAlarmsCommand({ AlarmNames: ["busy"] }));
  await clock.advance(0);
  expect(deliveries.events.map((event) => [event["detail-type"], event.detail])).toEqual(
    ["create", "update", "delete"].map((operation) => [
      "CloudWatch Alarm Configuration Change",
      expect.objectContaining({ alarmName: "busy", operation }),
    ]),
  );
});

describe("CloudFormation", () => {
  test("creates an alarm from a template's properties, numbers as text included", async () => {
    const { cloudwatch, stateOf } = await serve();
    const create = cloudwatch.resources?.["AWS::CloudWatch::Alarm"];
    const { AlarmName: _, ...properties } = busy;
    const created = await create?.("BusyAlarm", { ...properties, Threshold: "10", EvaluationPeriods: "1" });
    expect(created).toMatchObject({
      ref: "BusyAlarm",
      attributes: { Arn: "arn:aws:cloudwatch:us-east-1:000000000000:alarm:BusyAlarm" },
    });
    expect(stateOf("BusyAlarm")).toBe("INSUFFICIENT_DATA");
  });

  test("says of a dashboard that it is shown nowhere", async () => {
    const { cloudwatch } = await serve();
    const create = cloudwatch.resources?.["AWS::CloudWatch::Dashboard"];
    expect(
      await create?.("Board", { DashboardName: "reflex", DashboardBody: '{"widgets":[]}' }),
    ).toMatchObject({
      ref: "reflex",
      notSimulated: ["The dashboard reflex is accepted and shown nowhere."],
    });
  });
});
