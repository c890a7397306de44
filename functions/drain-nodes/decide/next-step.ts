import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Pod } from "../../../shared/kubernetes/pod.ts";
import type { DrainPolicy } from "../../../shared/node-pools/drain-policy.ts";
import { ALL_EXCEPTIONS, drainStatusOf } from "../../../shared/node-pools/drain-rules/verdict.ts";
import { deadlines, evictionGrace, terminatesRegardless } from "./deadlines.ts";

/** One node that is being emptied, as observed. */
export interface DrainView {
  readonly mark: DrainMark;
  /** The kubelet reports. */
  readonly ready: boolean;
  /** All pods bound to the node. */
  readonly pods: readonly Pod[];
  readonly policy: DrainPolicy;
  /** ms since the epoch. */
  readonly now: number;
}

export interface Eviction {
  readonly pod: Pod;
  /** Undefined: the pod's own time. */
  readonly gracePeriodSeconds: number | undefined;
}

/** A pod in the way, and why. */
export interface BlockingPod {
  /** `namespace/name`. */
  readonly pod: string;
  readonly why: string;
}

/** What to do next for this node. */
export type Step =
  /** Ask these to go, then look again. */
  | { readonly kind: "evict"; readonly evictions: readonly Eviction[] }
  /** Pods are ending, or must be waited for: look again later. */
  | { readonly kind: "wait"; readonly blockers: readonly BlockingPod[] }
  /** The time is over: delete these past their budgets, then look again. */
  | { readonly kind: "delete"; readonly evictions: readonly Eviction[] }
  /** The node can stay and cannot be emptied: undo the cordon. */
  | { readonly kind: "give-back"; readonly why: string; readonly blockers: readonly BlockingPod[] }
  /** Nothing is left to wait for; `left` is who is still there because the time is over. */
  | { readonly kind: "end"; readonly left: readonly BlockingPod[] };

/** The longest a pod gets to end when it is deleted at the hard deadline. */
const DELETE_GRACE_SECONDS = 30;
/** A pod that a silent kubelet has not ended so long after its time is taken for gone: nobody will say so. */
const OVERDUE_MS = 60_000;

export function nextStep(view: DrainView): Step {
  const { mark, policy, now } = view;
  const { soft, hard } = deadlines(mark, policy);
  const overlooked = terminatesRegardless(mark) && now >= soft ? ALL_EXCEPTIONS : policy;
  const movable: Pod[] = [];
  const going: Pod[] = [];
  const blockers: BlockingPod[] = [];
  for (const pod of view.pods) {
    const verdict = drainStatusOf(pod, overlooked);
    if (verdict.kind === "evict") movable.push(pod);
    if (verdict.kind === "going" && !isOverdue(pod, view)) going.push(pod);
    if (verdict.kind === "block") blockers.push({ pod: podName(pod), why: verdict.why });
  }

  if (movable.length + going.length + blockers.length === 0) return { kind: "end", left: [] };
  if (!terminatesRegardless(mark)) {
    const [first] = blockers;
    if (first) return { kind: "give-back", why: `${first.pod} must not be moved: ${first.why}`, blockers };
    if (now >= soft)
      return { kind: "give-back", why: "its time is over", blockers: [...movable, ...going].map(held) };
  }
  if (now >= hard) return atHardDeadline(view, movable, going, hard);
  if (movable.length === 0) return { kind: "wait", blockers };
  const evictions = movable.map((pod) => ({
    pod,
    gracePeriodSeconds: evictionGrace(mark, policy, pod.gracePeriodSeconds, now),
  }));
  return { kind: "evict", evictions };
}

/** Deletes what is there, if the policy says so, and waits as long as the deleted pods were given; then ends. */
function atHardDeadline({ policy, now }: DrainView, movable: Pod[], going: Pod[], hard: number): Step {
  const overUntil = hard + DELETE_GRACE_SECONDS * 1000;
  if (policy.atHardDeadline === "delete" && now < overUntil) {
    if (movable.length === 0) return { kind: "wait", blockers: [] };
    const evictions = movable.map((pod) => ({
      pod,
      gracePeriodSeconds: Math.max(1, Math.min(pod.gracePeriodSeconds, DELETE_GRACE_SECONDS)),
    }));
    return { kind: "delete", evictions };
  }
  return { kind: "end", left: [...movable, ...going].map(held) };
}

const isOverdue = ({ deletedAt }: Pod, { ready, now }: DrainView): boolean =>
  !ready && deletedAt !== undefined && now > deletedAt + OVERDUE_MS;

/** `namespace/name`. */
export const podName = ({ namespace, name }: Pick<Pod, "namespace" | "name">): string =>
  `${namespace}/${name}`;

const held = (pod: Pod): BlockingPod => ({
  pod: podName(pod),
  why: pod.deletedAt === undefined ? "not evicted (a PodDisruptionBudget, most often)" : "still ending",
});
