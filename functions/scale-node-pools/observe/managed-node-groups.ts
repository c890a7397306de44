import type { AutoScalingGroup } from "@aws-sdk/client-auto-scaling";
import {
  type CapacityTypes,
  DescribeNodegroupCommand,
  type EKSClient,
  type Nodegroup,
  type TaintEffect,
} from "@aws-sdk/client-eks";
import { asFailure } from "../../../shared/aws/failure.ts";
import type { Taint } from "../../../shared/kubernetes/node.ts";
import { Misconfigured } from "../../../shared/lambda/errors.ts";
import type { Group, Launches } from "../model/cluster.ts";
import { type RecentActivity, toGroup } from "./auto-scaling-groups.ts";

export interface ManagedName {
  readonly cluster: string;
  readonly name: string;
}

/** Throws Misconfigured when there is no such node group. */
export async function describeManaged(
  client: EKSClient,
  { cluster, name }: ManagedName,
  pool: string,
  abortSignal: AbortSignal,
): Promise<Nodegroup> {
  const call = "eks:DescribeNodegroup";
  try {
    const answer = await client.send(
      new DescribeNodegroupCommand({ clusterName: cluster, nodegroupName: name }),
      {
        abortSignal,
      },
    );
    if (answer.nodegroup) return answer.nodegroup;
  } catch (error) {
    if (!(error instanceof Error && error.name === "ResourceNotFoundException")) {
      throw asFailure(error, call, `node-pool/${pool}`);
    }
  }
  throw new Misconfigured(
    `there is no managed node group "${name}" in cluster "${cluster}": correct nodePools.${pool}.managedNodeGroup`,
    { call, resource: `node-pool/${pool}` },
  );
}

/** The names of its Auto Scaling groups; EKS makes one. */
export const groupNamesOf = ({ resources }: Nodegroup): string[] =>
  (resources?.autoScalingGroups ?? []).flatMap(({ name }) => name ?? []);

/** Its Auto Scaling group as our own; the limits and the desired size are the node group's. */
export function toManagedGroup(nodegroup: Nodegroup, group: AutoScalingGroup, lately: RecentActivity): Group {
  const { scalingConfig, status, labels = {}, taints = [], nodegroupName = "", capacityType } = nodegroup;
  const { instanceTypes = [] } = nodegroup;
  const own = toGroup(group, lately);
  return {
    ...own,
    kind: "managedNodeGroup",
    min: scalingConfig?.minSize ?? own.min,
    max: scalingConfig?.maxSize ?? own.max,
    busy: status !== undefined && BUSY.has(status) ? `its node group is ${status}` : undefined,
    nodeLabels: {
      ...labels,
      "eks.amazonaws.com/nodegroup": nodegroupName,
      ...(capacityType && { "eks.amazonaws.com/capacityType": capacityType }),
    },
    // Its group's own template is EKS's copy, which has the type only where the node group's own template names it.
    launches: launchesOf(instanceTypes, own.launches, capacityType),
    nodeTaints: taints.map(
      ({ key = "", value, effect = "NO_SCHEDULE" }): Taint => ({
        key,
        effect: EFFECTS[effect],
        ...(value !== undefined && { value }),
      }),
    ),
  };
}

function launchesOf(
  instanceTypes: readonly string[],
  own: Launches | undefined,
  capacityType: CapacityTypes | undefined,
): Launches | undefined {
  const launches = instanceTypes.length > 0 ? { instanceTypes, units: 1 } : own;
  return launches && { ...launches, market: capacityType === "SPOT" ? "spot" : "on-demand" };
}

/** While one of these lasts, EKS takes no other update (ResourceInUseException). */
const BUSY = new Set<string>(["CREATING", "UPDATING", "DELETING"]);

const EFFECTS: Readonly<Record<TaintEffect, Taint["effect"]>> = {
  NO_SCHEDULE: "NoSchedule",
  PREFER_NO_SCHEDULE: "PreferNoSchedule",
  NO_EXECUTE: "NoExecute",
};
