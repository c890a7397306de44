import type { UndoRefusal } from "../../../shared/automation/undo.ts";
import type { Entry } from "../../../shared/ledger/entry.ts";
import type { ResourceView } from "../view.ts";

/** A change with the resource it is of. */
export interface FoundChange {
  readonly resource: string;
  readonly entry: Entry;
}

/** The key of an undo's evidence that names what it undid. */
export const UNDOES = "undoes";

/** The change of this id, as long as it can be one that is undone. */
export function findChange(id: string, views: readonly ResourceView[]): FoundChange | UndoRefusal {
  for (const { resource, entries, inDoubt } of views) {
    if (inDoubt?.id === id)
      return { refused: `it is not known yet what came of it: look again in two minutes` };
    const entry = entries.find(({ intent }) => intent.id === id);
    if (!entry) continue;
    const { result, detail = "" } = entry.outcome;
    if (result !== "applied") return { refused: `it changed nothing: ${result}${detail && `, ${detail}`}` };
    const undone = entries.find(
      ({ intent, outcome }) => intent.evidence[UNDOES] === id && outcome.result === "applied",
    );
    return undone ? { refused: `it is undone already, by ${undone.intent.trigger}` } : { resource, entry };
  }
  return { refused: `the ledger has no change ${id}` };
}
