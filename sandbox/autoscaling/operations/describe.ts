import {
  type Activity,
  type Group,
  isWarmed,
  launchTemplateOf,
  type Member,
  type WarmPool,
  warmed,
} from "../group.ts";

export const describeGroup = (group: Group, arn: string): object => ({
  AutoScalingGroupName: group.name,
  AutoScalingGroupARN: arn,
  MinSize: group.min,
  MaxSize: group.max,
  DesiredCapacity: group.desired,
  DefaultCooldown: 300,
  LaunchTemplate: {
    LaunchTemplateId: launchTemplateOf(group),
    LaunchTemplateName: group.name,
    Version: "$Latest",
  },
  AvailabilityZones: [...group.zones],
  LoadBalancerNames: [],
  HealthCheckType: "EC2",
  HealthCheckGracePeriod: 0,
  // The instances of a warm pool are DescribeWarmPool's.
  Instances: [...group.members.values()].filter((member) => !isWarmed(member)).map(describeMember),
  ...(group.warmPool && {
    WarmPoolConfiguration: describeWarmPool(group.warmPool),
    WarmPoolSize: warmed(group).length,
  }),
  CreatedTime: new Date(group.createdAt),
  SuspendedProcesses: [...group.suspended].map((name) => ({
    ProcessName: name,
    SuspensionReason: "User suspended",
  })),
  Tags: [...group.tags].map(([Key, Value]) => ({
    ResourceId: group.name,
    ResourceType: "auto-scaling-group",
    Key,
    Value,
    PropagateAtLaunch: true,
  })),
  TerminationPolicies: ["Default"],
  NewInstancesProtectedFromScaleIn: false,
});

export const describeWarmPool = ({ minSize, maxPrepared, state, reuseOnScaleIn }: WarmPool): object => ({
  MinSize: minSize,
  ...(maxPrepared !== undefined && { MaxGroupPreparedCapacity: maxPrepared }),
  PoolState: state,
  InstanceReusePolicy: { ReuseOnScaleIn: reuseOnScaleIn },
});

export const describeMember = ({ machine, state, protectedFromScaleIn }: Member): object => ({
  InstanceId: machine.id,
  InstanceType: machine.instanceType,
  AvailabilityZone: machine.zone,
  LifecycleState: state,
  HealthStatus: machine.state === "shutting-down" || machine.state === "terminated" ? "Unhealthy" : "Healthy",
  ProtectedFromScaleIn: protectedFromScaleIn,
});

export const describeActivity = (activity: Activity, group: string): object => ({
  ActivityId: activity.id,
  AutoScalingGroupName: group,
  Description: activity.description,
  Cause: `At ${new Date(activity.startedAt).toISOString()} ${activity.cause}.`,
  StartTime: new Date(activity.startedAt),
  EndTime: activity.endedAt === undefined ? undefined : new Date(activity.endedAt),
  StatusCode: activity.status,
  StatusMessage: activity.statusMessage,
  Progress: activity.status === "InProgress" ? 50 : 100,
});
