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
 * The outbox with this run's change in it, and everything in it that this run may send, oldest first: its own
 * change, and what a run left behind that cannot be sending any more.
 */
export function claimOutbox<C extends Change | MonitorChange>(
  before: Outbox<{ readonly change: C; readonly claimedUntil: number }>,
  change: C | undefined,
  { now, claimedUntil }: Claim,
) {
  const abandoned = Object.values(before)
    .filter((entry) => entry.claimedUntil <= now)
    .map((entry) => entry.change);
  // DynamoDB gives the entries of a map in any order.
  const claimed = (change ? [...abandoned, change] : abandoned).toSorted((a, b) => a.at - b.at);
  const entries = claimed.map((one) => [one.id, { change: one, claimedUntil }] as const);
  return { outbox: { ...before, ...Object.fromEntries(entries) }, claimed };
}
