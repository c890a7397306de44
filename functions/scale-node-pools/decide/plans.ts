import type { Unreadable } from "../../../shared/kubernetes/api/unreadable.ts";
import type { RepairPlan } from "./scale-in/repair.ts";
import type { ScaleInPlan } from "./scale-in/scale-in.ts";
import type { ScaleOutPlan } from "./scale-out/scale-out.ts";
import type { UnschedulablePods } from "./scale-out/unschedulable.ts";
import type { ExcludedPod, OwnerStatuses } from "./snapshot/pending-pods.ts";

/** Pods of a cluster that no node helps, or that nobody can read. */
export interface PodFindings {
  readonly excluded: readonly ExcludedPod[];
  readonly unschedulable: readonly UnschedulablePods[];
  readonly unreadable: readonly Unreadable[];
  readonly owners: OwnerStatuses;
}

/** The plans for a pool that no other scaler manages. */
interface OwnPlans {
  readonly scaleOut: ScaleOutPlan;
  /** Absent when it scales out, or its growth is refused. */
  readonly scaleIn: ScaleInPlan | undefined;
  readonly repair: RepairPlan;
}

/** The plans that were made for one pool. */
export interface Plans {
  /** Which other scaler manages it, as a sentence. */
  readonly other: string | undefined;
  /** Absent when another scaler manages it. */
  readonly own: OwnPlans | undefined;
  /** What was found out about the cluster's pods; of its first pool only, so that it is said once. */
  readonly pods: PodFindings | undefined;
}
