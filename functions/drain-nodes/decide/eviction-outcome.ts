import { KubernetesError } from "../../../shared/kubernetes/errors.ts";

/** What the API server's answer to an eviction means. Only an answer that says so makes a pod `going`. */
export type EvictionOutcome =
  /** Accepted, or the pod is gone, or it goes with its namespace, or another pod has its name now. */
  | { readonly kind: "going" }
  /** A PodDisruptionBudget allows no disruption at the moment: ask again. */
  | { readonly kind: "budget"; readonly why: string }
  /** The API server itself is busy: ask again, not before so many seconds. */
  | { readonly kind: "throttled"; readonly afterSeconds: number }
  /** It will be refused for ever until a person changes something. */
  | { readonly kind: "blocked"; readonly why: string }
  /** Anything else: not evicted, ask again. */
  | { readonly kind: "retry"; readonly why: string };

export const GOING: EvictionOutcome = { kind: "going" };

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
      return GOING;
    case 403:
      return causes.some(({ reason }) => reason === "NamespaceTerminating")
        ? GOING
        : { kind: "retry", why: message };
    case 429:
      if (budget) return { kind: "budget", why: budget.message || message };
      return { kind: "throttled", afterSeconds: retryAfterSeconds ?? THROTTLED_SECONDS };
    case 500:
      if (/more than one PodDisruptionBudget/i.test(message)) {
        return {
          kind: "blocked",
          why: "more than one PodDisruptionBudget selects it, so it can never be evicted",
        };
      }
      return { kind: "retry", why: error.message };
    default:
      return { kind: "retry", why: error.message };
  }
}
