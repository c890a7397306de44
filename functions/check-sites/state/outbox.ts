import type { MonitorChange } from "./monitor-state.ts";
import type { Change } from "./state.ts";
import type { Outbox } from "./store.ts";

/** What this run, and no other, has to send: it is in an outbox, under this run's claim. */
export type PendingNotification =
  | { readonly site: string; readonly change: Change }
  | { readonly site?: undefined; readonly change: MonitorChange };

/** Times in ms since the epoch. */
export interface Claim {
  readonly now: number;
  /** Until when this run can be sending: after that it is dead, and another may send. */
  readonly claimedUntil: number;
}

/**
 * The outbox with this run's change in it, and everything in it that this run may send, oldest first: its own change, and
 * what a run left behind that cannot be sending any more. While another may be sending what came before (or this run itself,
 * in an earlier round, could not), what comes after has to wait: people read it in order.
 */
export function claimOutbox<C extends Change | MonitorChange>(
  before: Outbox<{ readonly change: C; readonly claimedUntil: number }>,
  change: C | undefined,
  { now, claimedUntil }: Claim,
) {
  const waiting = Object.values(before);
  const isHeld = waiting.some((entry) => entry.claimedUntil > now);
  const own = change ? [change] : [];
  // DynamoDB gives the entries of a map in any order.
  const sendable = [...waiting.map((entry) => entry.change), ...own].toSorted((a, b) => a.at - b.at);
  const claimed = isHeld ? [] : sendable;
  const written = isHeld
    ? own.map((one) => ({ change: one, claimedUntil: 0 }))
    : sendable.map((one) => ({ change: one, claimedUntil }));
  const entries = written.map((entry) => [entry.change.id, entry] as const);
  return { outbox: { ...before, ...Object.fromEntries(entries) }, claimed };
}
