import type { NodeRef } from "../../model/decision.ts";
import type { TakenBackStatus } from "../../model/pool-status.ts";
import { isBeingRemoved } from "../pool/members.ts";
import type { PoolState } from "../pool/pool-state.ts";

/** The longest time for which no node goes; as long as the longest back-off of a launch. */
const MAX_BACKOFF_MS = 4 * 3_600_000;

/**
 * What to record of scale-ins that were taken back. Where the scheduler puts the pods of a drained node otherwise than the
 * simulation did, the same scale-in would be tried and taken back for ever, with its evictions: each one in a row doubles
 * the time for which no node goes. One that succeeds is forgotten as long after that time as it was.
 *
 * @param uncordoned nodes that this decision gives back to their pods
 */
export function takenBackStatus(
  { pool, members, now }: Pick<PoolState, "pool" | "members" | "now">,
  uncordoned: readonly NodeRef[],
): TakenBackStatus | undefined {
  const last = pool.status.takenBack;
  const names = new Set<string | undefined>(uncordoned.map(({ node }) => node));
  const backoff = (failures: number): number =>
    Math.min(pool.policy.scaleInDelay * 2 ** failures, Math.max(pool.policy.scaleInDelay, MAX_BACKOFF_MS));
  if (members.some((member) => isBeingRemoved(member) && names.has(member.node?.name))) {
    const failures = (last?.failures ?? 0) + 1;
    return { failures, until: now + backoff(failures) };
  }
  return last && now < last.until + backoff(last.failures) ? last : undefined;
}
