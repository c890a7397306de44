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

/** The plans that were made for one pool. */
export interface Plans {
  /** Which other scaler manages it, as a sentence. */
  readonly other: string | undefined;
  /** Absent when another scaler manages it. */
  readonly scaleOut: ScaleOutPlan | undefined;
  /** Absent when it scales out. */
  readonly scaleIn: ScaleInPlan | undefined;
  /** Absent when another scaler manages it. */
  readonly repair: RepairPlan | undefined;
  /** What was found out about the cluster's pods; of its first pool only, so that it is said once. */
  readonly pods: PodFindings | undefined;
}
