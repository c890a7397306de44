import { KubernetesError } from "../../../shared/kubernetes/api/errors.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";

/** What the API server's answer to an eviction means. Only an answer that says so counts a pod as evicted. */
export type EvictionOutcome =
  /** Accepted; or the pod is gone, goes with its namespace, or another pod has its name now. */
  | { readonly kind: "evicting" }
  /** A PodDisruptionBudget allows no disruption at the moment: ask again. */
  | { readonly kind: "budget"; readonly reason: Reason<"disruption-budget"> }
  /** The API server itself is busy: ask again, not before this many seconds. */
  | { readonly kind: "throttled"; readonly afterSeconds: number; readonly reason: Reason<"api-busy"> }
  /** Refused until a person changes something. */
  | { readonly kind: "blocked"; readonly reason: Reason<"overlapping-budgets"> }
  /** Anything else: not evicted, ask again. */
  | { readonly kind: "retry"; readonly reason: Reason<"api-error"> };

export const EVICTING: EvictionOutcome = { kind: "evicting" };

/** What kubectl waits where the server does not say. */
const THROTTLED_SECONDS = 5;

/**
 * The outcome of an eviction that failed with `error`. Errors that are no answer of the API server about this
 * pod (no access, no network) are not classified but thrown on.
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/
 */
export function evictionOutcome(error: unknown): EvictionOutcome {
  if (!(error instanceof KubernetesError)) throw error;
  const { status, message, causes, retryAfterSeconds } = error.status;
  const budget = causes.find(({ reason }) => reason === "DisruptionBudget");
  switch (status) {
    case 404:
    // The UID precondition: the pod we meant is gone.
    case 409:
      return EVICTING;
    case 403:
      return causes.some(({ reason }) => reason === "NamespaceTerminating") ? EVICTING : retry(message);
    case 429:
      if (budget) {
        const text = budget.message || `a PodDisruptionBudget allows no disruption: ${message}`;
        return { kind: "budget", reason: { code: "disruption-budget", text } };
      }
      return {
        kind: "throttled",
        afterSeconds: retryAfterSeconds ?? THROTTLED_SECONDS,
        reason: { code: "api-busy", text: "the API server is busy" },
      };
    case 500:
      return /more than one PodDisruptionBudget/i.test(message)
        ? { kind: "blocked", reason: { code: "overlapping-budgets", text: OVERLAPPING } }
        : retry(error.message);
    default:
      return retry(error.message);
  }
}

const OVERLAPPING = "more than one PodDisruptionBudget selects it, so it can never be evicted";

const retry = (text: string): EvictionOutcome => ({ kind: "retry", reason: { code: "api-error", text } });
