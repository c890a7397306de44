import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeInstanceRefreshesCommand,
} from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../../shared/aws/failure.ts";
import type { GroupState } from "./guards/admit.ts";

/** What DescribeAutoScalingInstances takes in one call. */
const INSTANCES_A_CALL = 50;

/** The refreshes that count on the group's instances. */
const REFRESHING = new Set(["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"]);

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
  for (let at = 0; at < instanceIds.length; at += INSTANCES_A_CALL) {
    const InstanceIds = instanceIds.slice(at, at + INSTANCES_A_CALL);
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
    groups.flatMap((group) => {
      const { AutoScalingGroupName: name, MinSize = 0, DesiredCapacity = 0 } = group;
      if (!name) return [];
      const state: GroupState = {
        name,
        min: MinSize,
        desired: DesiredCapacity,
        suspended: group.SuspendedProcesses?.flatMap(({ ProcessName }) => ProcessName ?? []) ?? [],
        refreshing: underWay.has(name),
        instances:
          group.Instances?.flatMap(({ InstanceId, LifecycleState, ProtectedFromScaleIn }) =>
            InstanceId
              ? [
                  {
                    id: InstanceId,
                    lifecycleState: LifecycleState ?? "",
                    protectedFromScaleIn: ProtectedFromScaleIn === true,
                  },
                ]
              : [],
          ) ?? [],
      };
      return [[name, state]];
    }),
  );
}

export async function describeGroups(
  client: AutoScalingClient,
  names: readonly string[],
  signal: AbortSignal,
): Promise<AutoScalingGroup[]> {
  if (names.length === 0) return [];
  try {
    const input = { AutoScalingGroupNames: [...names] };
    const answer = await client.send(new DescribeAutoScalingGroupsCommand(input), { abortSignal: signal });
    return answer.AutoScalingGroups ?? [];
  } catch (error) {
    throw asFailure(error, "autoscaling:DescribeAutoScalingGroups", names.join(", "));
  }
}

async function isRefreshing(client: AutoScalingClient, group: string, signal: AbortSignal): Promise<boolean> {
  try {
    const answer = await client.send(
      // The newest comes first; only one can be under way.
      new DescribeInstanceRefreshesCommand({ AutoScalingGroupName: group, MaxRecords: 1 }),
      { abortSignal: signal },
    );
    return (answer.InstanceRefreshes ?? []).some(({ Status }) => REFRESHING.has(Status ?? ""));
  } catch (error) {
    throw asFailure(error, "autoscaling:DescribeInstanceRefreshes", group);
  }
}
