import type { UndoRefusal } from "../../../shared/automation/undo.ts";
import type { Entry } from "../../../shared/ledger/entry.ts";
import type { ResourceView } from "../view.ts";

/** A change with the resource it is of. */
export interface FoundChange {
  readonly resource: string;
  readonly entry: Entry;
  /** Applied after it and not undone, newest first. */
  readonly later: readonly Entry[];
}

/** The key of an undo's evidence that names what it undid. */
export const UNDOES = "undoes";

/** The change of this id, as long as it can be one that is undone. */
export function findChange(id: string, views: readonly ResourceView[]): FoundChange | UndoRefusal {
  for (const { resource, entries, inDoubt } of views) {
    if (inDoubt?.id === id)
      return { refused: "it is not known yet what came of it: look again in two minutes" };
    const entry = entries.find(({ intent }) => intent.id === id);
    if (!entry) continue;
    const { result, detail = "" } = entry.outcome;
    if (result !== "applied") return { refused: `it changed nothing: ${result}${detail && `, ${detail}`}` };
    const undone = undoOf(id, entries);
    if (undone) return { refused: `it is undone already, by ${undone.intent.trigger}` };
    return { resource, entry, later: laterThan(entry, entries) };
  }
  return { refused: `the ledger has no change ${id}` };
}

/** What undid this change and was not undone itself. */
const undoOf = (id: string, entries: readonly Entry[]): Entry | undefined =>
  entries.find((entry) => entry.intent.evidence[UNDOES] === id && stands(entry, entries));

/** Whether it was applied and its effect is still there, as far as the ledger knows. */
const stands = ({ intent, outcome }: Entry, entries: readonly Entry[]): boolean =>
  outcome.result === "applied" && undoOf(intent.id, entries) === undefined;

/** What came after a change and stands. Something that came after it too and was undone cancels out with what undid it. */
function laterThan({ intent: { at } }: Entry, entries: readonly Entry[]): readonly Entry[] {
  const after = entries.filter((other) => other.intent.at > at && stands(other, entries));
  const ids = new Set(entries.filter(({ intent }) => intent.at > at).map(({ intent }) => intent.id));
  return after.filter(({ intent }) => !ids.has(String(intent.evidence[UNDOES])));
}
