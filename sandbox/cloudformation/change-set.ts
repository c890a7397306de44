import { isDeepStrictEqual } from "node:util";
import type { Template } from "../template/template.ts";
import type { TemplateSource } from "./source.ts";

export interface ChangeSet {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  readonly source: TemplateSource;
  readonly changes: readonly Change[];
  readonly status: "CREATE_COMPLETE" | "FAILED";
  readonly reason?: string;
  /** By logical id, the name of what it imports; absent where it is no import. */
  readonly imports?: ReadonlyMap<string, string>;
}

export interface Change {
  readonly action: "Add" | "Import" | "Modify" | "Remove";
  readonly logicalId: string;
  readonly type: string;
}

/** What AWS says of a change set that would change nothing; deploy tools know it by this sentence. */
export const NO_CHANGES =
  "The submitted information didn't contain changes. Submit different information to create a change set.";

/** What an other template changes, found by comparing the two texts, before any name in them is resolved. */
export function changesBetween(before: Template | undefined, after: Template): Change[] {
  const old = before?.Resources ?? {};
  const added: Change[] = [];
  const modified: Change[] = [];
  for (const [logicalId, resource] of Object.entries(after.Resources)) {
    const change = { logicalId, type: resource.Type };
    if (!old[logicalId]) added.push({ action: "Add", ...change });
    else if (!isDeepStrictEqual(old[logicalId], resource)) modified.push({ action: "Modify", ...change });
  }
  const removed = Object.entries(old)
    .filter(([logicalId]) => !after.Resources[logicalId])
    .map(([logicalId, { Type }]): Change => ({ action: "Remove", logicalId, type: Type }));
  return [...added, ...modified, ...removed];
}

/** Whether anything is to be done at all: a changed output is a change, though of no resource. */
export function differs(before: Template | undefined, after: Template): boolean {
  return !isDeepStrictEqual(before, after);
}
