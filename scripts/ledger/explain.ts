import type { Entry, KeptDecision } from "../../shared/ledger/entry.ts";
import { ALL } from "../../shared/ledger/pauses.ts";
import type { ResourceView } from "./view.ts";
import { decisionBlock, entryBlock } from "./wording.ts";

/** What `reflex why` shows of a resource; each newest first. */
export interface Shown {
  readonly decisions: readonly KeptDecision[];
  readonly entries: readonly Entry[];
}

/** The newest decisions and changes, so many in all. */
export function latest({ decisions, entries }: Shown, most: number): Shown {
  const oldest = [...decisions.map(({ at }) => at), ...entries.map(({ intent }) => intent.at)]
    .toSorted((a, b) => b - a)
    .slice(0, most)
    .at(-1);
  const from = oldest ?? 0;
  return {
    decisions: decisions.filter(({ at }) => at >= from),
    entries: entries.filter(({ intent }) => intent.at >= from),
  };
}

/** The decision that every look at that moment came to, and the last change up to then. */
export const standingAt = ({ decisions, entries }: Shown, at: number): Shown => ({
  decisions: decisions.filter((decision) => decision.at <= at).slice(0, 1),
  entries: entries.filter(({ intent }) => intent.at <= at).slice(0, 1),
});

/** Decisions and changes in one row, newest first; a decision that was carried out is its change. */
export function explanation({ decisions, entries }: Shown): readonly string[] {
  const changedAt = new Set(entries.map(({ intent }) => intent.at));
  const blocks = [
    ...decisions
      .filter(({ at, held }) => held !== undefined || !changedAt.has(at))
      .map((decision) => ({ at: decision.at, text: decisionBlock(decision) })),
    ...entries.map((entry) => ({ at: entry.intent.at, text: entryBlock(entry) })),
  ];
  if (blocks.length === 0) return ["Nothing in the ledger up to then."];
  return blocks.toSorted((a, b) => b.at - a.at).map(({ text }) => text);
}

/** Whether a pause of that scope stops what is done to the resource. */
export const concerns = (scope: string, { resource, decisions, entries }: ResourceView): boolean =>
  scope === ALL ||
  scope === resource ||
  decisions.some(({ automation }) => automation === scope) ||
  entries.some(({ intent }) => intent.automation === scope);
