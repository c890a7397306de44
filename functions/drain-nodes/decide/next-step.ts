import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { Pod } from "../../../shared/kubernetes/pod.ts";
import type { DrainPolicy } from "../../../shared/node-pools/drain-policy.ts";
import { ALL_EXCEPTIONS, drainStatusOf } from "../../../shared/node-pools/drain-rules/drain-rules.ts";
import type { DrainExceptions, PodDrainStatus } from "../../../shared/node-pools/drain-rules/rule.ts";
import { toleratesDrain } from "../../../shared/node-pools/drain-rules/tolerates-drain.ts";
import type { Reason } from "../../../shared/node-pools/reason.ts";
import type { BlockingPod } from "../model/drain.ts";
import { deadlines, evictionGraceSeconds, terminatesRegardless } from "./deadlines.ts";

/** One node that is being drained, as observed. */
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
  /** Undefined: the pod's own grace period. */
  readonly gracePeriodSeconds: number | undefined;
}

/** What to do next for this node. */
export type Step =
  /** Evict these, then look again. */
  | { readonly kind: "evict"; readonly evictions: readonly Eviction[] }
  /** Pods are terminating, or must be waited for: look again later. */
  | { readonly kind: "wait"; readonly blockers: readonly BlockingPod[] }
  /** Time is up: delete these past their budgets, then look again. */
  | { readonly kind: "delete"; readonly evictions: readonly Eviction[] }
  /** The node can stay and cannot be drained: uncordon it. */
  | {
      readonly kind: "cancel";
      readonly reason: Reason<"pod-not-movable" | "soft-deadline">;
      readonly blockers: readonly BlockingPod[];
    }
  /** Nothing is left to wait for; `left` are the pods still there because time is up. */
  | { readonly kind: "finish"; readonly left: readonly BlockingPod[] };

/** The longest grace period of a pod that is deleted at the hard deadline. */
const DELETE_GRACE_SECONDS = 30;
/** A pod that a silent kubelet has not ended this long after its deadline counts as gone: nobody will report it. */
const OVERDUE_MS = 60_000;

/** So long after the cordon the scheduler may still bind a pod that does not tolerate it. */
const BINDING_MS = 60_000;

/** The node's pods by what a drain means for them; those that stay with the node are in none of these. */
interface PodsByStatus {
  readonly movable: readonly Pod[];
  readonly terminating: readonly Pod[];
  readonly blocking: readonly BlockingPod[];
}

/** Decides what a drain does next. Pure. */
export function nextStep(view: DrainView): Step {
  const { mark, policy, now } = view;
  const { soft, hard } = deadlines(mark, policy);
  const { movable, terminating, blocking } = podsByStatus(view, soft);
  if (movable.length + terminating.length + blocking.length === 0) return { kind: "finish", left: [] };
  if (!terminatesRegardless(mark)) {
    const [first] = blocking;
    if (first) {
      const text = `${first.pod} must not be moved: ${first.reason.text}`;
      return { kind: "cancel", reason: { code: "pod-not-movable", text }, blockers: blocking };
    }
    if (now >= soft) {
      const reason = { code: "soft-deadline", text: "its soft deadline has passed" } as const;
      return { kind: "cancel", reason, blockers: [...movable, ...terminating].map(stillThere) };
    }
  }
  if (now >= hard) return atHardDeadline(view, movable, terminating, blocking, hard);
  if (movable.length === 0) return { kind: "wait", blockers: blocking };
  return {
    kind: "evict",
    evictions: movable.map((pod) => ({
      pod,
      gracePeriodSeconds: evictionGraceSeconds(mark, policy, pod.gracePeriodSeconds, now),
    })),
  };
}

/** On a node that terminates regardless no pod is spared once the soft deadline has passed. */
function podsByStatus(view: DrainView, softDeadline: number): PodsByStatus {
  const { mark, policy, now } = view;
  const exceptions = terminatesRegardless(mark) && now >= softDeadline ? ALL_EXCEPTIONS : policy;
  const judged = view.pods.map((pod) => ({ pod, status: statusOf(pod, mark, exceptions) }));
  return {
    movable: judged.filter(({ status }) => status.kind === "evict").map(({ pod }) => pod),
    terminating: judged
      .filter(({ pod, status }) => status.kind === "wait" && !isOverdue(pod, view))
      .map(({ pod }) => pod),
    blocking: judged.flatMap(({ pod, status }) =>
      status.kind === "block" ? [{ pod: podName(pod), reason: status.reason }] : [],
    ),
  };
}

/**
 * A pod that has come after the cordon would come again: it is not evicted a second time, so that the drain gives
 * up, or ends with it at its deadline.
 */
function statusOf(
  pod: Pod,
  { cordonedAt }: DrainMark,
  exceptions: DrainExceptions,
): PodDrainStatus | { readonly kind: "block"; readonly reason: Reason<"came-back"> } {
  const status = drainStatusOf(pod, exceptions);
  if (status.kind !== "evict" && status.kind !== "block") return status;
  // A pod that the scheduler was binding just then is no pod that comes back. Kubernetes' times are whole seconds, and
  // a pod that was evicted at once may come back in the second of the cordon.
  const isLater = toleratesDrain(pod) ? pod.createdAt >= cordonedAt : pod.createdAt > cordonedAt + BINDING_MS;
  if (!isLater) return status;
  return { kind: "block", reason: { code: "came-back", text: "came to the node after its cordon" } };
}

/** Deletes what is there, if the policy says so, and waits as long as the deleted pods were given; then finishes. */
function atHardDeadline(
  { policy, now }: DrainView,
  movable: readonly Pod[],
  terminating: readonly Pod[],
  blocking: readonly BlockingPod[],
  hard: number,
): Step {
  const overUntil = hard + DELETE_GRACE_SECONDS * 1000;
  if (policy.atHardDeadline === "delete" && now < overUntil && movable.length + terminating.length > 0) {
    if (movable.length === 0) return { kind: "wait", blockers: [] };
    const evictions = movable.map((pod) => ({
      pod,
      gracePeriodSeconds: Math.max(1, Math.min(pod.gracePeriodSeconds, DELETE_GRACE_SECONDS)),
    }));
    return { kind: "delete", evictions };
  }
  return { kind: "finish", left: stillThereOf({ movable, terminating, blocking }) };
}

const stillThereOf = ({ movable, terminating, blocking }: PodsByStatus): readonly BlockingPod[] => [
  ...[...movable, ...terminating].map(stillThere),
  ...blocking,
];

/** The pods that end by force with an instance that goes now. */
export const podsEndedByForce = (view: DrainView): readonly BlockingPod[] =>
  stillThereOf(podsByStatus(view, deadlines(view.mark, view.policy).soft));

const isOverdue = ({ deletedAt }: Pod, { ready, now }: DrainView): boolean =>
  !ready && deletedAt !== undefined && now > deletedAt + OVERDUE_MS;

/** `namespace/name`. */
export const podName = ({ namespace, name }: Pick<Pod, "namespace" | "name">): string =>
  `${namespace}/${name}`;

const stillThere = (pod: Pod): BlockingPod => ({
  pod: podName(pod),
  reason:
    pod.deletedAt === undefined
      ? { code: "not-evicted", text: "not evicted in time" }
      : { code: "terminating", text: "still terminating" },
});
