import {
  type Activity,
  AutoScalingClient,
  type AutoScalingGroup,
  DescribeInstanceRefreshesCommand,
  DescribeScalingActivitiesCommand,
} from "@aws-sdk/client-auto-scaling";
import { mockClient } from "aws-sdk-client-mock";
import { beforeEach, describe, expect, test } from "vitest";
import {
  recentActivity,
  toGroup,
} from "../../../../functions/scale-node-pools/observe/auto-scaling-groups.ts";

const client = new AutoScalingClient({});
const mock = mockClient(client);
const { signal } = new AbortController();
const AT = new Date("2026-06-01T12:00:00Z");

const group = (over: Partial<AutoScalingGroup> = {}): AutoScalingGroup => ({
  AutoScalingGroupName: "workers",
  MinSize: 1,
  MaxSize: 9,
  DesiredCapacity: 3,
  DefaultCooldown: 300,
  AvailabilityZones: ["us-east-1a"],
  HealthCheckType: "EC2",
  CreatedTime: AT,
  ...over,
});

const activity = (Description: string, StatusCode: string, over: Partial<Activity> = {}): Activity => ({
  ActivityId: "1",
  AutoScalingGroupName: "workers",
  Cause: "",
  StartTime: AT,
  StatusCode: StatusCode as Activity["StatusCode"] & string,
  Description,
  ...over,
});

const NOTHING_LATELY = { activities: [], refreshing: false };

beforeEach(() => mock.reset());

describe("groups", () => {
  test("are read with their limits, zones, tags and suspended processes", () => {
    const read = toGroup(
      group({ SuspendedProcesses: [{ ProcessName: "AZRebalance" }], Tags: [{ Key: "a", Value: "b" }] }),
      NOTHING_LATELY,
    );
    expect(read).toMatchObject({
      name: "workers",
      min: 1,
      max: 9,
      desired: 3,
      zones: ["us-east-1a"],
      suspended: ["AZRebalance"],
      tags: { a: "b" },
    });
  });
});

describe("an instance", () => {
  test.each([
    ["InService", "running"],
    ["Pending", "starting"],
    ["Pending:Wait", "starting"],
    ["Pending:Proceed", "starting"],
    ["ReplacingRootVolume:Wait", "starting"],
    ["RootVolumeReplaced", "starting"],
    ["Terminating", "terminating"],
    ["Terminating:Retained", "terminating"],
    ["Terminating:Wait", "terminating"],
    ["Terminated", "terminating"],
    ["Detaching", "terminating"],
    ["Quarantined", "terminating"],
    ["Standby", "standbyOrWarm"],
    ["EnteringStandby", "standbyOrWarm"],
    ["Warmed:Stopped", "standbyOrWarm"],
    ["Warmed:Pending:Wait", "standbyOrWarm"],
  ])("that is %s is %s", (LifecycleState, state) => {
    const instance = {
      InstanceId: "i-1",
      AvailabilityZone: "us-east-1a",
      LifecycleState: LifecycleState as "InService",
      HealthStatus: "Healthy",
      ProtectedFromScaleIn: false,
    };
    expect(toGroup(group({ Instances: [instance] }), NOTHING_LATELY).instances).toMatchObject([
      { id: "i-1", state },
    ]);
  });

  test("has its weight, its protection, its health and the time of its launch", () => {
    const instance = {
      InstanceId: "i-0ab",
      AvailabilityZone: "us-east-1a",
      LifecycleState: "InService" as const,
      HealthStatus: "Unhealthy",
      ProtectedFromScaleIn: true,
      WeightedCapacity: "4",
    };
    const activities = [activity("Launching a new EC2 instance: i-0ab", "Successful")];
    expect(toGroup(group({ Instances: [instance] }), { activities, refreshing: false }).instances).toEqual([
      {
        id: "i-0ab",
        zone: "us-east-1a",
        state: "running",
        healthy: false,
        protectedFromScaleIn: true,
        launchedAt: AT.getTime(),
        units: 4,
      },
    ]);
  });
});

const INSTANCE = {
  InstanceId: "i-0ab",
  AvailabilityZone: "us-east-1a",
  LifecycleState: "InService" as const,
  HealthStatus: "Healthy",
  ProtectedFromScaleIn: false,
};

describe("when an instance was launched", () => {
  const MINUTE = 60_000;
  const launchedAt = (...activities: Activity[]) =>
    toGroup(group({ Instances: [INSTANCE] }), {
      activities,
      refreshing: false,
    }).instances[0]?.launchedAt;
  const at = (description: string, minutesAgo = 0): Activity => ({
    ...activity(description, "Successful"),
    StartTime: new Date(AT.getTime() - minutesAgo * MINUTE),
  });

  test.each(["Launching a new EC2 instance: i-0ab", "Launching a new EC2 instance from warm pool: i-0ab"])(
    "is known from: %s",
    (description) => {
      expect(launchedAt(at(description))).toBe(AT.getTime());
    },
  );

  test("is when it left the warm pool, the last time", () => {
    const times = [
      at("Launching a new EC2 instance from warm pool: i-0ab"),
      at("Launching a new EC2 instance from warm pool: i-0ab", 60),
      at("Launching a new EC2 instance into warm pool: i-0ab", 90),
    ];
    expect(launchedAt(...times)).toBe(AT.getTime());
  });

  test("is not when it went into the warm pool", () => {
    expect(launchedAt(at("Launching a new EC2 instance into warm pool: i-0ab"))).toBeUndefined();
  });
});

describe("a failed launch", () => {
  const failed = activity("Launching a new EC2 instance.  Status Reason: no capacity", "Failed", {
    EndTime: AT,
    StatusMessage: "no m5.large capacity",
  });
  const of = (...activities: Activity[]) => toGroup(group(), { activities, refreshing: false }).failedLaunch;

  test("is the newest one", () => {
    expect(of(failed)).toEqual({ at: AT.getTime(), message: "no m5.large capacity" });
  });

  test.each([
    [
      "We currently do not have sufficient m5.large capacity in the Availability Zone you requested (us-east-1a).",
      "m5.large",
    ],
    ["You have requested more vCPU capacity than your current vCPU limit of 32 allows", undefined],
  ])("names the type that AWS does not have, where it says so: %s", (message, missingType) => {
    const one = of(
      activity("Launching a new EC2 instance", "Failed", { EndTime: AT, StatusMessage: message }),
    );
    expect(one?.missingType).toBe(missingType);
  });

  test("is over when a later launch succeeded", () => {
    expect(of(activity("Launching a new EC2 instance: i-1", "Successful"), failed)).toBeUndefined();
  });

  test("is not over by one that is still on its way, or by a termination", () => {
    expect(
      of(
        activity("Launching a new EC2 instance: i-1", "InProgress"),
        activity("Terminating EC2 instance: i-2", "Successful"),
        failed,
      ),
    ).toBeDefined();
  });
});

describe("activities", () => {
  const launch = (minutesAgo: number) => ({
    ...activity(`Launching a new EC2 instance: i-${minutesAgo}`, "Successful"),
    StartTime: new Date(AT.getTime() - minutesAgo * 60_000),
  });
  const since = (minutesAgo: number) =>
    recentActivity(client, "workers", AT.getTime() - minutesAgo * 60_000, signal);

  beforeEach(() => {
    mock.on(DescribeInstanceRefreshesCommand).resolves({ InstanceRefreshes: [] });
    mock
      .on(DescribeScalingActivitiesCommand, { NextToken: undefined })
      .resolves({ Activities: [launch(1), launch(2)], NextToken: "more" })
      .on(DescribeScalingActivitiesCommand, { NextToken: "more" })
      .resolves({ Activities: [launch(9)], NextToken: "older" })
      .on(DescribeScalingActivitiesCommand, { NextToken: "older" })
      .rejects(new Error("six weeks of them"));
  });

  test("are read on while a page ends within the time that is asked for", async () => {
    expect((await since(5)).activities).toEqual([launch(1), launch(2), launch(9)]);
  });

  test("are read no further than that", async () => {
    expect((await since(2)).activities).toEqual([launch(1), launch(2)]);
  });

  test("come with whether an instance refresh is under way", async () => {
    mock.on(DescribeInstanceRefreshesCommand).resolves({ InstanceRefreshes: [{ Status: "InProgress" }] });
    expect(await since(2)).toMatchObject({ refreshing: true });
  });
});
