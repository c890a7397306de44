import { expect, test } from "vitest";
import { resourcesFor } from "../../../../functions/scale-node-pools/deploy/resources.ts";
import { nodePools } from "../../../../shared/node-pools/policy.ts";

const resources = (pools: unknown) => resourcesFor(nodePools.parse(pools), "dev");

test("a pool that Container Insights measures has an alarm at its target, which invokes the function", () => {
  const made = resources({
    workers: { autoScalingGroups: ["a"], containerInsights: "main", targetUtilisation: 75 },
  });
  expect(Object.values(made)).toMatchObject([
    {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        AlarmName: "reflex-dev-node-pool-workers",
        Threshold: 75,
        AlarmActions: [{ "Fn::GetAtt": ["ScaleDashnodeDashpoolsLambdaFunction", "Arn"] }],
      },
    },
  ]);
});

test("a pool whose cluster is asked every minute needs no alarm", () => {
  expect(resources({ workers: { autoScalingGroups: ["a"], cluster: "main" } })).toEqual({});
});

test("two pools whose names differ only in signs have two alarms", () => {
  const pool = (group: string) => ({ autoScalingGroups: [group], containerInsights: "main" });
  expect(Object.keys(resources({ "a.b": pool("1"), "a-b": pool("2") }))).toHaveLength(2);
});
