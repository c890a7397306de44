/**
 * The one rule of every outbox: who may send what waits in an item, and in which order. Pure: the ledger's outbox and
 * check-sites' store write what comes of it, each in one conditional write.
 */

/** What waits in an item, and until when the run that claimed it may be sending it, ms since the epoch; 0: nobody is. */
export interface Waiting<T> {
  readonly message: T;
  readonly claimedUntil: number;
}

/** Times in ms since the epoch. */
export interface Claim {
  readonly now: number;
  /** Until when this run can be sending: after that it is dead, and another may send. */
  readonly until: number;
}

export interface Claimed<T> {
  /** `held`: another run may be sending what came before, so what was added waits under nobody's claim. */
  readonly state: "held" | "claimed";
  /** What is to be written with this claim: all of it, or only what was added where the item is held. */
  readonly written: readonly T[];
  /** The claim of what is written, ms since the epoch. */
  readonly claimedUntil: number;
  /** What this run, and no other, may send now, in the order of its events. */
  readonly sendable: readonly T[];
}

/** Waiting for so long, a notification counts as undelivered. It stays in the outbox all the same. */
export const UNDELIVERED_AFTER_MS = 24 * 3_600_000;

/**
 * Claims all that waits in one item together with what is added to it. While another run may be sending some of it (or
 * this run itself, in an earlier round, could not), nothing is claimed: people read what happened in order.
 *
 * @param inOrder compares two messages by the order of their events
 */
export function claimEntries<T>(
  waiting: readonly Waiting<T>[],
  added: readonly T[],
  { now, until }: Claim,
  inOrder: (a: T, b: T) => number,
): Claimed<T> {
  if (waiting.some(({ claimedUntil }) => claimedUntil > now))
    return { state: "held", written: added, claimedUntil: 0, sendable: [] };
  const sendable = [...waiting.map(({ message }) => message), ...added].toSorted(inOrder);
  return { state: "claimed", written: sendable, claimedUntil: until, sendable };
}

/** Whether a notification of `at` that still waits counts as undelivered; both in ms since the epoch. */
export function isUndelivered(at: number, now: number): boolean {
  return now - at > UNDELIVERED_AFTER_MS;
}
