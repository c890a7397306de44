import type { NodeRef } from "../../model/decision.ts";
import type { TakenBackStatus } from "../../model/pool-status.ts";
import { isBeingRemoved } from "../pool/members.ts";
import type { PoolState } from "../pool/pool-state.ts";

/** The longest time for which no node goes; as long as the longest back-off of a launch. */
const MAX_BACKOFF_MS = 4 * 3_600_000;

/** Pods of a drained node that have no place after all wait by then, and a node is launched for them. */
const NOTICED_WITHIN_MS = 10 * 60_000;

/** What a decision gives a pool. */
interface Given {
  /** Nodes that are given back to their pods. */
  readonly uncordon: readonly NodeRef[];
  /** How many are launched. */
  readonly added: number;
}

/**
 * What to record of scale-ins that were taken back: the drain was ended, or a node was launched soon after it. Where the scheduler
 * puts the pods of a drained node otherwise than the simulation did, the same scale-in would be tried and taken back for ever,
 * with its evictions: each one in a row doubles the time for which no node goes. One that succeeds is forgotten as long after
 * that time as it was.
 */
export function takenBackStatus(
  state: Pick<PoolState, "pool" | "members" | "now">,
  given: Given = { uncordon: [], added: 0 },
): TakenBackStatus | undefined {
  const { pool, now } = state;
  const last = pool.status.takenBack;
  const backoff = (failures: number): number =>
    Math.min(pool.policy.scaleInDelay * 2 ** failures, Math.max(pool.policy.scaleInDelay, MAX_BACKOFF_MS));
  const countedAt = last && last.until - backoff(last.failures);
  if (endsDrain(state, given) || launchesSoonAfterScaleIn(state, given, countedAt)) {
    const failures = (last?.failures ?? 0) + 1;
    return { failures, until: now + backoff(failures) };
  }
  return last && now < last.until + backoff(last.failures) ? last : undefined;
}

function endsDrain({ members }: Pick<PoolState, "members">, { uncordon }: Given): boolean {
  const names = new Set<string | undefined>(uncordon.map(({ node }) => node));
  return members.some((member) => isBeingRemoved(member) && names.has(member.node?.name));
}

/** Once for each scale-in. A drain that ended before it could be taken back is one too. */
function launchesSoonAfterScaleIn(
  { pool: { lastScaleInAt }, now }: Pick<PoolState, "pool" | "now">,
  { added }: Given,
  countedAt = 0,
): boolean {
  if (added === 0 || lastScaleInAt === undefined) return false;
  return countedAt < lastScaleInAt && now < lastScaleInAt + NOTICED_WITHIN_MS;
}
