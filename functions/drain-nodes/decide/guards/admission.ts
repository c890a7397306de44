import { groupMin } from "./group-min.ts";
import { instanceRefresh } from "./instance-refresh.ts";
import { instanceState } from "./instance-state.ts";
import { terminateSuspended } from "./terminate-suspended.ts";

/** The instance's Auto Scaling group, as far as the guards read it. */
export interface GroupState {
  readonly name: string;
  readonly min: number;
  readonly desired: number;
  /** Suspended processes, for example `Terminate`. */
  readonly suspended: readonly string[];
  /** An instance refresh is under way. */
  readonly refreshing: boolean;
  readonly instances: readonly InstanceState[];
}

export interface InstanceState {
  readonly id: string;
  /** AWS's words, for example `InService` or `Terminating:Wait`. */
  readonly lifecycleState: string;
  readonly protectedFromScaleIn: boolean;
}

/** A node that is to be emptied and ended, with its group. */
export interface Candidate {
  readonly instanceId: string;
  /** Undefined when the instance is in no group. */
  readonly group: GroupState | undefined;
  /** Instances of this group that are on their way out by our own plans, this one not counted. */
  readonly alreadyLeaving: number;
}

/** One reason not to begin; undefined when it does not apply. */
export type Guard = (candidate: Candidate, group: GroupState) => string | undefined;

/** In this order: the first that applies is the reason. */
const GUARDS: readonly Guard[] = [instanceState, terminateSuspended, instanceRefresh, groupMin];

/** Why this instance must not be taken out of its group; undefined when nothing speaks against it. */
export function refusal(candidate: Candidate): string | undefined {
  const { group } = candidate;
  if (!group) return `instance ${candidate.instanceId} is in no Auto Scaling group`;
  for (const guard of GUARDS) {
    const why = guard(candidate, group);
    if (why !== undefined) return why;
  }
  return undefined;
}
