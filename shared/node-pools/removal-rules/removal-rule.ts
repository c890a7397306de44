import type { Reason } from "../reason.ts";

/** Why an instance may not be removed from its group. */
export type RemovalCode =
  | "instance-not-in-group"
  | "instance-not-in-service"
  | "scale-in-protected"
  | "terminate-suspended"
  | "instance-refresh"
  | "group-at-min";

export type RemovalReason = Reason<RemovalCode>;

/** An instance, as far as the rules read it. */
export interface RemovableInstance {
  readonly id: string;
  /** For people: AWS's word where there is one, for example `Terminating:Wait`. */
  readonly state: string;
  readonly inService: boolean;
  readonly healthy: boolean;
  readonly protectedFromScaleIn: boolean;
}

/** An Auto Scaling group or Spot Fleet, as far as the rules read it. Sizes in its capacity units. */
export interface ShrinkableGroup {
  readonly name: string;
  readonly min: number;
  readonly desired: number;
  /** Suspended processes, for example `Terminate`. */
  readonly suspended: readonly string[];
  /** An instance refresh is under way. */
  readonly refreshing: boolean;
}

/** A smaller group, in its capacity units. */
export interface Reduction {
  /** Units of the instance that is to be removed. */
  readonly units: number;
  /** Units of the group's instances that our own plans already remove, this one not counted. */
  readonly unitsLeaving: number;
}
