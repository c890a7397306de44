import type { Entry, History } from "../../../shared/ledger/entry.ts";
import type { Hold } from "../model/decision.ts";
import type { Observation } from "../model/observation.ts";

/**
 * An intent whose run left no outcome, and what became of it, read off the stream. Undefined when there is none,
 * or while it cannot be told: the run may still be at work, or the stream is still being changed.
 */
export function interruptedRun(
  { pending, leasedUntil = 0 }: History,
  { status, shards }: Observation,
  now: number,
): Entry | undefined {
  if (!pending || leasedUntil > now || status !== "ACTIVE") return undefined;
  const open = shards.length;
  const left = `its run left no outcome; the stream shows ${open} open shards`;
  return open === pending.to
    ? { intent: pending, outcome: { result: "applied", at: now, detail: left } }
    : { intent: pending, outcome: { result: "lost", at: now, detail: `${left}, not ${pending.to}` } };
}

/**
 * The decision of the run that settles: nothing more. Its look was taken before the ledger was put right, so the
 * next minute's decides. It is told, because the run that died told nobody.
 */
export function afterRecovery({ intent, outcome }: Entry): Hold {
  const { at, action, from, to, evidence } = intent;
  const { result, detail = "" } = outcome;
  const when = `${new Date(at).toISOString().slice(0, 16)}Z`;
  const became = result === "applied" ? "it was done" : "it was not done";
  return {
    kind: "hold",
    verdict: "settled",
    reasons: [`${action} ${from} -> ${to}, begun at ${when}: ${became}; ${detail}`],
    evidence,
    notify: true,
    requeue: true,
  };
}
