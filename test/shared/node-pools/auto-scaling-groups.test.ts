import {
  AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
} from "@aws-sdk/client-auto-scaling";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, test } from "vitest";
import { Blocked } from "../../../shared/lambda/errors.ts";
import { describeGroups, isRefreshing } from "../../../shared/node-pools/auto-scaling-groups.ts";

const client = new AutoScalingClient({});
const mock = mockClient(client);
const { signal } = new AbortController();

beforeEach(() => mock.reset());

describe("groups", () => {
  test("are asked for 50 a call", async () => {
    mock
      .on(DescribeAutoScalingGroupsCommand)
      .callsFake(({ AutoScalingGroupNames }: { AutoScalingGroupNames: string[] }) => ({
        AutoScalingGroups: AutoScalingGroupNames.map((AutoScalingGroupName) => ({ AutoScalingGroupName })),
      }));
    const names = Array.from({ length: 120 }, (_, index) => `g${index}`);
    expect((await describeGroups(client, names, signal)).size).toBe(120);
    expect(
      mock
        .commandCalls(DescribeAutoScalingGroupsCommand)
        .map(({ args }) => args[0].input.AutoScalingGroupNames?.length),
    ).toEqual([50, 50, 20]);
  });

  test("that we may not read are an error with the permission's name", async () => {
    mock.on(DescribeAutoScalingGroupsCommand).rejects(
      Object.assign(new Error("not authorized"), {
        name: "AccessDenied",
        $metadata: { httpStatusCode: 403 },
      }),
    );
    await expect(describeGroups(client, ["workers"], signal)).rejects.toBeInstanceOf(Blocked);
  });
});

describe("an instance refresh", () => {
  test.each([
    ["InProgress", true],
    ["Pending", true],
    ["RollbackInProgress", true],
    ["Successful", false],
    ["Cancelled", false],
  ] as const)("that is %s: %s", async (Status, refreshing) => {
    mock.on(DescribeInstanceRefreshesCommand).resolves({ InstanceRefreshes: [{ Status }] });
    expect(await isRefreshing(client, "workers", signal)).toBe(refreshing);
  });
});
