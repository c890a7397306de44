import * as z from "zod/mini";
import type { KubernetesApi } from "./api/api.ts";
import { keptOf } from "./api/list/kept.ts";
import { type LeaveOut, listFromCache } from "./api/list/list.ts";
import { readAs } from "./api/parse.ts";
import type { LabelSelector } from "./scheduling/selector.ts";
import { labelSelectorShape } from "./scheduling/selector-shape.ts";

/** A PodDisruptionBudget as far as it says what may be evicted now. */
export interface DisruptionBudget {
  readonly namespace: string;
  readonly name: string;
  /** Undefined selects no pod. */
  readonly selector: LabelSelector | undefined;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
}

const count = z._default(z.number(), 0);

const budgetShape = z.lazy(() =>
  z.object({
    metadata: z.object({ namespace: z.string(), name: z.string() }),
    spec: z.object({ selector: z.optional(labelSelectorShape) }),
    status: z._default(
      z.object({ disruptionsAllowed: count, currentHealthy: count, desiredHealthy: count }),
      // Not looked at by its controller yet: nothing is allowed.
      { disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0 },
    ),
  }),
);

function parseBudget(answer: unknown): DisruptionBudget {
  const { metadata, spec, status } = readAs(budgetShape, answer, "poddisruptionbudget");
  return { namespace: metadata.namespace, name: metadata.name, selector: spec.selector, ...status };
}

/** All PodDisruptionBudgets of the cluster. */
export const listBudgets = (
  api: KubernetesApi,
  signal?: AbortSignal,
  leaveOut?: LeaveOut,
): Promise<DisruptionBudget[]> =>
  listFromCache(
    api,
    {
      path: "/apis/policy/v1/poddisruptionbudgets",
      resource: "poddisruptionbudgets",
      kept: keptOf(budgetShape),
      parse: parseBudget,
    },
    { signal, leaveOut },
  );
