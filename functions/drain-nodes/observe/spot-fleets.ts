import {
  DescribeInstancesCommand,
  DescribeSpotFleetRequestsCommand,
  EC2Client,
  ModifySpotFleetRequestCommand,
  TerminateInstancesCommand,
} from "@aws-sdk/client-ec2";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import { Blocked, Misconfigured } from "../../../shared/lambda/errors.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";

/** The Spot Fleet calls a drain needs. */
export interface SpotFleets {
  /** The Spot Fleet request that launched this instance; undefined when none did. */
  fleetOf(instanceId: string, signal: AbortSignal): Promise<string | undefined>;
  /** The fleet's target, and what one instance counts for in it. Both in weighted units. */
  capacity(fleet: string, instanceId: string, signal: AbortSignal): Promise<FleetCapacity>;
  /** Sets the target without ending any instance. */
  setTarget(fleet: string, units: number, signal: AbortSignal): Promise<void>;
  terminate(instanceId: string, signal: AbortSignal): Promise<void>;
}

export interface FleetCapacity {
  readonly target: number;
  readonly units: number;
}

/** The tag AWS puts on the instances of a Spot Fleet. */
const FLEET_TAG = "aws:ec2spot:fleet-request-id";

export function createSpotFleets(client: EC2Client = traced(new EC2Client(clientOptions()))): SpotFleets {
  const describe = async (instanceId: string, abortSignal: AbortSignal) => {
    try {
      const answer = await client.send(new DescribeInstancesCommand({ InstanceIds: [instanceId] }), {
        abortSignal,
      });
      return answer.Reservations?.[0]?.Instances?.[0];
    } catch (error) {
      // An instance that ended a while ago is no longer known.
      if (error instanceof Error && error.name === "InvalidInstanceID.NotFound") return undefined;
      throw asFailure(error, "ec2:DescribeInstances", instanceId);
    }
  };

  return {
    async fleetOf(instanceId, signal) {
      const instance = await describe(instanceId, signal);
      return instance?.Tags?.find(({ Key }) => Key === FLEET_TAG)?.Value;
    },

    async capacity(fleet, instanceId, abortSignal) {
      const instance = await describe(instanceId, abortSignal);
      const request = await client
        .send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [fleet] }), { abortSignal })
        .catch((error: unknown) => {
          throw asFailure(error, "ec2:DescribeSpotFleetRequests", `spot-fleet/${fleet}`);
        });
      const config = request.SpotFleetRequestConfigs?.[0]?.SpotFleetRequestConfig;
      if (!config) throw new Misconfigured(`there is no Spot Fleet request "${fleet}": correct the config`);
      if (config.Type !== "maintain") {
        throw new Blocked(
          `Spot Fleet ${fleet} is of type ${config.Type}: AWS lets only "maintain" be changed`,
        );
      }
      const types = [
        ...(config.LaunchSpecifications ?? []),
        ...(config.LaunchTemplateConfigs ?? []).flatMap(({ Overrides }) => Overrides ?? []),
      ];
      const own = types.find(({ InstanceType }) => InstanceType === instance?.InstanceType);
      return { target: config.TargetCapacity ?? 0, units: own?.WeightedCapacity ?? 1 };
    },

    async setTarget(fleet, units, abortSignal) {
      try {
        await client.send(
          new ModifySpotFleetRequestCommand({
            SpotFleetRequestId: fleet,
            TargetCapacity: units,
            // AWS would choose the instances itself otherwise.
            ExcessCapacityTerminationPolicy: "noTermination",
          }),
          { abortSignal },
        );
      } catch (error) {
        throw asFailure(error, "ec2:ModifySpotFleetRequest", `spot-fleet/${fleet}`);
      }
    },

    async terminate(instanceId, abortSignal) {
      try {
        await client.send(new TerminateInstancesCommand({ InstanceIds: [instanceId] }), { abortSignal });
      } catch (error) {
        throw asFailure(error, "ec2:TerminateInstances", instanceId);
      }
    },
  };
}
