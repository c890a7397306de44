import { CloudWatchClient, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, expect, it } from "vitest";
import { streamsInAlarm } from "../../../../functions/reshard-streams/observe/streams-in-alarm.ts";

const cloudwatch = mockClient(CloudWatchClient);
const taken: string[] = [];
beforeEach(() => {
  cloudwatch.reset();
  taken.length = 0;
});

const look = () =>
  streamsInAlarm(
    new CloudWatchClient({ region: "us-east-1" }),
    "reflex-dev-stream-",
    { take: async (call) => void taken.push(call) },
    new AbortController().signal,
  );

const metric = (name: string, value: string) => ({
  Id: "m",
  MetricStat: {
    Metric: {
      Namespace: "AWS/Kinesis",
      MetricName: "IncomingBytes",
      Dimensions: [{ Name: name, Value: value }],
    },
    Period: 60,
    Stat: "Sum",
  },
});

it("asks for our metric alarms that are in ALARM, and for nothing else", async () => {
  cloudwatch.on(DescribeAlarmsCommand).resolves({});
  await look();
  expect(cloudwatch.commandCalls(DescribeAlarmsCommand).map(({ args }) => args[0].input)).toEqual([
    expect.objectContaining({
      AlarmNamePrefix: "reflex-dev-stream-",
      StateValue: "ALARM",
      AlarmTypes: ["MetricAlarm"],
    }),
  ]);
});

it("finds the stream of a metric-math alarm and of a single-metric alarm, over all pages", async () => {
  cloudwatch
    .on(DescribeAlarmsCommand)
    .resolvesOnce({
      NextToken: "more",
      MetricAlarms: [
        {
          AlarmName: "a",
          Metrics: [
            { Id: "e", Expression: "m / open" },
            metric("StreamName", "orders"),
            metric("StreamName", "orders"),
          ],
        },
      ],
    })
    .resolvesOnce({
      MetricAlarms: [{ AlarmName: "b", Dimensions: [{ Name: "StreamName", Value: "clicks" }] }],
    });
  expect([...(await look())]).toEqual([
    ["orders", "a"],
    ["clicks", "b"],
  ]);
});

it("passes over an alarm that names no stream", async () => {
  cloudwatch
    .on(DescribeAlarmsCommand)
    .resolves({ MetricAlarms: [{ AlarmName: "a", Metrics: [metric("Queue", "x")] }] });
  expect((await look()).size).toBe(0);
});

it("that AWS refuses is an error by class that names the call", async () => {
  cloudwatch
    .on(DescribeAlarmsCommand)
    .rejects(Object.assign(new Error("no"), { name: "AccessDenied", $metadata: { httpStatusCode: 403 } }));
  await expect(look()).rejects.toMatchObject({ name: "Blocked", call: "cloudwatch:DescribeAlarms" });
});

it("waits for its turn before each page", async () => {
  cloudwatch.on(DescribeAlarmsCommand).resolvesOnce({ NextToken: "1" }).resolves({});
  await look();
  expect(taken).toEqual(["DescribeAlarms", "DescribeAlarms"]);
});
