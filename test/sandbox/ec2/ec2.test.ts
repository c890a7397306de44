import {
  DescribeInstancesCommand,
  DescribeSpotFleetInstancesCommand,
  DescribeSpotFleetRequestHistoryCommand,
  DescribeSpotFleetRequestsCommand,
  EC2Client,
  ModifySpotFleetRequestCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createClock, type SandboxClock } from "../../../sandbox/clock/clock.ts";
import { createEc2, type Ec2 } from "../../../sandbox/ec2/ec2.ts";
import { FLEET_TAG, type Fleet } from "../../../sandbox/ec2/fleets.ts";
import { Machines } from "../../../sandbox/ec2/machines.ts";
import { Gate } from "../../node-pools/gate.ts";
import { inProcess, throughGate } from "../../node-pools/in-process.ts";
import { type RecordedDeliveries, recordDeliveries } from "../recorded-deliveries.ts";

const MINUTE = 60_000;

let clock: SandboxClock;
let machines: Machines;
let service: Ec2;
let deliveries: RecordedDeliveries;
let client: EC2Client;
let fleet: Fleet;

beforeEach(async () => {
  clock = createClock({ speed: 0, start: Date.UTC(2026, 2, 1) });
  deliveries = recordDeliveries();
  machines = new Machines(clock, deliveries);
  service = createEc2(clock, machines);
  client = throughGate(new EC2Client(inProcess(service)), new Gate());
  fleet = service.fleets.create({
    target: 6,
    pools: [
      { instanceType: "m5.large", zone: "us-east-1a", weight: 1 },
      { instanceType: "m5.xlarge", zone: "us-east-1b", weight: 2 },
    ],
    launch: {},
  });
  await clock.advance(MINUTE);
});
afterEach(async () => {
  clock.stop();
  await service.stop?.();
});

const config = async () => {
  const answer = await client.send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [fleet.id] }));
  return answer.SpotFleetRequestConfigs?.[0]?.SpotFleetRequestConfig ?? expect.unreachable("no fleet");
};
const instances = async () => {
  const answer = await client.send(new DescribeSpotFleetInstancesCommand({ SpotFleetRequestId: fleet.id }));
  return answer.ActiveInstances ?? [];
};
const modify = (TargetCapacity: number, ExcessCapacityTerminationPolicy?: "noTermination" | "default") =>
  client.send(
    new ModifySpotFleetRequestCommand({
      SpotFleetRequestId: fleet.id,
      TargetCapacity,
      ...(ExcessCapacityTerminationPolicy && { ExcessCapacityTerminationPolicy }),
    }),
  );

describe("a Spot Fleet", () => {
  it("launches as many weighted units as its target asks for, over its pools", async () => {
    expect((await instances()).map(({ InstanceType }) => InstanceType).toSorted()).toEqual([
      "m5.large",
      "m5.large",
      "m5.xlarge",
      "m5.xlarge",
    ]);
    expect(await config()).toMatchObject({ TargetCapacity: 6, FulfilledCapacity: 6, Type: "maintain" });
    expect((await config()).LaunchSpecifications).toMatchObject([
      { WeightedCapacity: 1 },
      { WeightedCapacity: 2 },
    ]);
  });

  it("marks its instances with its own tag", async () => {
    const [first] = await instances();
    const answer = await client.send(
      new DescribeInstancesCommand({ InstanceIds: [first?.InstanceId ?? ""] }),
    );
    const found = answer.Reservations?.[0]?.Instances?.[0];
    expect(found?.Tags).toEqual([{ Key: FLEET_TAG, Value: fleet.id }]);
    expect(found).toMatchObject({ InstanceLifecycle: "spot", State: { Name: "running", Code: 16 } });
  });

  it("keeps what is too much where the request says not to terminate, and replaces nothing above its target", async () => {
    await modify(4, "noTermination");
    expect(await instances()).toHaveLength(4);
    const [first] = await instances();
    await client.send(new TerminateInstancesCommand({ InstanceIds: [first?.InstanceId ?? ""] }));
    await clock.advance(MINUTE);
    expect(await instances()).toHaveLength(3);
  });

  it("terminates what is too much otherwise", async () => {
    await modify(2);
    await clock.advance(MINUTE);
    expect((await config()).FulfilledCapacity).toBe(2);
  });

  it("replaces an instance that went away", async () => {
    const [first] = await instances();
    await client.send(new TerminateInstancesCommand({ InstanceIds: [first?.InstanceId ?? ""] }));
    await clock.advance(MINUTE);
    expect((await config()).FulfilledCapacity).toBe(6);
  });

  it("says in its history where there was no capacity", async () => {
    for (const zone of ["us-east-1a", "us-east-1b"]) machines.limit(zone, 0);
    await modify(8);
    const { HistoryRecords } = await client.send(
      new DescribeSpotFleetRequestHistoryCommand({ SpotFleetRequestId: fleet.id, StartTime: new Date(0) }),
    );
    expect(HistoryRecords?.[0]).toMatchObject({
      EventType: "error",
      EventInformation: { EventDescription: expect.stringContaining("sufficient") },
    });
  });

  it("cannot be changed when it is of type request", async () => {
    fleet = service.fleets.create({ target: 1, type: "request", pools: fleet.pools, launch: {} });
    await expect(modify(2)).rejects.toThrow("Only Spot Fleet requests of type maintain can be modified.");
  });
});

describe("an instance", () => {
  const id = async () => (await instances())[0]?.InstanceId ?? "";

  it("takes its time to go", async () => {
    const gone = await id();
    const { TerminatingInstances } = await client.send(
      new TerminateInstancesCommand({ InstanceIds: [gone] }),
    );
    expect(TerminatingInstances).toMatchObject([
      { InstanceId: gone, PreviousState: { Name: "running" }, CurrentState: { Name: "shutting-down" } },
    ]);
    await clock.advance(MINUTE);
    expect(machines.get(gone).state).toBe("terminated");
  });

  it("is taken back two minutes after its warning", async () => {
    const warned = await id();
    machines.interrupt(warned);
    await clock.advance(2 * MINUTE - 1);
    expect(machines.get(warned).state).toBe("running");
    expect(deliveries.events).toMatchObject([
      {
        "detail-type": "EC2 Spot Instance Interruption Warning",
        detail: { "instance-id": warned, "instance-action": "terminate" },
      },
    ]);
    await clock.advance(1);
    expect(machines.get(warned).state).toBe("shutting-down");
  });

  it("may be recommended for a rebalance", async () => {
    machines.recommendRebalance(await id());
    await clock.advance(0);
    expect(deliveries.events).toMatchObject([{ "detail-type": "EC2 Instance Rebalance Recommendation" }]);
  });

  it("is not known when it never was", async () => {
    const unknown = client.send(new DescribeInstancesCommand({ InstanceIds: ["i-0"] }));
    await expect(unknown).rejects.toMatchObject({ name: "InvalidInstanceID.NotFound" });
  });
});
