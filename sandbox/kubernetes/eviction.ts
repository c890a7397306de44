import { ApiError, conflict } from "./api-server/api-error.ts";
import { isReady } from "./api-server/table.ts";
import { budgetsOfPod, countBudget } from "./controllers/disruption-budgets.ts";
import { type KubeObject, textAt } from "./object.ts";
import { endPod, isLive } from "./pods.ts";
import type { ClusterState } from "./state.ts";

/** What a deletion may be bound to. */
export interface DeleteOptions {
  /** Everything is checked, nothing is done. */
  readonly dryRun?: boolean | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly preconditions?:
    | { readonly uid?: string | undefined; readonly resourceVersion?: string | undefined }
    | undefined;
}

/** @throws {ApiError} 409 when the object is not the one that is meant */
export function checkPreconditions(
  resource: string,
  object: KubeObject,
  { preconditions }: DeleteOptions,
): void {
  const { name, uid, resourceVersion } = object.metadata;
  if (preconditions?.uid !== undefined && preconditions.uid !== uid) {
    const why = `the UID in the precondition (${preconditions.uid}) does not match the UID in record (${uid}). The object might have been deleted and then recreated`;
    throw conflict(resource, name, why);
  }
  if (preconditions?.resourceVersion !== undefined && preconditions.resourceVersion !== resourceVersion) {
    throw conflict(resource, name, `the resourceVersion in the precondition is not ${resourceVersion}`);
  }
}

/**
 * The eviction subresource: ends the pod if its PodDisruptionBudget allows it now.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 *
 * @throws {ApiError} 429 when a budget does not allow it, 500 when more than one budget selects the pod
 */
export function evict(state: ClusterState, pod: KubeObject, options: DeleteOptions, by: string): void {
  checkPreconditions("pods", pod, options);
  const unguarded = !isLive(pod) || textAt(pod, "status.phase") === "Pending";
  if (!unguarded) checkBudgets(state, pod);
  if (!options.dryRun) endPod(state, pod, "evicted", by, options.gracePeriodSeconds);
}

function checkBudgets(state: ClusterState, pod: KubeObject): void {
  const budgets = budgetsOfPod(state, pod);
  if (budgets.length > 1) {
    throw new ApiError(
      500,
      "InternalError",
      "This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.",
    );
  }
  for (const budget of budgets) {
    const { disruptionsAllowed, desiredHealthy, currentHealthy } = countBudget(state, budget);
    // One that is not healthy takes nothing from the healthy ones, as long as they are enough.
    if (!isReady(pod) && currentHealthy >= desiredHealthy && desiredHealthy > 0) continue;
    if (disruptionsAllowed > 0) continue;
    const message = `The disruption budget ${budget.metadata.name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
    throw new ApiError(
      429,
      "TooManyRequests",
      "Cannot evict pod as it would violate the pod's disruption budget.",
      { details: { causes: [{ reason: "DisruptionBudget", message }] } },
    );
  }
}
