/** The index of the ledger's table that holds the changes of every resource by time, for an audit. */
export const CHANGES_INDEX = "changes";

/** Its keys: the day in UTC, `2026-11-28`; and the time with the change's id, so that each has one of its own. */
export const CHANGES_KEYS = { partition: "changedOn", sort: "changedAt" } as const;

const DAY_MS = 24 * 3_600_000;

/** @param at ms since the epoch */
export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** Every day of a span, the first to the last; times in ms since the epoch. */
export function daysBetween(from: number, to: number): readonly string[] {
  const days: string[] = [];
  for (let at = from; dayOf(at) <= dayOf(to); at += DAY_MS) days.push(dayOf(at));
  return days;
}
