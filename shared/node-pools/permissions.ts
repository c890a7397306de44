/** What the descriptors of both node automations name alike. */
import type { NodePools } from "./policy.ts";

export const CLUSTER = "arn:aws:eks:<region>:<account>:cluster/<cluster>";
export const GROUP = "arn:aws:autoscaling:<region>:<account>:autoScalingGroup:*:autoScalingGroupName/<group>";
export const SPOT_FLEET = "arn:aws:ec2:<region>:<account>:spot-fleet-request/<fleet>";

/** What stands for each placeholder of a node automation's permissions. */
export function nodePoolPlaceholders(nodePools: NodePools): Readonly<Record<string, readonly string[]>> {
  const pools = Object.values(nodePools);
  const managed = pools.flatMap(({ managedNodeGroup }) => managedNodeGroup ?? []);
  return {
    cluster: pools.flatMap(({ cluster, managedNodeGroup }) => cluster ?? managedNodeGroup?.cluster ?? []),
    "managed node group": managed.map(({ cluster, name }) => `${cluster}/${name}`),
    // EKS makes the groups of a managed node group and names them after it.
    group: [
      ...pools.flatMap(({ autoScalingGroups = [] }) => autoScalingGroups),
      ...managed.map(({ name }) => `eks-${name}-*`),
    ],
    fleet: pools.flatMap(({ spotFleet }) => spotFleet ?? []),
  };
}

/** One more node pool, as the bill counts it. */
export const NODE_POOLS_SAMPLE = {
  what: "a node pool",
  section: (count: number): object =>
    Object.fromEntries(
      Array.from({ length: count }, (_, at) => [
        `p${at}`,
        { cluster: "main", autoScalingGroups: [`g${at}`] },
      ]),
    ),
};
