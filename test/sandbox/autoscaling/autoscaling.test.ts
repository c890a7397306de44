import {
  AutoScalingClient,
  CompleteLifecycleActionCommand,
  CreateAutoScalingGroupCommand,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
  DescribeLifecycleHooksCommand,
  DescribeScalingActivitiesCommand,
  PutLifecycleHookCommand,
  RecordLifecycleActionHeartbeatCommand,
  ResumeProcessesCommand,
  SetDesiredCapacityCommand,
  SetInstanceProtectionCommand,
  StartInstanceRefreshCommand,
  SuspendProcessesCommand,
  TerminateInstanceInAutoScalingGroupCommand,
  UpdateAutoScalingGroupCommand,
} from "@aws-sdk/client-auto-scaling";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type AutoScaling, createAutoScaling } from "../../../sandbox/autoscaling/autoscaling.ts";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { Machines } from "../../../sandbox/ec2/machines.ts";
import { Gate } from "../../node-pools/gate.ts";
import { inProcess, throughGate } from "../../node-pools/in-process.ts";
import { type RecordedDeliveries, recordDeliveries } from "../recorded-deliveries.ts";

const MINUTE = 60_000;
const NAME = "workers";

let clock: SandboxClock;
let machines: Machines;
let service: AutoScaling;
let deliveries: RecordedDeliveries;
let client: AutoScalingClient;

beforeEach(async () => {
  clock = createClock({ speed: 0, start: Date.UTC(2026, 2, 1) });
  deliveries = recordDeliveries();
  machines = new Machines(clock, deliveries);
  service = createAutoScaling({ clock, machines, deliveries });
  client = throughGate(new AutoScalingClient(inProcess(service)), new Gate());
  await client.send(
    new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: NAME,
      MinSize: 1,
      MaxSize: 5,
      DesiredCapacity: 3,
      AvailabilityZones: ["us-east-1a", "us-east-1b", "us-east-1c"],
      Tags: [{ Key: "kubernetes.io/cluster/main", Value: "owned" }],
    }),
  );
  await clock.advance(MINUTE);
});
afterEach(async () => {
  clock.stop();
  await service.stop?.();
});

async function group() {
  const { AutoScalingGroups = [] } = await client.send(
    new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [NAME] }),
  );
  return AutoScalingGroups[0] ?? expect.unreachable("no group");
}
const states = async () => (await group()).Instances?.map(({ LifecycleState }) => LifecycleState);
const zones = async () =>
  (await group()).Instances?.map(({ AvailabilityZone }) => AvailabilityZone).toSorted();
const anInstance = async () => (await group()).Instances?.[0]?.InstanceId ?? "";
const desire = (DesiredCapacity: number) =>
  client.send(new SetDesiredCapacityCommand({ AutoScalingGroupName: NAME, DesiredCapacity }));
const terminate = (InstanceId: string, ShouldDecrementDesiredCapacity = true) =>
  client.send(new TerminateInstanceInAutoScalingGroupCommand({ InstanceId, ShouldDecrementDesiredCapacity }));

async function hook(HeartbeatTimeout = 300, DefaultResult = "ABANDON"): Promise<void> {
  const LifecycleTransition = "autoscaling:EC2_INSTANCE_TERMINATING";
  const input = {
    AutoScalingGroupName: NAME,
    LifecycleHookName: "drain",
    LifecycleTransition,
    HeartbeatTimeout,
    DefaultResult,
  };
  await client.send(new PutLifecycleHookCommand(input));
}

describe("an Auto Scaling group", () => {
  it("launches its instances over its zones, which take their time to come", async () => {
    await desire(5);
    expect(await states()).toEqual(["InService", "InService", "InService", "Pending", "Pending"]);
    await clock.advance(MINUTE);
    expect(await states()).toEqual(Array(5).fill("InService"));
    expect(await zones()).toEqual(["us-east-1a", "us-east-1a", "us-east-1b", "us-east-1b", "us-east-1c"]);
    expect((await group()).Tags).toMatchObject([{ Key: "kubernetes.io/cluster/main" }]);
  });

  it.each([
    [6, "New SetDesiredCapacity value 6 is above max value 5 for the AutoScalingGroup."],
    [0, "New SetDesiredCapacity value 0 is below min value 1 for the AutoScalingGroup."],
  ])("refuses a desired capacity of %i", async (size, message) => {
    await expect(desire(size)).rejects.toMatchObject({ name: "ValidationError", message });
  });

  it("is pulled inside limits that change", async () => {
    await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: NAME, MaxSize: 2 }));
    expect((await group()).DesiredCapacity).toBe(2);
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(2);
  });

  it("chooses the instance of the fullest zone itself when its desired capacity falls", async () => {
    await desire(4);
    await clock.advance(MINUTE);
    await desire(3);
    await clock.advance(MINUTE);
    expect(await zones()).toEqual(["us-east-1a", "us-east-1b", "us-east-1c"]);
  });

  it("spares an instance that is protected from scale-in", async () => {
    const id = await anInstance();
    await client.send(
      new SetInstanceProtectionCommand({
        AutoScalingGroupName: NAME,
        InstanceIds: [id],
        ProtectedFromScaleIn: true,
      }),
    );
    await desire(1);
    await clock.advance(MINUTE);
    expect((await group()).Instances?.map(({ InstanceId }) => InstanceId)).toEqual([id]);
  });

  it("ends an instance with its place, or launches another in it", async () => {
    await terminate(await anInstance());
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(2);
    await terminate(await anInstance(), false);
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(2);
  });

  it("refuses to end an instance with its place at the minimum", async () => {
    await client.send(new UpdateAutoScalingGroupCommand({ AutoScalingGroupName: NAME, MinSize: 3 }));
    await expect(terminate(await anInstance())).rejects.toThrow(/will violate group's min size constraint/);
  });

  it("does not know an instance that is not its own", async () => {
    await expect(terminate("i-0")).rejects.toThrow(
      "Instance Id not found - No managed instance found for instance ID: i-0",
    );
  });

  it("launches and ends nothing while the process is suspended", async () => {
    const ScalingProcesses = ["Launch"];
    await client.send(new SuspendProcessesCommand({ AutoScalingGroupName: NAME, ScalingProcesses }));
    expect((await group()).SuspendedProcesses).toMatchObject([{ ProcessName: "Launch" }]);
    await desire(5);
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(3);
    await client.send(new ResumeProcessesCommand({ AutoScalingGroupName: NAME, ScalingProcesses }));
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(5);
  });

  it("launches where there is capacity, and says why a launch failed", async () => {
    for (const zone of ["us-east-1a", "us-east-1b"]) machines.limit(zone, 0);
    await desire(5);
    await clock.advance(MINUTE);
    expect(await zones()).toEqual(["us-east-1a", "us-east-1b", "us-east-1c", "us-east-1c", "us-east-1c"]);
    machines.limit("us-east-1c", 0);
    await terminate(await anInstance(), false);
    await clock.advance(MINUTE);
    const { Activities = [] } = await client.send(
      new DescribeScalingActivitiesCommand({ AutoScalingGroupName: NAME }),
    );
    expect(Activities[0]).toMatchObject({
      StatusCode: "Failed",
      StatusMessage: expect.stringContaining("do not have sufficient m5.large capacity"),
    });
    machines.limit("us-east-1a");
    await clock.advance(2 * MINUTE);
    expect(await states()).toHaveLength(5);
  });

  it("replaces an instance that went away by itself", async () => {
    const id = await anInstance();
    machines.terminate(id);
    await clock.advance(2 * MINUTE);
    const now = (await group()).Instances?.map(({ InstanceId }) => InstanceId);
    expect(now).toHaveLength(3);
    expect(now).not.toContain(id);
  });

  it("answers the group and state of an instance", async () => {
    const id = await anInstance();
    const { AutoScalingInstances } = await client.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [id, "i-0"] }),
    );
    expect(AutoScalingInstances).toMatchObject([
      { InstanceId: id, AutoScalingGroupName: NAME, LifecycleState: "InService" },
    ]);
  });

  it("shows a refresh that is under way", async () => {
    await client.send(new StartInstanceRefreshCommand({ AutoScalingGroupName: NAME }));
    const { InstanceRefreshes } = await client.send(
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: NAME }),
    );
    expect(InstanceRefreshes).toMatchObject([{ Status: "InProgress" }]);
  });
});

describe("a lifecycle hook", () => {
  const event = () => deliveries.events.at(-1);
  const action = async () => ({
    AutoScalingGroupName: NAME,
    LifecycleHookName: "drain",
    InstanceId: (await group()).Instances?.find(({ LifecycleState }) => LifecycleState === "Terminating:Wait")
      ?.InstanceId,
  });

  it("holds the termination back and sends an EventBridge event", async () => {
    await hook();
    await desire(2);
    await clock.advance(0);
    expect((await states())?.toSorted()).toEqual(["InService", "InService", "Terminating:Wait"]);
    expect(event()).toMatchObject({
      source: "aws.autoscaling",
      "detail-type": "EC2 Instance-terminate Lifecycle Action",
      detail: {
        AutoScalingGroupName: NAME,
        LifecycleHookName: "drain",
        LifecycleTransition: "autoscaling:EC2_INSTANCE_TERMINATING",
      },
    });
    const { LifecycleHooks } = await client.send(
      new DescribeLifecycleHooksCommand({ AutoScalingGroupName: NAME }),
    );
    expect(LifecycleHooks).toMatchObject([
      { HeartbeatTimeout: 300, GlobalTimeout: 30_000, DefaultResult: "ABANDON" },
    ]);
  });

  it("lets go when it is completed, once", async () => {
    await hook();
    await desire(2);
    const complete = new CompleteLifecycleActionCommand({
      ...(await action()),
      LifecycleActionResult: "CONTINUE",
    });
    await client.send(complete);
    await expect(client.send(complete)).rejects.toThrow(/No active Lifecycle Action found/);
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(2);
  });

  it("lets go when its time is over", async () => {
    await hook(60);
    await desire(2);
    await clock.advance(59_000);
    expect(await states()).toContain("Terminating:Wait");
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(2);
  });

  it("holds on with heartbeats, and no longer than a hundred of its times", async () => {
    await hook(30);
    await desire(2);
    const beat = new RecordLifecycleActionHeartbeatCommand(await action());
    for (let second = 0; second < 3000; second += 20) {
      await clock.advance(20_000);
      if (second < 2960) await client.send(beat);
    }
    await clock.advance(MINUTE);
    expect(await states()).toHaveLength(2);
  });
});
