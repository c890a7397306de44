import { describe, expect, it } from "vitest";
import { streamPolicies } from "../../../../functions/reshard-streams/config/streams.ts";
import { resourcesFor } from "../../../../functions/reshard-streams/deploy/resources.ts";

const resourcesOf = (config: Record<string, object>) => resourcesFor(streamPolicies.parse(config), "dev");
const typesOf = (config: Record<string, object>) =>
  Object.values(resourcesOf(config)).map(({ Type }) => Type);

describe("the resources that follow from the config", () => {
  it("are one alarm a named stream, and none for a pattern", () => {
    expect(typesOf({ orders: { max: 2 }, clicks: { max: 2 }, "logs-*": { max: 2 } })).toEqual([
      "AWS::CloudWatch::Alarm",
      "AWS::CloudWatch::Alarm",
    ]);
  });

  it("are the stream itself only where the config says create", () => {
    expect(typesOf({ sample: { max: 2, create: { shards: 1 } } })).toEqual([
      "AWS::CloudWatch::Alarm",
      "AWS::Kinesis::Stream",
    ]);
  });

  it("keep the two streams a.b and a-b apart, under names CloudFormation takes", () => {
    const ids = Object.keys(resourcesOf({ "a.b": { max: 2 }, "a-b": { max: 2 }, "orders_EU-1": { max: 2 } }));
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^[a-zA-Z0-9]+$/);
  });

  it("do not change with the entries beside them", () => {
    const alone = resourcesOf({ orders: { max: 2 } });
    expect(resourcesOf({ clicks: { max: 9 }, orders: { max: 2 } })).toMatchObject(alone);
  });
});

describe("a stream that is created", () => {
  it("is encrypted, provisioned, removed with the stack and never replaced in silence", () => {
    const [stream] = Object.values(resourcesOf({ sample: { max: 4, create: { shards: 3 } } })).slice(1);
    expect(stream).toMatchObject({
      DeletionPolicy: "Delete",
      UpdateReplacePolicy: "Retain",
      Properties: {
        Name: "sample",
        ShardCount: 3,
        StreamModeDetails: { StreamMode: "PROVISIONED" },
        StreamEncryption: { EncryptionType: "KMS", KeyId: "alias/aws/kinesis" },
      },
    });
  });
});

describe("the alarm of a stream", () => {
  const keys = { max: 8, scaleOutAt: 0.7, targetUtilisation: 0.5, shardCapacity: { recordsPerSecond: 0.1 } };
  const [alarm] = Object.values(resourcesOf({ orders: keys }));
  const properties = JSON.parse(JSON.stringify(alarm?.Properties));

  it("is named by stage and stream, so that the sweep finds it", () => {
    expect(properties.AlarmName).toBe("reflex-dev-stream-orders");
  });

  it("has the policy's threshold, fires on one minute of the last five and takes no data for no traffic", () => {
    expect(properties).toMatchObject({
      Threshold: 0.7,
      ComparisonOperator: "GreaterThanThreshold",
      EvaluationPeriods: 5,
      DatapointsToAlarm: 1,
      TreatMissingData: "notBreaching",
    });
  });

  it("invokes the function itself and acts on nothing but ALARM", () => {
    expect(properties.AlarmActions).toEqual([{ "Fn::GetAtt": ["ReshardDashstreamsLambdaFunction", "Arn"] }]);
    expect(properties).not.toHaveProperty("OKActions");
  });

  it("holds no shard count: it divides by the one that is published, so a reshard leaves it right", () => {
    const returned = properties.Metrics.filter(({ ReturnData }: { ReturnData: boolean }) => ReturnData);
    expect(returned).toMatchObject([{ Expression: expect.stringContaining("/ FILL(open, REPEAT)") }]);
    expect(returned[0].Expression).toContain("/ 62914560");
    expect(returned[0].Expression).toContain("/ 6])");
    expect(resourcesOf({ orders: { ...keys, max: 9, min: 3 } })).toEqual(resourcesOf({ orders: keys }));
  });

  it("defines each metric its expression names, and no more than the 10 CloudWatch allows", () => {
    const [{ Expression }, ...metrics] = properties.Metrics;
    const names = new Set(String(Expression).match(/\b[a-z][a-z0-9_]*\b/g));
    expect(names).toEqual(new Set(metrics.map(({ Id }: { Id: string }) => Id)));
    expect(properties.Metrics.length).toBeLessThanOrEqual(10);
  });

  it("watches the stream by its name and the metric the function publishes", () => {
    const [, ...metrics] = properties.Metrics;
    const watched = metrics.map(
      ({ MetricStat: { Metric } }: { MetricStat: { Metric: Record<string, unknown> } }) => [
        Metric.Namespace,
        Metric.MetricName,
        Metric.Dimensions,
      ],
    );
    const stream = { Name: "StreamName", Value: "orders" };
    expect(watched).toEqual([
      ["AWS/Kinesis", "IncomingBytes", [stream]],
      ["AWS/Kinesis", "IncomingRecords", [stream]],
      ["AWS/Kinesis", "WriteProvisionedThroughputExceeded", [stream]],
      ["Reflex", "OpenShardCount", [{ Name: "service", Value: "reshard-streams" }, stream]],
    ]);
  });
});
