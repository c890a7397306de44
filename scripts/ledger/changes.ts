import type { Entry } from "../../shared/ledger/entry.ts";
import type { ResourceView } from "./view.ts";

export interface Change extends Entry {
  readonly resource: string;
}

/** Every change since `from` (ms since the epoch), oldest first. */
export function changesSince(views: readonly ResourceView[], from: number): readonly Change[] {
  return views
    .flatMap(({ resource, entries }) => entries.map((entry) => ({ resource, ...entry })))
    .filter(({ intent }) => intent.at >= from)
    .toSorted((a, b) => a.intent.at - b.intent.at);
}
