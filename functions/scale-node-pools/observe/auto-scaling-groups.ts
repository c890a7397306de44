import {
  type Activity,
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeScalingActivitiesCommand,
  type InstancesDistribution,
} from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import { isRefreshing } from "../../../shared/node-pools/auto-scaling-groups.ts";
import type { FailedLaunch, Group, Instance, Launches } from "../model/cluster.ts";
import { failedLaunchOf } from "./launches/failed-launch.ts";

/** What lately happened in a group. */
export interface RecentActivity {
  /** Newest first. */
  readonly activities: readonly Activity[];
  readonly refreshing: boolean;
}

/** @param since ms since the epoch: older activities are left out as far as they come on pages of their own */
export async function recentActivity(
  client: AutoScalingClient,
  AutoScalingGroupName: string,
  since: number,
  abortSignal: AbortSignal,
): Promise<RecentActivity> {
  const [activities, refreshing] = await Promise.all([
    activitiesSince(client, AutoScalingGroupName, since, abortSignal).catch((error: unknown) => {
      throw asFailure(error, "autoscaling:DescribeScalingActivities", AutoScalingGroupName);
    }),
    isRefreshing(client, AutoScalingGroupName, abortSignal),
  ]);
  return { activities, refreshing };
}

/**
 * AWS answers newest first, those in progress before all, 100 at most: after a burst the launches of one group are
 * on several pages.
 */
async function activitiesSince(
  client: AutoScalingClient,
  AutoScalingGroupName: string,
  since: number,
  abortSignal: AbortSignal,
): Promise<Activity[]> {
  const found: Activity[] = [];
  const input = { AutoScalingGroupName, MaxRecords: 100 };
  let NextToken: string | undefined;
  do {
    const answer = await client.send(new DescribeScalingActivitiesCommand({ ...input, NextToken }), {
      abortSignal,
    });
    found.push(...(answer.Activities ?? []));
    NextToken = answer.NextToken;
  } while (NextToken !== undefined && (found.at(-1)?.StartTime?.getTime() ?? since) > since);
  return found;
}

/** An Auto Scaling group as our own. */
export function toGroup(group: AutoScalingGroup, { activities, refreshing }: RecentActivity): Group {
  const launches = launchTimes(activities);
  return {
    kind: "autoScalingGroup",
    name: group.AutoScalingGroupName ?? "",
    min: group.MinSize ?? 0,
    max: group.MaxSize ?? 0,
    desired: group.DesiredCapacity ?? 0,
    zones: group.AvailabilityZones ?? [],
    instances: (group.Instances ?? []).map((instance): Instance => {
      const id = instance.InstanceId ?? "";
      return {
        id,
        zone: instance.AvailabilityZone,
        state: stateOf(instance.LifecycleState ?? ""),
        healthy: instance.HealthStatus !== "Unhealthy",
        protectedFromScaleIn: instance.ProtectedFromScaleIn ?? false,
        launchedAt: launches.get(id),
        units: Number(instance.WeightedCapacity ?? 1),
      };
    }),
    suspended: (group.SuspendedProcesses ?? []).flatMap(({ ProcessName }) => ProcessName ?? []),
    refreshing,
    tags: Object.fromEntries((group.Tags ?? []).map(({ Key = "", Value = "" }) => [Key, Value])),
    failedLaunch: failedLaunch(activities),
    busy: undefined,
    nodeLabels: {},
    nodeTaints: [],
    launches: launchesOf(group),
  };
}

/** AWS chooses among the overrides where there are any; undefined where these are requirements instead of types. */
function launchesOf({
  LaunchTemplate,
  MixedInstancesPolicy: mixed,
  DesiredCapacity = 0,
}: AutoScalingGroup): Launches | undefined {
  const { LaunchTemplateSpecification, Overrides = [] } = mixed?.LaunchTemplate ?? {};
  if (Overrides.some(({ InstanceRequirements }) => InstanceRequirements)) return undefined;
  const { LaunchTemplateId: id, Version: version = "$Default" } =
    LaunchTemplateSpecification ?? LaunchTemplate ?? {};
  const weights = Overrides.flatMap(({ WeightedCapacity }) => WeightedCapacity ?? []).map(Number);
  return {
    instanceTypes: Overrides.flatMap(({ InstanceType }) => InstanceType ?? []),
    ...(id !== undefined && { template: { id, version } }),
    units: weights.length > 0 ? Math.min(...weights) : 1,
    ...(mixed && { market: marketOf(mixed.InstancesDistribution ?? {}, DesiredCapacity) }),
  };
}

/** Of a mix only part of the next instances is Spot: such a group costs what on-demand costs. */
const marketOf = (
  { OnDemandBaseCapacity = 0, OnDemandPercentageAboveBaseCapacity = 100 }: InstancesDistribution,
  desired: number,
): Launches["market"] =>
  OnDemandPercentageAboveBaseCapacity === 0 && desired >= OnDemandBaseCapacity ? "spot" : "on-demand";

/** https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-lifecycle.html */
function stateOf(lifecycleState: string): Instance["state"] {
  if (lifecycleState === "InService") return "running";
  if (lifecycleState.startsWith("Warmed") || lifecycleState.endsWith("Standby")) return "standbyOrWarm";
  return /^(Terminat|Detach|Quarantined)/.test(lifecycleState) ? "terminating" : "starting";
}

/**
 * A launch into service, from a warm pool too; "… into warm pool" makes no node.
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/ec2-auto-scaling-warm-pools.html
 */
const LAUNCH = /^Launching a new EC2 instance(?! into )(?: from warm pool)?(?:: (i-[0-9a-f]+))?/;

function launchTimes(activities: readonly Activity[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const { Description = "", StartTime } of activities) {
    const id = LAUNCH.exec(Description)?.[1];
    // Newest first: an instance of a warm pool is launched more than once.
    if (id !== undefined && StartTime && !found.has(id)) found.set(id, StartTime.getTime());
  }
  return found;
}

/** The newest failed launch, unless a later one succeeded. */
function failedLaunch(activities: readonly Activity[]): FailedLaunch | undefined {
  for (const { Description = "", StatusCode, StatusMessage, EndTime, StartTime } of activities) {
    if (!LAUNCH.test(Description)) continue;
    if (StatusCode === "Successful") return undefined;
    if (StatusCode === "Failed" || StatusCode === "Cancelled") {
      return failedLaunchOf((EndTime ?? StartTime)?.getTime() ?? 0, StatusMessage ?? StatusCode);
    }
  }
  return undefined;
}
