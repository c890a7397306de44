import { type AutoScalingClient, DescribeAutoScalingInstancesCommand } from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../../shared/aws/failure.ts";
import { inCalls } from "../../../shared/aws/in-calls.ts";
import { describeGroups, isRefreshing } from "../../../shared/node-pools/auto-scaling-groups.ts";
import type { GroupState } from "../model/group.ts";

/** What DescribeAutoScalingInstances takes in one call. */
const INSTANCES_A_CALL = 50;

/** An instance, as its group sees it. */
export interface Membership {
  readonly instanceId: string;
  readonly group: string;
  readonly lifecycleState: string;
}

/** The groups of these instances, by instance; those in no group are left out. */
export async function memberships(
  client: AutoScalingClient,
  instanceIds: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, Membership>> {
  const found = new Map<string, Membership>();
  for (const InstanceIds of inCalls(instanceIds, INSTANCES_A_CALL)) {
    const answer = await client
      .send(new DescribeAutoScalingInstancesCommand({ InstanceIds }), { abortSignal: signal })
      .catch((error: unknown) => {
        throw asFailure(error, "autoscaling:DescribeAutoScalingInstances", InstanceIds.join(", "));
      });
    for (const { InstanceId, AutoScalingGroupName, LifecycleState } of answer.AutoScalingInstances ?? []) {
      if (!InstanceId || !AutoScalingGroupName) continue;
      found.set(InstanceId, {
        instanceId: InstanceId,
        group: AutoScalingGroupName,
        lifecycleState: LifecycleState ?? "",
      });
    }
  }
  return found;
}

/** These groups as the guards read them, by name; those that do not exist are left out. */
export async function groupStates(
  client: AutoScalingClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<Map<string, GroupState>> {
  const [groups, refreshing] = await Promise.all([
    describeGroups(client, names, signal),
    Promise.all(names.map((name) => isRefreshing(client, name, signal))),
  ]);
  const underWay = new Set(names.filter((_, index) => refreshing[index]));
  return new Map(
    [...groups].map(([name, group]) => {
      const { MinSize = 0, DesiredCapacity = 0 } = group;
      const state: GroupState = {
        name,
        min: MinSize,
        desired: DesiredCapacity,
        suspended: group.SuspendedProcesses?.flatMap(({ ProcessName }) => ProcessName ?? []) ?? [],
        refreshing: underWay.has(name),
        instances:
          group.Instances?.flatMap(
            ({ InstanceId, LifecycleState, ProtectedFromScaleIn, WeightedCapacity }) =>
              InstanceId
                ? [
                    {
                      id: InstanceId,
                      lifecycleState: LifecycleState ?? "",
                      protectedFromScaleIn: ProtectedFromScaleIn === true,
                      units: Number(WeightedCapacity ?? 1),
                    },
                  ]
                : [],
          ) ?? [],
      };
      return [name, state];
    }),
  );
}
