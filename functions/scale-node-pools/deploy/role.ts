import { allowAlarmsToInvoke } from "../../../shared/cloudformation/allow-alarms-to-invoke.ts";
import { readSecrets } from "../../../shared/cloudformation/read-secrets.ts";
import { arn, type Resource } from "../../../shared/cloudformation/resource.ts";
import {
  functionRole,
  keepLedger,
  logAndTrace,
  notifyAndDeadLetter,
  type Statement,
} from "../../../shared/cloudformation/role.ts";
import { arnsOf } from "../../../shared/node-pools/arns.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";
import type { SecretRef } from "../../../shared/secrets/secret-ref.ts";

/** AWS has no resource level for these. */
const LOOK_AT_GROUPS_FLEETS_AND_METRICS: Statement = {
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
};

/** What the function may do, on the node pools of the config and no others, and who may wake it. */
export function roleFor(
  pools: NodePools,
  stage: string,
  secrets: readonly SecretRef[],
): Record<string, Resource> {
  const name = `reflex-${stage}-scale-node-pools`;
  const drainNodes: Statement = {
    sid: "HandNodesOver",
    actions: ["lambda:InvokeFunction"],
    on: [arn("lambda", `function:reflex-${stage}-drain-nodes`)],
  };
  return {
    ScaleNodePoolsRole: functionRole(
      "scale-node-pools",
      [
        ...statementsOn(pools),
        drainNodes,
        ...readSecrets(secrets),
        ...keepLedger(),
        ...notifyAndDeadLetter(),
        ...logAndTrace(name),
      ],
      // The cluster's access entry names it: docs/kubernetes/access-entry.md.
      { "Fn::Sub": `${name}-\${AWS::Region}` },
    ),
    ScaleNodePoolsAlarmPermission: allowAlarmsToInvoke(
      "ScaleDashnodeDashpoolsLambdaFunction",
      `reflex-${stage}-node-pool-*`,
    ),
  };
}

function statementsOn(pools: NodePools): Statement[] {
  const { clusters, managedNodeGroups, autoScalingGroups, spotFleets } = arnsOf(pools);
  return [
    { sid: "FindClusters", actions: ["eks:DescribeCluster"], on: clusters },
    {
      sid: "LookAtAndGrowManagedNodeGroups",
      actions: ["eks:DescribeNodegroup", "eks:UpdateNodegroupConfig"],
      on: managedNodeGroups,
    },
    LOOK_AT_GROUPS_FLEETS_AND_METRICS,
    { sid: "GrowGroups", actions: ["autoscaling:SetDesiredCapacity"], on: autoScalingGroups },
    {
      sid: "TerminateInstancesThatNeverJoined",
      actions: ["autoscaling:TerminateInstanceInAutoScalingGroup"],
      on: autoScalingGroups,
    },
    { sid: "GrowSpotFleets", actions: ["ec2:ModifySpotFleetRequest"], on: spotFleets },
  ];
}
