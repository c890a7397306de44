import type { History, Outcome } from "../../shared/ledger/entry.ts";
import type { Observation } from "./observation.ts";

/**
 * What became of an intent whose run left no outcome, read off the stream: undefined while that cannot be
 * told, because the run may still be at work or the stream is still being changed.
 */
export function outcomeOfPending(
  { pending, leasedUntil = 0 }: History,
  { status, shards }: Observation,
  now: number,
): Outcome | undefined {
  if (!pending || leasedUntil > now || status !== "ACTIVE") return undefined;
  const open = shards.length;
  if (open === pending.to) {
    return {
      result: "applied",
      at: now,
      detail: `its run left no outcome; the stream shows ${open} open shards`,
    };
  }
  return {
    result: "lost",
    at: now,
    detail: `its run left no outcome; the stream shows ${open} open shards, not ${pending.to}`,
  };
}
