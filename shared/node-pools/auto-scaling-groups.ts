import {
  type AutoScalingClient,
  type AutoScalingGroup,
  DescribeAutoScalingGroupsCommand,
  DescribeInstanceRefreshesCommand,
} from "@aws-sdk/client-auto-scaling";
import { asFailure } from "../aws/failure.ts";
import { inCalls } from "../aws/in-calls.ts";

/** AWS takes 50 names a call. */
const NAMES_A_CALL = 50;

/** The groups with these names, by name; what does not exist is not in it. */
export async function describeGroups(
  client: AutoScalingClient,
  names: readonly string[],
  abortSignal: AbortSignal,
): Promise<Map<string, AutoScalingGroup>> {
  try {
    const answers = await Promise.all(
      inCalls(names, NAMES_A_CALL).map((AutoScalingGroupNames) =>
        client.send(new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames }), { abortSignal }),
      ),
    );
    const groups = answers.flatMap(({ AutoScalingGroups = [] }) => AutoScalingGroups);
    return new Map(groups.map((group) => [group.AutoScalingGroupName ?? "", group]));
  } catch (error) {
    throw asFailure(error, "autoscaling:DescribeAutoScalingGroups", names.join(", "));
  }
}

/** Refreshes that may still replace instances. */
const REFRESHING = new Set(["Pending", "InProgress", "Cancelling", "RollbackInProgress", "Baking"]);

/** Whether an instance refresh of the group is under way: then its instances are not ours to end. */
export async function isRefreshing(
  client: AutoScalingClient,
  AutoScalingGroupName: string,
  abortSignal: AbortSignal,
): Promise<boolean> {
  try {
    // The newest comes first, and only one can be under way.
    const input = { AutoScalingGroupName, MaxRecords: 1 };
    const answer = await client.send(new DescribeInstanceRefreshesCommand(input), { abortSignal });
    return (answer.InstanceRefreshes ?? []).some(({ Status }) => REFRESHING.has(Status ?? ""));
  } catch (error) {
    throw asFailure(error, "autoscaling:DescribeInstanceRefreshes", AutoScalingGroupName);
  }
}
