import { arn, arnOf, type Resource } from "../../../shared/cloudformation/resource.ts";
import {
  functionRole,
  keepLedger,
  logAndTrace,
  notifyAndDeadLetter,
  type Statement,
} from "../../../shared/cloudformation/role.ts";
import { arnsOf, fleetsOf } from "../../../shared/node-pools/arns.ts";
import type { NodePools } from "../../../shared/node-pools/policy.ts";

/** AWS has no resource level for these. */
const LOOK_AT_GROUPS_AND_FLEETS: Statement = {
  sid: "LookAtGroupsAndFleets",
  actions: [
    "autoscaling:DescribeAutoScalingGroups",
    "autoscaling:DescribeAutoScalingInstances",
    "autoscaling:DescribeInstanceRefreshes",
    "autoscaling:DescribeLifecycleHooks",
    "ec2:DescribeInstances",
    "ec2:DescribeSpotFleetInstances",
    "ec2:DescribeSpotFleetRequests",
  ],
  on: ["*"],
};

/** What the function may do, on the node pools of the config and no others; termination-policy has the same role. */
export function roleFor(pools: NodePools, stage: string): Record<string, Resource> {
  const role = functionRole(
    "drain-nodes",
    [
      ...statementsOn(pools),
      ...keepLedger(),
      ...notifyAndDeadLetter(),
      ...logAndTrace(`reflex-${stage}-drain-nodes`, `reflex-${stage}-termination-policy`),
    ],
    // The cluster's access entry names it: docs/kubernetes/access-entry.md.
    { "Fn::Sub": `reflex-${stage}-drain-nodes-\${AWS::Region}` },
  );
  return {
    DrainNodesRole: role,
    // Auto Scaling's own role is in an account once there is a group in it; before, AWS knows no such principal.
    ...(arnsOf(pools).autoScalingGroups.length > 0 && { TerminationPolicyPermission: asked() }),
  };
}

function statementsOn(pools: NodePools): Statement[] {
  const { clusters, autoScalingGroups, spotFleets } = arnsOf(pools);
  return [
    { sid: "FindClusters", actions: ["eks:DescribeCluster"], on: clusters },
    LOOK_AT_GROUPS_AND_FLEETS,
    {
      sid: "EndEmptiedInstances",
      actions: [
        "autoscaling:TerminateInstanceInAutoScalingGroup",
        "autoscaling:RecordLifecycleActionHeartbeat",
        "autoscaling:CompleteLifecycleAction",
      ],
      on: autoScalingGroups,
    },
    { sid: "ShrinkSpotFleets", actions: ["ec2:ModifySpotFleetRequest"], on: spotFleets },
    // Only instances that these fleets launched: those of a group are ended through their group.
    ...fleetsOf(pools).map((fleet, at) => ({
      sid: `EndEmptiedFleetInstances${at}`,
      actions: ["ec2:TerminateInstances"],
      on: [arn("ec2", "instance/*")],
      condition: { StringEquals: { "aws:ResourceTag/aws:ec2spot:fleet-request-id": fleet } },
    })),
  ];
}

/** Only Auto Scaling may ask which instances are drained. */
function asked(): Resource {
  return {
    Type: "AWS::Lambda::Permission",
    Properties: {
      FunctionName: arnOf("TerminationDashpolicyLambdaFunction"),
      Action: "lambda:InvokeFunction",
      Principal: {
        "Fn::Sub":
          "arn:${AWS::Partition}:iam::${AWS::AccountId}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
      },
    },
  };
}
