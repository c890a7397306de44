import type { ShrinkableGroup } from "../../../shared/node-pools/removal-rules/removal-rule.ts";

/** An Auto Scaling group with its instances. */
export interface GroupState extends ShrinkableGroup {
  readonly instances: readonly InstanceState[];
}

export interface InstanceState {
  readonly id: string;
  /** AWS's words, for example `InService` or `Terminating:Wait`. */
  readonly lifecycleState: string;
  readonly protectedFromScaleIn: boolean;
  /** What it counts for in the group's desired size. */
  readonly units: number;
}
