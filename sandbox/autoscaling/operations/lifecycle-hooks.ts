import * as z from "zod/mini";
import { AwsError } from "../../wire/error.ts";
import { parse } from "../../wire/parse.ts";
import { integer } from "../../wire/scalars.ts";
import type { LifecycleHook } from "../group.ts";
import { groupName, optionalText, text, texts } from "./inputs.ts";
import type { GroupsOperation } from "./operation.ts";

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

const describeHook = (hook: LifecycleHook, group: string): object => ({
  LifecycleHookName: hook.name,
  AutoScalingGroupName: group,
  LifecycleTransition: hook.transition,
  HeartbeatTimeout: hook.heartbeatSeconds,
  GlobalTimeout: Math.min(172_800, 100 * hook.heartbeatSeconds),
  DefaultResult: hook.defaultResult,
  NotificationMetadata: hook.metadata,
});

/** Lifecycle hooks, and the instances they hold. */
export const LIFECYCLE_HOOK_OPERATIONS: Readonly<Record<string, GroupsOperation>> = {
  PutLifecycleHook: (groups, input) => {
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
  DeleteLifecycleHook: (groups, input) => {
    const { AutoScalingGroupName, LifecycleHookName } = parse(hookInput, input);
    groups.get(AutoScalingGroupName).hooks.delete(LifecycleHookName);
    return {};
  },
  DescribeLifecycleHooks: (groups, input) => {
    const { AutoScalingGroupName, LifecycleHookNames } = parse(hooksInput, input);
    const hooks = [...groups.get(AutoScalingGroupName).hooks.values()];
    const wanted = hooks.filter(
      ({ name }) => LifecycleHookNames.length === 0 || LifecycleHookNames.includes(name),
    );
    return { LifecycleHooks: wanted.map((hook) => describeHook(hook, AutoScalingGroupName)) };
  },
  RecordLifecycleActionHeartbeat: (groups, input) => {
    const { AutoScalingGroupName, LifecycleHookName, ...by } = parse(actionInput, input);
    groups.heartbeat(AutoScalingGroupName, LifecycleHookName, {
      token: by.LifecycleActionToken,
      instanceId: by.InstanceId,
    });
    return {};
  },
  CompleteLifecycleAction: (groups, input) => {
    const { AutoScalingGroupName, LifecycleHookName, LifecycleActionResult, ...by } = parse(
      completeInput,
      input,
    );
    const which = { token: by.LifecycleActionToken, instanceId: by.InstanceId };
    groups.complete(AutoScalingGroupName, LifecycleHookName, which, LifecycleActionResult);
    return {};
  },
};
