import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { DrainPolicy } from "../../../shared/node-pools/drain-policy.ts";

/** AWS takes a Spot instance back two minutes after the warning. */
const SPOT_NOTICE_MS = 120_000;
/** Kept back of it, for the kubelet to end the pods that were evicted. */
const SPOT_RESERVE_MS = 15_000;

export interface Deadlines {
  /** Until then the pods go by their own rules; ms since the epoch. */
  readonly soft: number;
  /** Until then the node is held for its pods; ms since the epoch. */
  readonly hard: number;
}

/** True when the instance terminates whatever we do. */
export const terminatesRegardless = ({ cause }: Pick<DrainMark, "cause">): boolean =>
  cause === "lifecycle-hook" || cause === "spot-interruption";

/** How long this drain has. */
export function deadlines(
  { startedAt, cause }: Pick<DrainMark, "startedAt" | "cause">,
  policy: DrainPolicy,
): Deadlines {
  if (cause === "spot-interruption")
    return { soft: startedAt, hard: startedAt + SPOT_NOTICE_MS - SPOT_RESERVE_MS };
  const soft = startedAt + policy.softDeadline;
  const longest = startedAt + Math.max(policy.hardDeadline, policy.softDeadline);
  return { soft, hard: terminatesRegardless({ cause }) ? longest : soft };
}

/**
 * The grace period in seconds of a pod that is evicted now. Undefined is the pod's own, which is only cut short
 * where the instance will not be there that long.
 */
export function evictionGraceSeconds(
  mark: Pick<DrainMark, "startedAt" | "cause">,
  policy: DrainPolicy,
  ownSeconds: number,
  now: number,
): number | undefined {
  if (mark.cause !== "spot-interruption") return undefined;
  const left = Math.floor((deadlines(mark, policy).hard - now) / 1000);
  // 0 would kill it at once and delete it before its container has ended.
  return left < ownSeconds ? Math.max(1, left) : undefined;
}
