import { type AutoScalingClient, SetDesiredCapacityCommand } from "@aws-sdk/client-auto-scaling";
import { type EKSClient, UpdateNodegroupConfigCommand } from "@aws-sdk/client-eks";
import { asFailure } from "../../../shared/aws/failure.ts";
import { Misconfigured, RetryLater } from "../../../shared/lambda/errors.ts";
import type { Pool } from "../model/cluster.ts";
import type { CapacityChange } from "../model/decision.ts";
import { type Dependencies, resourceOf } from "../run/dependencies.ts";

/** The group certainly did not take the new size, and will later. */
export class GroupBusy extends RetryLater {}

/**
 * Sets one group's size, and a managed node group's limits. Only ever upwards, but for what AWS did not launch: with a
 * lower desired size AWS would choose which nodes it terminates, with the pods on them.
 *
 * Throws GroupBusy when the group takes no change now, Misconfigured for a change that must not be made.
 */
export async function setSize(
  change: CapacityChange,
  pool: Pool,
  deps: Pick<Dependencies, "autoScaling" | "eks" | "spotFleets">,
  signal: AbortSignal,
): Promise<void> {
  const group = pool.groups.find(({ name }) => name === change.group);
  if (!group) {
    throw new Misconfigured(`node pool ${pool.name} has no group ${change.group}: its size was not changed`);
  }
  if (change.to < change.from && !change.unfilled) {
    throw new Misconfigured(
      `a lower size of ${change.group} (${change.from} -> ${change.to}) was not set: AWS would choose the nodes`,
    );
  }
  switch (group.kind) {
    case "autoScalingGroup":
      return setDesiredCapacity(change, deps.autoScaling, signal);
    case "managedNodeGroup":
      return updateNodegroupConfig(change, pool, deps.eks, signal);
    case "spotFleet":
      return (await deps.spotFleets()).setTarget(change.group, change.to, signal);
  }
}

async function setDesiredCapacity(
  { group, to }: CapacityChange,
  client: AutoScalingClient,
  abortSignal: AbortSignal,
): Promise<void> {
  const call = "autoscaling:SetDesiredCapacity";
  const input = { AutoScalingGroupName: group, DesiredCapacity: to, HonorCooldown: false };
  try {
    await client.send(new SetDesiredCapacityCommand(input), { abortSignal });
  } catch (error) {
    if (!isNamed(error, /^(ScalingActivityInProgress|ResourceContention)(Fault)?$/)) {
      throw asFailure(error, call, group);
    }
    const context = { call, resource: group, cause: error };
    throw new GroupBusy(`${call}: ${group} is busy; the next run sets its size`, context);
  }
}

async function updateNodegroupConfig(
  { from, to, limits }: CapacityChange,
  { name, policy: { managedNodeGroup } }: Pool,
  client: EKSClient,
  abortSignal: AbortSignal,
): Promise<void> {
  const call = "eks:UpdateNodegroupConfig";
  const resource = resourceOf(name);
  if (!managedNodeGroup) throw new Misconfigured(`node pool ${name} has no managed node group`);
  const scalingConfig = {
    ...(to !== from && { desiredSize: to }),
    ...(limits && { minSize: limits.min, maxSize: limits.max }),
  };
  const input = {
    clusterName: managedNodeGroup.cluster,
    nodegroupName: managedNodeGroup.name,
    scalingConfig,
  };
  try {
    await client.send(new UpdateNodegroupConfigCommand(input), { abortSignal });
  } catch (error) {
    if (!isNamed(error, /^ResourceInUseException$/)) throw asFailure(error, call, resource);
    const text = `${call}: the last update of ${managedNodeGroup.name} is still running; the next run sets its size`;
    throw new GroupBusy(text, { call, resource, cause: error });
  }
}

const isNamed = (error: unknown, name: RegExp): boolean => error instanceof Error && name.test(error.name);
