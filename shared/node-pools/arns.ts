import { arn, type Resource } from "../cloudformation/resource.ts";
import { clusterOf, type NodePools } from "./policy.ts";

/** The ARNs of what the pools of a config are made of, for the roles of the functions that manage them. */
export interface NodePoolArns {
  readonly clusters: readonly Resource[];
  readonly managedNodeGroups: readonly Resource[];
  readonly autoScalingGroups: readonly Resource[];
  readonly spotFleets: readonly Resource[];
}

export function arnsOf(pools: NodePools): NodePoolArns {
  const policies = Object.values(pools);
  const managed = policies.flatMap(({ managedNodeGroup }) => managedNodeGroup ?? []);
  const groups = [
    ...policies.flatMap(({ autoScalingGroups = [] }) => autoScalingGroups),
    // EKS makes a managed node group's groups, and names them after it.
    ...managed.map(({ name }) => `eks-${name}-*`),
  ];
  return {
    clusters: [...new Set(policies.flatMap((policy) => clusterOf(policy) ?? []))].map((name) =>
      arn("eks", `cluster/${name}`),
    ),
    // The last part is an id that EKS gives.
    managedNodeGroups: managed.map(({ cluster, name }) => arn("eks", `nodegroup/${cluster}/${name}/*`)),
    autoScalingGroups: groups.map((name) =>
      arn("autoscaling", `autoScalingGroup:*:autoScalingGroupName/${name}`),
    ),
    spotFleets: fleetsOf(pools).map((id) => arn("ec2", `spot-fleet-request/${id}`)),
  };
}

/** The ids of the Spot Fleet requests. */
export function fleetsOf(pools: NodePools): readonly string[] {
  return Object.values(pools).flatMap(({ spotFleet }) => spotFleet ?? []);
}
