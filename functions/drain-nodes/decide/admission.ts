import type { Reason } from "../../../shared/node-pools/reason.ts";
import { groupRemovalReason } from "../../../shared/node-pools/removal-rules/group-rules.ts";
import { instanceRemovalReason } from "../../../shared/node-pools/removal-rules/instance-rules.ts";
import type { RemovalCode } from "../../../shared/node-pools/removal-rules/removal-rule.ts";
import type { GroupState } from "../model/group.ts";

/** An instance that is to be drained and terminated, with its group. */
export interface Candidate {
  readonly instanceId: string;
  /** Undefined when the instance is in no group. */
  readonly group: GroupState | undefined;
  /** Capacity units of this group that our own plans already remove, this one not counted. */
  readonly unitsLeaving: number;
}

export type RefusalReason = Reason<RemovalCode | "no-group">;

/** Why this instance must not be removed from its group; undefined when no rule applies. */
export function refusal({ instanceId, group, unitsLeaving }: Candidate): RefusalReason | undefined {
  if (!group) return { code: "no-group", text: `instance ${instanceId} is in no Auto Scaling group` };
  const instance = group.instances.find(({ id }) => id === instanceId);
  const removable = instance && {
    id: instanceId,
    state: instance.lifecycleState,
    inService: instance.lifecycleState === "InService",
    // What is already drained is terminated whatever its health.
    healthy: true,
    protectedFromScaleIn: instance.protectedFromScaleIn,
  };
  return (
    instanceRemovalReason(instanceId, removable, group.name) ??
    groupRemovalReason(group, { units: instance?.units ?? 1, unitsLeaving })
  );
}
