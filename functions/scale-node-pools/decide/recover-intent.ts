import type { History, Outcome } from "../../../shared/ledger/entry.ts";

/**
 * What became of an intent whose run left no outcome, read off the pool: undefined while that run may still be
 * at work.
 *
 * @param size the pool's nodes now: ordered ones included, those we are emptying not
 */
export function recoverIntent(
  { pending, leasedUntil = 0 }: History,
  size: number,
  now: number,
): Outcome | undefined {
  if (!pending || leasedUntil > now) return undefined;
  const arrived =
    pending.direction === "out" ? size >= pending.to : pending.direction === "in" ? size <= pending.to : true;
  const shows = `its run left no outcome; the pool shows ${size} nodes`;
  return arrived
    ? { result: "applied", at: now, detail: shows }
    : { result: "lost", at: now, detail: `${shows}, not ${pending.to}` };
}
