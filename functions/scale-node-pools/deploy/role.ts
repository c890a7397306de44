import { allowAlarmsToInvoke } from "../../../shared/cloudformation/allow-alarms-to-invoke.ts";
import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arn, type Resource } from "../../../shared/cloudformation/resource.ts";
import {
  functionRole,
  keepLedger,
  logAndTrace,
  notifyAndDeadLetter,
} from "../../../shared/cloudformation/role.ts";
import { arnsOf } from "../../../shared/node-pools/arns.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";
import type { SecretRef } from "../../../shared/secrets/secret-ref.ts";

/** What the function may do, on the node pools of the config and no others, and who may wake it. */
export function roleFor(
  pools: NodePools,
  stage: string,
  secrets: readonly SecretRef[],
): Record<string, Resource> {
  const { clusters, managedNodeGroups, autoScalingGroups, spotFleets } = arnsOf(pools);
  const role = functionRole(
    "scale-node-pools",
    [
      { sid: "FindClusters", actions: ["eks:DescribeCluster"], on: clusters },
      {
        sid: "LookAtAndGrowManagedNodeGroups",
        actions: ["eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"],
        on: managedNodeGroups,
      },
      // AWS has no resource level for these.
      {
        sid: "LookAtGroupsFleetsAndMetrics",
        actions: [
          "autoscaling:DescribeAutoScalingGroups",
          "autoscaling:DescribeScalingActivities",
          "autoscaling:DescribeInstanceRefreshes",
          "ec2:DescribeInstanceTypes",
          "ec2:DescribeInstances",
          "ec2:DescribeLaunchTemplateVersions",
          "ec2:DescribeSpotFleetInstances",
          "ec2:DescribeSpotFleetRequestHistory",
          "ec2:DescribeSpotFleetRequests",
          "ec2:DescribeSpotPriceHistory",
          "cloudwatch:GetMetricData",
        ],
        on: ["*"],
      },
      { sid: "GrowGroups", actions: ["autoscaling:SetDesiredCapacity"], on: autoScalingGroups },
      {
        sid: "TerminateInstancesThatNeverJoined",
        actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
        on: autoScalingGroups,
      },
      { sid: "GrowSpotFleets", actions: ["ec2:ModifySpotFleetRequest"], on: spotFleets },
      {
        sid: "HandNodesOver",
        actions: ["lambda:InvokeFunction"],
        on: [arn("lambda", `function:reflex-${stage}-drain-nodes`)],
      },
      ...readSecrets(secrets),
      ...keepLedger(),
      ...notifyAndDeadLetter(),
      ...logAndTrace(`reflex-${stage}-scale-node-pools`),
    ],
    // The cluster's access entry names it: docs/kubernetes/access-entry.md.
    { "Fn::Sub": `reflex-${stage}-scale-node-pools-\${AWS::Region}` },
  );
  return {
    ScaleNodePoolsRole: role,
    ScaleNodePoolsAlarmPermission: allowAlarmsToInvoke(
      "ScaleDashnodeDashpoolsLambdaFunction",
      `reflex-${stage}-node-pool-*`,
    ),
  };
}
