import type { EC2, HistoryRecord, Instance, SpotFleetRequestConfigData } from "@aws-sdk/client-ec2";
import { asFailure } from "../aws/failure.ts";
import { Blocked, Misconfigured } from "../lambda/errors.ts";
import type { FailedFleetLaunch, FleetInstance, SpotFleetRequest, SpotFleets } from "./spot-fleet.ts";

/** The tag AWS puts on the instances of a Spot Fleet. */
const FLEET_TAG = "aws:ec2spot:fleet-request-id";

/**
 * @param client the client with all its operations: a command imported here would bring EC2's client into every bundle
 *   (docs/decisions/bundles.md)
 */
export function createSpotFleets(client: EC2): SpotFleets {
  return {
    describe: (id, pool, signal) => describeRequest(client, id, pool, signal),
    activeInstances: (id, signal) => activeInstances(client, id, signal),
    failedLaunch: (id, since, signal) => failedLaunch(client, id, since, signal),

    async instance(instanceId, signal) {
      const [found] = await describeInstances(client, [instanceId], signal);
      return found && fleetInstance(found, new Set());
    },

    async setTarget(id, units, abortSignal) {
      const change = {
        SpotFleetRequestId: id,
        TargetCapacity: units,
        // Otherwise AWS chooses which instances it ends.
        ExcessCapacityTerminationPolicy: "noTermination",
      } as const;
      await client.modifySpotFleetRequest(change, { abortSignal }).catch((error: unknown) => {
        throw asFailure(error, "ec2:ModifySpotFleetRequest", `spot-fleet/${id}`);
      });
    },

    async terminate(instanceId, abortSignal) {
      const end = { InstanceIds: [instanceId] };
      await client.terminateInstances(end, { abortSignal }).catch((error: unknown) => {
        throw asFailure(error, "ec2:TerminateInstances", instanceId);
      });
    },
  };
}

async function describeRequest(
  client: EC2,
  id: string,
  pool: string,
  abortSignal: AbortSignal,
): Promise<SpotFleetRequest> {
  const answer = await client
    .describeSpotFleetRequests({ SpotFleetRequestIds: [id] }, { abortSignal })
    .catch(unlessUnknown("ec2:DescribeSpotFleetRequests", id));
  const request = answer?.SpotFleetRequestConfigs?.[0];
  const config = request?.SpotFleetRequestConfig;
  if (!config)
    throw new Misconfigured(`there is no Spot Fleet request "${id}": correct nodePools.${pool}.spotFleet`);
  if (config.Type !== "maintain") {
    throw new Blocked(
      `Spot Fleet ${id} of node pool ${pool} is of type ${config.Type}: AWS lets only "maintain" be changed`,
    );
  }
  const launches = launchesOf(config);
  return {
    id,
    state: request.SpotFleetRequestState ?? "",
    target: config.TargetCapacity ?? 0,
    zones: [...new Set(launches.flatMap(({ zone }) => zone?.split(",").map((each) => each.trim()) ?? []))],
    weights: new Map(
      launches.flatMap(({ type, weight }) => (type && weight ? [[type, weight] as const] : [])),
    ),
  };
}

const launchesOf = ({
  LaunchSpecifications = [],
  LaunchTemplateConfigs = [],
}: SpotFleetRequestConfigData) => [
  ...LaunchSpecifications.map(({ InstanceType, WeightedCapacity, Placement }) => ({
    type: InstanceType,
    weight: WeightedCapacity,
    zone: Placement?.AvailabilityZone,
  })),
  ...LaunchTemplateConfigs.flatMap(({ Overrides = [] }) =>
    Overrides.map(({ InstanceType, WeightedCapacity, AvailabilityZone }) => ({
      type: InstanceType,
      weight: WeightedCapacity,
      zone: AvailabilityZone,
    })),
  ),
];

async function activeInstances(client: EC2, id: string, abortSignal: AbortSignal): Promise<FleetInstance[]> {
  const answer = await client
    .describeSpotFleetInstances({ SpotFleetRequestId: id }, { abortSignal })
    .catch(unlessUnknown("ec2:DescribeSpotFleetInstances", id));
  const active = answer?.ActiveInstances ?? [];
  const ids = active.flatMap(({ InstanceId }) => InstanceId ?? []);
  if (ids.length === 0) return [];
  const unhealthy = new Set(
    active.flatMap(({ InstanceId, InstanceHealth }) =>
      InstanceId && InstanceHealth === "unhealthy" ? [InstanceId] : [],
    ),
  );
  const found = await describeInstances(client, ids, abortSignal);
  return found.map((instance) => fleetInstance(instance, unhealthy));
}

async function describeInstances(
  client: EC2,
  InstanceIds: string[],
  abortSignal: AbortSignal,
): Promise<Instance[]> {
  try {
    const answer = await client.describeInstances({ InstanceIds }, { abortSignal });
    return (answer.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
  } catch (error) {
    // EC2 forgets an instance about an hour after it ended.
    if (error instanceof Error && error.name === "InvalidInstanceID.NotFound") return [];
    throw asFailure(error, "ec2:DescribeInstances", InstanceIds.join(", "));
  }
}

const fleetInstance = (
  { InstanceId = "", InstanceType, Placement, State, LaunchTime, Tags }: Instance,
  unhealthy: ReadonlySet<string>,
): FleetInstance => ({
  id: InstanceId,
  type: InstanceType ?? "",
  zone: Placement?.AvailabilityZone,
  state: State?.Name ?? "",
  healthy: !unhealthy.has(InstanceId),
  launchedAt: LaunchTime?.getTime(),
  fleet: Tags?.find(({ Key }) => Key === FLEET_TAG)?.Value,
});

async function failedLaunch(
  client: EC2,
  id: string,
  since: number,
  abortSignal: AbortSignal,
): Promise<FailedFleetLaunch | undefined> {
  const input = { SpotFleetRequestId: id, StartTime: new Date(since) };
  const answer = await client
    .describeSpotFleetRequestHistory(input, { abortSignal })
    .catch(unlessUnknown("ec2:DescribeSpotFleetRequestHistory", id));
  const timeOf = ({ Timestamp }: HistoryRecord): number => Timestamp?.getTime() ?? 0;
  const newestFirst = (answer?.HistoryRecords ?? []).toSorted((a, b) => timeOf(b) - timeOf(a));
  const newest = newestFirst.find(
    ({ EventType, EventInformation }) =>
      EventType === "error" ||
      (EventType === "instanceChange" && EventInformation?.EventSubType === "launched"),
  );
  if (newest?.EventType !== "error") return undefined;
  const { EventDescription, EventSubType } = newest.EventInformation ?? {};
  return { at: timeOf(newest), message: EventDescription ?? EventSubType ?? "error" };
}

/** A request that does not exist is said once, by `describe`. */
const unlessUnknown = (call: string, id: string) => (error: unknown) => {
  if (error instanceof Error && error.name.startsWith("InvalidSpotFleetRequestId")) return undefined;
  throw asFailure(error, call, `spot-fleet/${id}`);
};
