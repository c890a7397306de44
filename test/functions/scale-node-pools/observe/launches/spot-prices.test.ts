import { DescribeSpotPriceHistoryCommand, EC2 } from "@aws-sdk/client-ec2";
import { mockClient } from "aws-sdk-client-mock";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type {
  Group,
  InstanceType,
  Launches,
} from "../../../../../functions/scale-node-pools/model/cluster.ts";
import {
  createLaunchTypes,
  type LaunchTypes,
} from "../../../../../functions/scale-node-pools/observe/launches/launch-types.ts";
import { createSpotPrices } from "../../../../../functions/scale-node-pools/observe/launches/spot-prices.ts";
import { createClock } from "../../../../../sandbox/clock/clock.ts";
import { createDeliveries } from "../../../../../sandbox/deliveries.ts";
import { createEc2 } from "../../../../../sandbox/ec2/ec2.ts";
import { Machines } from "../../../../../sandbox/ec2/machines.ts";
import { Gate } from "../../../../node-pools/gate.ts";
import { inProcess, throughGate } from "../../../../node-pools/in-process.ts";
import { group, MINUTE, NOW } from "../../given.ts";

const { signal } = new AbortController();
const type = (name: string, vcpus: number): InstanceType => ({
  name,
  vcpus,
  memoryMib: vcpus * 4096,
  maxPods: 29,
  arch: "amd64",
  extended: {},
});
const TYPES = [type("m5.xlarge", 4), type("m5.large", 2)];
const types: LaunchTypes = { of: async () => TYPES, isSpot: async ({ market }) => market === "spot" };
const launches: Launches = { instanceTypes: ["m5.xlarge", "m5.large"], units: 1, market: "spot" };
const spot = (over: Partial<Group> = {}): Group =>
  group("workers", [], { zones: ["us-east-1a", "us-east-1b"], launches, ...over });

let ec2: ReturnType<typeof mockClient>;
beforeEach(() => {
  ec2 = mockClient(EC2);
  ec2.on(DescribeSpotPriceHistoryCommand).resolves({
    SpotPriceHistory: [
      { AvailabilityZone: "us-east-1a", SpotPrice: "0.031000" },
      { AvailabilityZone: "us-east-1b", SpotPrice: "0.042000" },
      { AvailabilityZone: "us-east-1f", SpotPrice: "0.900000" },
    ],
  });
});
afterEach(() => ec2.restore());

const prices = () => createSpotPrices(types, new EC2({ region: "us-east-1" }));
const asked = () => ec2.commandCalls(DescribeSpotPriceHistoryCommand).map(({ args }) => args[0].input);

describe("the price of a group's next Spot instance", () => {
  test("is that of its smallest type in its dearest zone", async () => {
    expect(await prices().of(spot(), NOW, signal)).toEqual({ perHour: 0.042 });
    expect(asked()).toMatchObject([{ InstanceTypes: ["m5.large"], StartTime: new Date(NOW) }]);
  });

  test("is not asked of a group that launches others", async () => {
    const onDemand = spot({ launches: { ...launches, market: "on-demand" } });
    expect(await prices().of(onDemand, NOW, signal)).toBeUndefined();
    expect(await prices().of(spot({ launches: undefined }), NOW, signal)).toBeUndefined();
    expect(asked()).toEqual([]);
  });

  test("is asked once an hour", async () => {
    const kept = prices();
    for (const minutes of [0, 1, 59]) await kept.of(spot(), NOW + minutes * MINUTE, signal);
    expect(asked()).toHaveLength(1);
    await kept.of(spot(), NOW + 60 * MINUTE, signal);
    expect(asked()).toHaveLength(2);
  });

  test("that cannot be read stops nothing, and is not asked again within the hour", async () => {
    ec2
      .on(DescribeSpotPriceHistoryCommand)
      .rejects(Object.assign(new Error("no"), { name: "UnauthorizedOperation" }));
    const kept = prices();
    const unknown = { unknown: expect.stringContaining("ec2:DescribeSpotPriceHistory") };
    expect(await kept.of(spot(), NOW, signal)).toEqual(unknown);
    expect(await kept.of(spot(), NOW + MINUTE, signal)).toEqual(unknown);
    expect(asked()).toHaveLength(1);
  });

  test("of which AWS says nothing in its zones is not known", async () => {
    expect(await prices().of(spot({ zones: ["us-east-1c"] }), NOW, signal)).toEqual({
      unknown: "AWS names no price of m5.large in its zones",
    });
  });
});

test.each([
  [true, { perHour: 0.0404 }],
  [false, undefined],
])("a launch template says whether its instances are Spot: %s", async (isSpot, price) => {
  ec2.restore();
  const clock = createClock({ speed: 0, start: NOW, onError: () => {} });
  const machines = new Machines(clock, createDeliveries());
  machines.launchTemplates.set("lt-1", { instanceType: "m5.large", spot: isSpot });
  const client = throughGate(new EC2(inProcess(createEc2(clock, machines))), new Gate());
  const template = { id: "lt-1", version: "$Default" };
  const of = spot({ launches: { instanceTypes: [], units: 1, template } });
  expect(await createSpotPrices(createLaunchTypes(client), client).of(of, NOW, signal)).toEqual(price);
  clock.stop();
});
