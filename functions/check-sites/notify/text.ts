/** Pieces of text that all of check-sites' notifications are made of. */

/** So many names are listed. */
const NAMED = 6;

export const atMost = (names: readonly string[]): string =>
  names.slice(0, NAMED).join(", ") + (names.length > NAMED ? ", …" : "");

/** The heading of the runbook, by the name of what a person has to see to. */
export const headingOf = (what: string): string => `runbook/check-sites.md#${what}`;

/** A moment to the second where it is one; `at` in ms since the epoch. */
export const iso = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");
