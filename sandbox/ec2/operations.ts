import * as z from "zod/mini";
import { AwsError } from "../wire/error.ts";
import { parse } from "../wire/parse.ts";
import { integer } from "../wire/scalars.ts";
import type { Fleet, Fleets } from "./fleets.ts";
import { machineOf, spotPriceOf } from "./instance-types.ts";
import type { Machine, Machines } from "./machines.ts";
import type { Ec2Operation } from "./protocol.ts";

const text = z.string();
const texts = z._default(z.array(text), []);

const describeInput = z.object({
  InstanceId: texts,
  Filter: z._default(z.array(z.object({ Name: text, Value: texts })), []),
});
const instanceIds = z.object({ InstanceId: z.array(text) });
const fleetIds = z.object({ SpotFleetRequestId: texts });
const fleetId = z.object({ SpotFleetRequestId: text });
const modifyInput = z.extend(fleetId, {
  TargetCapacity: integer,
  ExcessCapacityTerminationPolicy: z._default(z.enum(["noTermination", "default"]), "default"),
});

const typesInput = z.object({ InstanceType: texts });
const versionsInput = z.object({ LaunchTemplateId: text });

export function ec2Operations(
  machines: Machines,
  fleets: Fleets,
  now: () => number,
): Record<string, Ec2Operation> {
  return {
    DescribeInstances: (input) => {
      const { InstanceId, Filter } = parse(describeInput, input, "InvalidParameterValue");
      const wanted = InstanceId.length > 0 ? InstanceId.map((id) => machines.get(id)) : machines.all();
      const matching = wanted.filter((machine) =>
        Filter.every((filter) => passes(machine, filter.Name, filter.Value)),
      );
      return {
        reservationSet: matching.map((machine) => ({
          reservationId: `r-${machine.id}`,
          instancesSet: [describe(machine)],
        })),
      };
    },
    DescribeInstanceTypes: (input) => {
      const { InstanceType } = parse(typesInput, input, "InvalidParameterValue");
      return { instanceTypeSet: InstanceType.map(describeType) };
    },
    DescribeLaunchTemplateVersions: (input) => {
      const { LaunchTemplateId } = parse(versionsInput, input, "InvalidParameterValue");
      const template = machines.launchTemplates.get(LaunchTemplateId);
      if (template === undefined)
        throw new AwsError(
          "InvalidLaunchTemplateId.NotFound",
          `The specified launch template, with template ID ${LaunchTemplateId}, does not exist.`,
        );
      const { instanceType, spot } = template;
      const launchTemplateData = {
        instanceType,
        ...(spot && { instanceMarketOptions: { marketType: "spot" } }),
      };
      return {
        launchTemplateVersionSet: [
          { launchTemplateId: LaunchTemplateId, versionNumber: 1, defaultVersion: true, launchTemplateData },
        ],
      };
    },
    DescribeSpotPriceHistory: (input) => {
      const { InstanceType } = parse(typesInput, input, "InvalidParameterValue");
      return { spotPriceHistorySet: InstanceType.flatMap((type) => spotPrices(type, now())) };
    },
    TerminateInstances: (input) => {
      const changes = parse(instanceIds, input, "InvalidParameterValue").InstanceId.map((id) => {
        const before = machines.get(id).state;
        machines.terminate(id);
        return { instanceId: id, currentState: state(machines.get(id).state), previousState: state(before) };
      });
      return { instancesSet: changes };
    },
    DescribeSpotFleetRequests: (input) => {
      const { SpotFleetRequestId } = parse(fleetIds, input, "InvalidParameterValue");
      const wanted =
        SpotFleetRequestId.length > 0 ? SpotFleetRequestId.map((id) => fleets.get(id)) : fleets.all();
      return { spotFleetRequestConfigSet: wanted.map((fleet) => describeFleet(fleet, fleets)) };
    },
    DescribeSpotFleetInstances: (input) => {
      const { SpotFleetRequestId } = parse(fleetId, input, "InvalidParameterValue");
      const members = fleets.members(fleets.get(SpotFleetRequestId));
      return {
        spotFleetRequestId: SpotFleetRequestId,
        activeInstanceSet: members.map(({ id, instanceType }) => ({
          instanceId: id,
          instanceType,
          spotInstanceRequestId: `sir-${id}`,
          instanceHealth: "healthy",
        })),
      };
    },
    DescribeSpotFleetRequestHistory: (input) => {
      const { SpotFleetRequestId } = parse(fleetId, input, "InvalidParameterValue");
      return {
        spotFleetRequestId: SpotFleetRequestId,
        historyRecordSet: fleets
          .get(SpotFleetRequestId)
          .history.map(({ at, type, subType, description, instanceId }) => ({
            timestamp: new Date(at),
            eventType: type,
            eventInformation: { eventSubType: subType, eventDescription: description, instanceId },
          })),
      };
    },
    ModifySpotFleetRequest: (input) => {
      const { SpotFleetRequestId, TargetCapacity, ExcessCapacityTerminationPolicy } = parse(
        modifyInput,
        input,
        "InvalidParameterValue",
      );
      fleets.modify(SpotFleetRequestId, TargetCapacity, ExcessCapacityTerminationPolicy);
      return { return: true };
    },
  };
}

/** One price a zone; they differ a little. */
const spotPrices = (instanceType: string, now: number): object[] =>
  SPOT_ZONES.map((availabilityZone, index) => ({
    availabilityZone,
    instanceType,
    productDescription: "Linux/UNIX",
    spotPrice: (spotPriceOf(instanceType) * (1 + index / 100)).toFixed(6),
    timestamp: new Date(now),
  }));

const SPOT_ZONES = ["us-east-1a", "us-east-1b", "us-east-1c"];

function passes(machine: Machine, name: string, values: readonly string[]): boolean {
  if (name.startsWith("tag:")) return values.includes(machine.tags[name.slice(4)] ?? "");
  if (name === "instance-state-name") return values.includes(machine.state);
  if (name === "availability-zone") return values.includes(machine.zone);
  return true;
}

const CODES: Readonly<Record<Machine["state"], number>> = {
  pending: 0,
  running: 16,
  "shutting-down": 32,
  terminated: 48,
  stopping: 64,
  stopped: 80,
};
const state = (name: Machine["state"]) => ({ code: CODES[name], name });

const describe = (machine: Machine): object => ({
  instanceId: machine.id,
  instanceType: machine.instanceType,
  launchTime: new Date(machine.launchedAt),
  instanceState: state(machine.state),
  placement: { availabilityZone: machine.zone, tenancy: "default" },
  privateDnsName: machine.privateDnsName,
  ...(machine.spot && { instanceLifecycle: "spot" }),
  tagSet: Object.entries(machine.tags).map(([key, value]) => ({ key, value })),
});

function describeType(instanceType: string): object {
  const { vcpus, memoryMib, interfaces, addresses } = machineOf(instanceType);
  return {
    instanceType,
    vCpuInfo: { defaultVCpus: vcpus },
    memoryInfo: { sizeInMiB: memoryMib },
    networkInfo: { maximumNetworkInterfaces: interfaces, ipv4AddressesPerInterface: addresses },
    processorInfo: { supportedArchitectures: ["x86_64"] },
  };
}

const describeFleet = (fleet: Fleet, fleets: Fleets): object => ({
  spotFleetRequestId: fleet.id,
  spotFleetRequestState: "active",
  activityStatus: fleets.fulfilled(fleet) < fleet.target ? "pending_fulfillment" : "fulfilled",
  createTime: new Date(fleet.createdAt),
  spotFleetRequestConfig: {
    type: fleet.type,
    targetCapacity: fleet.target,
    fulfilledCapacity: fleets.fulfilled(fleet),
    excessCapacityTerminationPolicy: fleet.excess,
    iamFleetRole: "arn:aws:iam::000000000000:role/spot-fleet",
    launchSpecifications: fleet.pools.map(({ instanceType, zone, weight }) => ({
      instanceType,
      weightedCapacity: weight,
      placement: { availabilityZone: zone },
    })),
  },
});
