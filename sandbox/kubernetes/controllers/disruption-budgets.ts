import * as z from "zod/mini";
import { selects } from "../../../shared/kubernetes/scheduling/selector.ts";
import { labelSelectorShape } from "../../../shared/kubernetes/scheduling/selector-shape.ts";
import { isReady } from "../api-server/table.ts";
import { controllerOf, type KubeObject, numberAt } from "../object.ts";
import { isLive } from "../pods.ts";
import type { ClusterState } from "../state.ts";
import type { Controller } from "./controller.ts";

const amount = z.optional(z.union([z.number(), z.string()]));
const budgetShape = z.object({
  selector: z.optional(labelSelectorShape),
  minAvailable: amount,
  maxUnavailable: amount,
});

/** The budget's status, as Kubernetes' own controller computes it. */
export const disruptionBudgets: Controller = (state) => {
  for (const budget of state.store.list("poddisruptionbudgets")) {
    const counted = countBudget(state, budget);
    state.store.replace("poddisruptionbudgets", { ...budget, status: { ...counted } });
  }
};

export interface BudgetStatus {
  readonly expectedPods: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptionsAllowed: number;
}

export function countBudget(state: ClusterState, budget: KubeObject): BudgetStatus {
  const { minAvailable, maxUnavailable } = budgetShape.parse(budget.spec ?? {});
  const pods = podsOfBudget(state, budget);
  const currentHealthy = pods.filter((pod) => isLive(pod) && isReady(pod)).length;
  // Where a share is asked for, what it is a share of is what the controllers want, not what is there.
  const byScale = maxUnavailable !== undefined || typeof minAvailable === "string";
  const expectedPods = byScale ? expectedByScale(state, pods) : pods.length;
  const desiredHealthy =
    maxUnavailable === undefined
      ? share(minAvailable ?? 1, expectedPods)
      : Math.max(0, expectedPods - share(maxUnavailable, expectedPods));
  const disruptionsAllowed = pods.length === 0 ? 0 : Math.max(0, currentHealthy - desiredHealthy);
  return { expectedPods, currentHealthy, desiredHealthy, disruptionsAllowed };
}

/** `2` or `"50%"` of `expected`, rounded up. */
const share = (amount: number | string, expected: number): number =>
  typeof amount === "number" ? amount : Math.ceil((Number.parseInt(amount, 10) * expected) / 100);

function expectedByScale({ store }: ClusterState, pods: readonly KubeObject[]): number {
  const owners = new Map(pods.flatMap((pod) => (controllerOf(pod) ? [[controllerOf(pod)?.uid, true]] : [])));
  const scales = ["replicasets", "statefulsets"].flatMap((resource) =>
    store.list(resource).filter(({ metadata }) => owners.has(metadata.uid)),
  );
  return scales.reduce((sum, owner) => sum + numberAt(owner, "spec.replicas", 1), 0);
}

/** The pods a budget is about. */
export function podsOfBudget({ store }: ClusterState, budget: KubeObject): KubeObject[] {
  const { selector } = budgetShape.parse(budget.spec ?? {});
  if (!selector) return [];
  return store
    .list("pods")
    .filter(
      ({ metadata }) =>
        metadata.namespace === budget.metadata.namespace && selects(selector, metadata.labels ?? {}),
    );
}

/** The budgets that select a pod. */
export const budgetsOfPod = (state: ClusterState, pod: KubeObject): KubeObject[] =>
  state.store
    .list("poddisruptionbudgets")
    .filter((budget) =>
      podsOfBudget(state, budget).some(({ metadata }) => metadata.uid === pod.metadata.uid),
    );
