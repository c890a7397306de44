import type { DrainMark } from "../../../shared/kubernetes/drain-mark.ts";
import type { DrainPolicy } from "../../../shared/node-pools/drain-policy.ts";

/** AWS takes a Spot instance back two minutes after the warning. */
const SPOT_NOTICE_MS = 120_000;
/** Kept back of it, for the kubelet to end what it was told to end. */
const SPOT_RESERVE_MS = 15_000;

export interface Deadlines {
  /** Until then the pods go by their own rules; ms since the epoch. */
  readonly soft: number;
  /** Until then the node is held back for its pods; ms since the epoch. */
  readonly hard: number;
}

/** True when the machine is taken away whatever we do. */
export const terminatesRegardless = ({ reason }: Pick<DrainMark, "reason">): boolean =>
  reason === "lifecycle-hook" || reason === "spot-interruption";

/** How long this drain has. */
export function deadlines(mark: Pick<DrainMark, "since" | "reason">, policy: DrainPolicy): Deadlines {
  const since = mark.since * 1000;
  if (mark.reason === "spot-interruption")
    return { soft: since, hard: since + SPOT_NOTICE_MS - SPOT_RESERVE_MS };
  const soft = since + policy.softDeadline;
  return {
    soft,
    hard: terminatesRegardless(mark) ? since + Math.max(policy.hardDeadline, policy.softDeadline) : soft,
  };
}

/**
 * How long a pod is given to end when it is evicted now, in seconds: undefined is its own time, which is only
 * cut short where the machine will not be there so long.
 */
export function evictionGrace(
  mark: Pick<DrainMark, "since" | "reason">,
  policy: DrainPolicy,
  ownSeconds: number,
  now: number,
): number | undefined {
  if (mark.reason !== "spot-interruption") return undefined;
  const left = Math.floor((deadlines(mark, policy).hard - now) / 1000);
  // 0 would kill it at once and delete it before its container has ended.
  return left < ownSeconds ? Math.max(1, left) : undefined;
}
