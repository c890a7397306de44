import * as z from "zod/mini";
import { DEFAULT_INSTANCE_TYPE } from "../ec2/instance-types.ts";
import type { Operation } from "../wire/answer.ts";
import { AwsError } from "../wire/error.ts";
import { page } from "../wire/page.ts";
import { parse } from "../wire/parse.ts";
import { boolean, integer, list } from "../wire/scalars.ts";
import {
  type Activity,
  type Group,
  isWarmed,
  type LifecycleHook,
  launchTemplateOf,
  type Member,
  type WarmPool,
  warmed,
} from "./group.ts";
import type { Groups } from "./groups.ts";

const text = z.string();
const optionalText = z.optional(text);
const optionalInteger = z.optional(integer);
const texts = z._default(list(text), []);
const paging = (size: number) => ({ NextToken: optionalText, MaxRecords: z._default(integer, size) });

const groupName = z.object({ AutoScalingGroupName: text });
const tag = z.object({ Key: text, Value: z._default(text, "") });

/** The tag by which a cluster's groups are known, on AWS as here: their instances join that cluster. */
const CLUSTER_TAG = /^kubernetes\.io\/cluster\/(.+)$/;
/** cluster-autoscaler's tags for what a node of a group will look like. */
const LABEL_TAG = /^k8s\.io\/cluster-autoscaler\/node-template\/label\/(.+)$/;

const createInput = z.object({
  AutoScalingGroupName: text,
  MinSize: integer,
  MaxSize: integer,
  DesiredCapacity: optionalInteger,
  AvailabilityZones: list(text).check(
    z.minLength(1, { error: "expected zones: the sandbox has no subnets" }),
  ),
  Tags: z._default(list(tag), []),
});
const updateInput = z.extend(groupName, {
  MinSize: optionalInteger,
  MaxSize: optionalInteger,
  DesiredCapacity: optionalInteger,
});
const describeInput = z.object({ AutoScalingGroupNames: texts, ...paging(50) });
const instancesInput = z.object({
  InstanceIds: texts.check(z.maxLength(50, { error: "at most 50 instances a call" })),
  ...paging(50),
});
const terminateInput = z.object({ InstanceId: text, ShouldDecrementDesiredCapacity: boolean });
const activitiesInput = z.object({ AutoScalingGroupName: optionalText, ...paging(100) });
const hookInput = z.extend(groupName, {
  LifecycleHookName: text,
  LifecycleTransition: z.optional(
    z.enum(["autoscaling:EC2_INSTANCE_LAUNCHING", "autoscaling:EC2_INSTANCE_TERMINATING"]),
  ),
  HeartbeatTimeout: z._default(integer.check(z.minimum(30), z.maximum(7200)), 3600),
  DefaultResult: z._default(z.enum(["CONTINUE", "ABANDON"]), "ABANDON"),
  NotificationMetadata: optionalText,
});
const hooksInput = z.extend(groupName, { LifecycleHookNames: texts });
const actionInput = z.extend(groupName, {
  LifecycleHookName: text,
  LifecycleActionToken: optionalText,
  InstanceId: optionalText,
});
const completeInput = z.extend(actionInput, { LifecycleActionResult: z.enum(["CONTINUE", "ABANDON"]) });
const processesInput = z.extend(groupName, { ScalingProcesses: texts });
const protectionInput = z.extend(groupName, { InstanceIds: texts, ProtectedFromScaleIn: boolean });
const refreshesInput = z.extend(groupName, paging(50));
const warmPoolInput = z.extend(groupName, {
  MinSize: z._default(integer, 0),
  MaxGroupPreparedCapacity: optionalInteger,
  PoolState: z._default(z.enum(["Stopped", "Running"]), "Stopped"),
  InstanceReusePolicy: z.optional(z.object({ ReuseOnScaleIn: z._default(boolean, false) })),
});
const tagsInput = z.object({ Tags: list(z.extend(tag, { ResourceId: text })) });

const PROCESSES = [
  "Launch",
  "Terminate",
  "AddToLoadBalancer",
  "AlarmNotification",
  "AZRebalance",
  "HealthCheck",
  "InstanceRefresh",
  "ReplaceUnhealthy",
  "ScheduledActions",
];

export function autoScalingOperations(groups: Groups): Record<string, Operation> {
  return {
    CreateAutoScalingGroup: (input) => {
      const { MinSize, MaxSize, AutoScalingGroupName, AvailabilityZones, Tags, DesiredCapacity } = parse(
        createInput,
        input,
      );
      const tags = Object.fromEntries(Tags.map(({ Key, Value }) => [Key, Value]));
      const found = (pattern: RegExp) =>
        Tags.flatMap(({ Key, Value }) =>
          pattern.exec(Key) ? [[pattern.exec(Key)?.[1] ?? "", Value] as const] : [],
        );
      groups.create({
        name: AutoScalingGroupName,
        min: MinSize,
        max: MaxSize,
        desired: DesiredCapacity ?? MinSize,
        zones: AvailabilityZones,
        tags,
        launch: {
          instanceType: DEFAULT_INSTANCE_TYPE,
          spot: false,
          cluster: found(CLUSTER_TAG)[0]?.[0],
          labels: Object.fromEntries(found(LABEL_TAG)),
        },
      });
      return undefined;
    },
    UpdateAutoScalingGroup: (input) => {
      const { AutoScalingGroupName, MinSize, MaxSize, DesiredCapacity } = parse(updateInput, input);
      groups.resize(AutoScalingGroupName, { min: MinSize, max: MaxSize, desired: DesiredCapacity });
      return undefined;
    },
    DeleteAutoScalingGroup: (input) => {
      groups.remove(parse(groupName, input).AutoScalingGroupName);
      return undefined;
    },
    DescribeAutoScalingGroups: (input) => {
      const { AutoScalingGroupNames, NextToken, MaxRecords } = parse(describeInput, input);
      const wanted = groups
        .all()
        .filter(({ name }) => AutoScalingGroupNames.length === 0 || AutoScalingGroupNames.includes(name));
      const { items, nextToken } = page(wanted, NextToken, MaxRecords);
      return {
        AutoScalingGroups: items.map((group) => describeGroup(group, groups.arnOf(group.name))),
        NextToken: nextToken,
      };
    },
    DescribeAutoScalingInstances: (input) => {
      const { InstanceIds, NextToken, MaxRecords } = parse(instancesInput, input);
      const all = groups
        .all()
        .flatMap((group) => [...group.members.values()].map((member) => ({ group, member })));
      const wanted = all.filter(
        ({ member }) => InstanceIds.length === 0 || InstanceIds.includes(member.machine.id),
      );
      const { items, nextToken } = page(wanted, NextToken, MaxRecords);
      const described = items.map(({ group, member }) => ({
        ...describeMember(member),
        AutoScalingGroupName: group.name,
      }));
      return { AutoScalingInstances: described, NextToken: nextToken };
    },
    PutWarmPool: (input) => {
      const { AutoScalingGroupName, MinSize, MaxGroupPreparedCapacity, PoolState, InstanceReusePolicy } =
        parse(warmPoolInput, input);
      groups.setWarmPool(AutoScalingGroupName, {
        minSize: MinSize,
        maxPrepared: MaxGroupPreparedCapacity,
        state: PoolState,
        reuseOnScaleIn: InstanceReusePolicy?.ReuseOnScaleIn ?? false,
      });
      return {};
    },
    DeleteWarmPool: (input) => {
      groups.setWarmPool(parse(groupName, input).AutoScalingGroupName, undefined);
      return {};
    },
    DescribeWarmPool: (input) => {
      const group = groups.get(parse(groupName, input).AutoScalingGroupName);
      return {
        Instances: warmed(group).map(describeMember),
        ...(group.warmPool && { WarmPoolConfiguration: describeWarmPool(group.warmPool) }),
      };
    },
    SetDesiredCapacity: (input) => {
      const { AutoScalingGroupName, DesiredCapacity } = parse(
        z.extend(groupName, { DesiredCapacity: integer }),
        input,
      );
      groups.setDesired(AutoScalingGroupName, DesiredCapacity);
      return undefined;
    },
    TerminateInstanceInAutoScalingGroup: (input) => {
      const { InstanceId, ShouldDecrementDesiredCapacity } = parse(terminateInput, input);
      const name = groups.memberOf(InstanceId)?.group.name ?? "";
      return {
        Activity: describeActivity(groups.terminate(InstanceId, ShouldDecrementDesiredCapacity), name),
      };
    },
    DescribeScalingActivities: (input) => {
      const { AutoScalingGroupName, NextToken, MaxRecords } = parse(activitiesInput, input);
      const wanted = AutoScalingGroupName === undefined ? groups.all() : [groups.get(AutoScalingGroupName)];
      const all = wanted.flatMap(({ name, activities }) =>
        activities.map((activity) => describeActivity(activity, name)),
      );
      const { items, nextToken } = page(all, NextToken, MaxRecords);
      return { Activities: items, NextToken: nextToken };
    },
    PutLifecycleHook: (input) => {
      const hook = parse(hookInput, input);
      if (hook.LifecycleTransition === undefined)
        throw new AwsError("ValidationError", "LifecycleTransition is needed");
      groups.get(hook.AutoScalingGroupName).hooks.set(hook.LifecycleHookName, {
        name: hook.LifecycleHookName,
        transition: hook.LifecycleTransition,
        heartbeatSeconds: hook.HeartbeatTimeout,
        defaultResult: hook.DefaultResult,
        metadata: hook.NotificationMetadata,
      });
      return {};
    },
    DeleteLifecycleHook: (input) => {
      const { AutoScalingGroupName, LifecycleHookName } = parse(hookInput, input);
      groups.get(AutoScalingGroupName).hooks.delete(LifecycleHookName);
      return {};
    },
    DescribeLifecycleHooks: (input) => {
      const { AutoScalingGroupName, LifecycleHookNames } = parse(hooksInput, input);
      const hooks = [...groups.get(AutoScalingGroupName).hooks.values()];
      const wanted = hooks.filter(
        ({ name }) => LifecycleHookNames.length === 0 || LifecycleHookNames.includes(name),
      );
      return { LifecycleHooks: wanted.map((hook) => describeHook(hook, AutoScalingGroupName)) };
    },
    RecordLifecycleActionHeartbeat: (input) => {
      const { AutoScalingGroupName, LifecycleHookName, ...by } = parse(actionInput, input);
      groups.heartbeat(AutoScalingGroupName, LifecycleHookName, {
        token: by.LifecycleActionToken,
        instanceId: by.InstanceId,
      });
      return {};
    },
    CompleteLifecycleAction: (input) => {
      const { AutoScalingGroupName, LifecycleHookName, LifecycleActionResult, ...by } = parse(
        completeInput,
        input,
      );
      const which = { token: by.LifecycleActionToken, instanceId: by.InstanceId };
      groups.complete(AutoScalingGroupName, LifecycleHookName, which, LifecycleActionResult);
      return {};
    },
    SuspendProcesses: (input) => {
      const { AutoScalingGroupName, ScalingProcesses } = parse(processesInput, input);
      const { suspended } = groups.get(AutoScalingGroupName);
      for (const process of ScalingProcesses.length > 0 ? ScalingProcesses : PROCESSES)
        suspended.add(process);
      return undefined;
    },
    ResumeProcesses: (input) => {
      const { AutoScalingGroupName, ScalingProcesses } = parse(processesInput, input);
      const { suspended } = groups.get(AutoScalingGroupName);
      for (const process of ScalingProcesses.length > 0 ? ScalingProcesses : PROCESSES)
        suspended.delete(process);
      return undefined;
    },
    SetInstanceProtection: (input) => {
      const { AutoScalingGroupName, InstanceIds, ProtectedFromScaleIn } = parse(protectionInput, input);
      const { members } = groups.get(AutoScalingGroupName);
      for (const id of InstanceIds) {
        const member = members.get(id);
        if (!member)
          throw new AwsError(
            "ValidationError",
            `The instance ${id} is not part of Auto Scaling group ${AutoScalingGroupName}.`,
          );
        member.protectedFromScaleIn = ProtectedFromScaleIn;
      }
      return {};
    },
    StartInstanceRefresh: (input) => ({
      InstanceRefreshId: groups.startRefresh(parse(groupName, input).AutoScalingGroupName),
    }),
    CancelInstanceRefresh: (input) => ({
      InstanceRefreshId: groups.cancelRefresh(parse(groupName, input).AutoScalingGroupName),
    }),
    DescribeInstanceRefreshes: (input) => {
      const { AutoScalingGroupName, NextToken, MaxRecords } = parse(refreshesInput, input);
      const all = groups.get(AutoScalingGroupName).refreshes.map(({ id, status, startedAt }) => ({
        InstanceRefreshId: id,
        AutoScalingGroupName,
        Status: status,
        StartTime: new Date(startedAt),
      }));
      const { items, nextToken } = page(all, NextToken, MaxRecords);
      return { InstanceRefreshes: items, NextToken: nextToken };
    },
    CreateOrUpdateTags: (input) => {
      for (const { ResourceId, Key, Value } of parse(tagsInput, input).Tags)
        groups.get(ResourceId).tags.set(Key, Value);
      return undefined;
    },
  };
}

const describeGroup = (group: Group, arn: string): object => ({
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

const describeWarmPool = ({ minSize, maxPrepared, state, reuseOnScaleIn }: WarmPool): object => ({
  MinSize: minSize,
  ...(maxPrepared !== undefined && { MaxGroupPreparedCapacity: maxPrepared }),
  PoolState: state,
  InstanceReusePolicy: { ReuseOnScaleIn: reuseOnScaleIn },
});

const describeMember = ({ machine, state, protectedFromScaleIn }: Member): object => ({
  InstanceId: machine.id,
  InstanceType: machine.instanceType,
  AvailabilityZone: machine.zone,
  LifecycleState: state,
  HealthStatus: machine.state === "shutting-down" || machine.state === "terminated" ? "Unhealthy" : "Healthy",
  ProtectedFromScaleIn: protectedFromScaleIn,
});

const describeActivity = (activity: Activity, group: string): object => ({
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

const describeHook = (hook: LifecycleHook, group: string): object => ({
  LifecycleHookName: hook.name,
  AutoScalingGroupName: group,
  LifecycleTransition: hook.transition,
  HeartbeatTimeout: hook.heartbeatSeconds,
  GlobalTimeout: Math.min(172_800, 100 * hook.heartbeatSeconds),
  DefaultResult: hook.defaultResult,
  NotificationMetadata: hook.metadata,
});
