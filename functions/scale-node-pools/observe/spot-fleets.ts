import {
  DescribeInstancesCommand,
  DescribeSpotFleetInstancesCommand,
  DescribeSpotFleetRequestHistoryCommand,
  DescribeSpotFleetRequestsCommand,
  EC2Client,
  type HistoryRecord,
  type Instance as MachineInstance,
  ModifySpotFleetRequestCommand,
  type SpotFleetRequestConfig,
} from "@aws-sdk/client-ec2";
import { clientOptions } from "../../../shared/aws/client-options.ts";
import { asFailure } from "../../../shared/aws/failure.ts";
import { Blocked, Misconfigured } from "../../../shared/lambda/errors.ts";
import { traced } from "../../../shared/tracing/aws-calls.ts";
import type { FailedLaunch, Group, Instance } from "../model/cluster.ts";

/** The Spot Fleet calls a pool needs. */
export interface SpotFleets {
  /** Throws Misconfigured when there is no such request, Blocked when AWS lets nobody change it. */
  describe(id: string, pool: string, now: number, signal: AbortSignal): Promise<Group>;
  /** Sets the target, in units, without ending any instance. */
  setTarget(id: string, units: number, signal: AbortSignal): Promise<void>;
}

/** How far back failed launches are asked for; the breaker looks back less. */
const HISTORY_MS = 60 * 60_000;

export function createSpotFleets(client: EC2Client = traced(new EC2Client(clientOptions()))): SpotFleets {
  return {
    async describe(id, pool, now, abortSignal) {
      const failed = (call: string) => (error: unknown) => {
        throw asFailure(error, `ec2:${call}`, `node-pool/${pool}`);
      };
      const SpotFleetRequestId = id;
      const [requests, active, history] = await Promise.all([
        client
          .send(new DescribeSpotFleetRequestsCommand({ SpotFleetRequestIds: [id] }), { abortSignal })
          .catch(unlessUnknown(failed("DescribeSpotFleetRequests"))),
        client
          .send(new DescribeSpotFleetInstancesCommand({ SpotFleetRequestId }), { abortSignal })
          .catch(unlessUnknown(failed("DescribeSpotFleetInstances"))),
        client
          .send(
            new DescribeSpotFleetRequestHistoryCommand({
              SpotFleetRequestId,
              StartTime: new Date(now - HISTORY_MS),
            }),
            { abortSignal },
          )
          .catch(unlessUnknown(failed("DescribeSpotFleetRequestHistory"))),
      ]);
      const request = requests?.SpotFleetRequestConfigs?.[0];
      const config = request?.SpotFleetRequestConfig;
      if (!config) {
        throw new Misconfigured(
          `there is no Spot Fleet request "${id}": correct nodePools.${pool}.spotFleet`,
        );
      }
      if (config.Type !== "maintain") {
        throw new Blocked(
          `Spot Fleet ${id} of node pool ${pool} is of type ${config.Type}: AWS lets only "maintain" be changed`,
        );
      }
      const ids = (active?.ActiveInstances ?? []).flatMap(({ InstanceId }) => InstanceId ?? []);
      const answer =
        ids.length === 0
          ? undefined
          : await client
              .send(new DescribeInstancesCommand({ InstanceIds: ids }), { abortSignal })
              .catch(failed("DescribeInstances"));
      const machines = (answer?.Reservations ?? []).flatMap(({ Instances = [] }) => Instances);
      const unhealthy = new Set(
        (active?.ActiveInstances ?? []).flatMap(({ InstanceId, InstanceHealth }) =>
          InstanceId && InstanceHealth === "unhealthy" ? [InstanceId] : [],
        ),
      );
      return toFleet(id, config, machines, unhealthy, {
        state: request?.SpotFleetRequestState ?? "",
        failedLaunch: failedLaunch(history?.HistoryRecords ?? []),
      });
    },

    async setTarget(SpotFleetRequestId, TargetCapacity, abortSignal) {
      try {
        await client.send(
          new ModifySpotFleetRequestCommand({
            SpotFleetRequestId,
            TargetCapacity,
            // Otherwise AWS chooses which instances it ends.
            ExcessCapacityTerminationPolicy: "noTermination",
          }),
          { abortSignal },
        );
      } catch (error) {
        throw asFailure(error, "ec2:ModifySpotFleetRequest", `spot-fleet/${SpotFleetRequestId}`);
      }
    },
  };
}

const unlessUnknown = (fail: (error: unknown) => never) => (error: unknown) => {
  if (error instanceof Error && error.name.startsWith("InvalidSpotFleetRequestId")) return undefined;
  return fail(error);
};

function toFleet(
  name: string,
  config: SpotFleetRequestConfig["SpotFleetRequestConfig"],
  machines: readonly MachineInstance[],
  unhealthy: ReadonlySet<string>,
  { state, failedLaunch }: { readonly state: string; readonly failedLaunch: FailedLaunch | undefined },
): Group {
  const weights = weightsOf(config);
  return {
    kind: "spotFleet",
    name,
    min: 0,
    // A fleet has no limit of its own: the pool's max, which the policy must give, is the only one.
    max: Number.MAX_SAFE_INTEGER,
    desired: config?.TargetCapacity ?? 0,
    zones: zonesOf(config),
    instances: machines.map(
      ({ InstanceId = "", InstanceType = "", Placement, State, LaunchTime }): Instance => ({
        id: InstanceId,
        zone: Placement?.AvailabilityZone,
        state: State?.Name === "running" ? "running" : State?.Name === "pending" ? "starting" : "leaving",
        healthy: !unhealthy.has(InstanceId),
        protectedFromScaleIn: false,
        launchedAt: LaunchTime?.getTime(),
        units: weights.get(InstanceType) ?? 1,
      }),
    ),
    suspended: [],
    refreshing: false,
    tags: {},
    failedLaunch,
    busy: state === "active" ? undefined : `the Spot Fleet request is ${state || "in an unknown state"}`,
    nodeLabels: {},
    nodeTaints: [],
  };
}

type Config = SpotFleetRequestConfig["SpotFleetRequestConfig"];

const launches = (config: Config) => [
  ...(config?.LaunchSpecifications ?? []).map(({ InstanceType, WeightedCapacity, Placement }) => ({
    type: InstanceType,
    weight: WeightedCapacity,
    zone: Placement?.AvailabilityZone,
  })),
  ...(config?.LaunchTemplateConfigs ?? []).flatMap(({ Overrides = [] }) =>
    Overrides.map(({ InstanceType, WeightedCapacity, AvailabilityZone }) => ({
      type: InstanceType,
      weight: WeightedCapacity,
      zone: AvailabilityZone,
    })),
  ),
];

const weightsOf = (config: Config): Map<string, number> =>
  new Map(launches(config).flatMap(({ type, weight }) => (type && weight ? [[type, weight] as const] : [])));

/** Its zones where it names them; a fleet that names subnets does not, and AWS chooses the zone. */
const zonesOf = (config: Config): string[] => [
  ...new Set(launches(config).flatMap(({ zone }) => zone?.split(",").map((each) => each.trim()) ?? [])),
];

/** The newest error since the last instance that was launched. */
function failedLaunch(records: readonly HistoryRecord[]): FailedLaunch | undefined {
  const newestFirst = [...records].sort(
    (a, b) => (b.Timestamp?.getTime() ?? 0) - (a.Timestamp?.getTime() ?? 0),
  );
  for (const { EventType, EventInformation, Timestamp } of newestFirst) {
    if (EventType === "instanceChange" && EventInformation?.EventSubType === "launched") return undefined;
    if (EventType === "error") {
      return {
        at: Timestamp?.getTime() ?? 0,
        message: EventInformation?.EventDescription ?? EventInformation?.EventSubType ?? "error",
      };
    }
  }
  return undefined;
}
