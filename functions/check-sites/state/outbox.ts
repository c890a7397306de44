import { type Claim, claimEntries } from "../../../shared/ledger/claim.ts";
import type { MonitorChange } from "./monitor-state.ts";
import type { Change } from "./state.ts";
import type { Outbox } from "./store.ts";

/** What this run, and no other, has to send: it is in an outbox, under this run's claim. */
export type PendingNotification =
  | { readonly site: string; readonly change: Change }
  | { readonly site?: undefined; readonly change: MonitorChange };

/**
 * The outbox with this run's change in it, and everything in it that this run may send, oldest first: its own change, and
 * what a run left behind that cannot be sending any more.
 */
export function claimOutbox<C extends Change | MonitorChange>(
  before: Outbox<{ readonly change: C; readonly claimedUntil: number }>,
  change: C | undefined,
  claim: Claim,
) {
  const waiting = Object.values(before).map((entry) => ({
    message: entry.change,
    claimedUntil: entry.claimedUntil,
  }));
  const { written, claimedUntil, sendable } = claimEntries(waiting, change ? [change] : [], claim, byTime);
  const entries = written.map((one) => [one.id, { change: one, claimedUntil }] as const);
  return { outbox: { ...before, ...Object.fromEntries(entries) }, claimed: sendable };
}

const byTime = (a: { readonly at: number }, b: { readonly at: number }): number => a.at - b.at;
