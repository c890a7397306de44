import { messageOf } from "../errors/message-of.ts";
import type { Entry, History, Intent } from "../ledger/entry.ts";
import type { Clock } from "../time/clock.ts";

/** A change that a person wants undone. */
export interface UndoRequest {
  /** As the ledger names it, for example `stream/orders`. */
  readonly resource: string;
  readonly entry: Entry;
  /** Applied to the resource after it and not undone, newest first. */
  readonly later: readonly Entry[];
  /** What the ledger has of the resource, read before anything is looked at. */
  readonly history: History;
  /** AWS's time. */
  readonly clock: Clock;
  /** For the options of AWS clients: region, and credentials where they are not the environment's. */
  readonly aws: { readonly region: string };
}

/** What truly undoes a change, as things stand. It is carried out under the resource's lease, while the resource is paused. */
export interface UndoPlan {
  /** One line for a person: `MergeShards 3 -> 2`. */
  readonly what: string;
  /** What is written to the ledger before the call. */
  readonly change: Pick<Intent, "action" | "direction" | "from" | "to" | "evidence" | "parts">;
  /** What the person has to know beside, a sentence each. */
  readonly notes: readonly string[];
  /**
   * Throws where nothing was done.
   *
   * @returns what could not be done where a part was, a sentence each
   */
  call(): Promise<readonly string[]>;
}

/** Why a change cannot be undone: a sentence, with what can be done instead. */
export interface UndoRefusal {
  readonly refused: string;
}

/** A call that is known to have changed nothing; the message says why. */
export class NotUndone extends Error {}

/** Looks at AWS and plans; changes nothing. */
export type PlanUndo = (request: UndoRequest) => Promise<UndoPlan | UndoRefusal>;

/**
 * Makes every call of an undo, and goes on after one that fails. Throws the first error where all of them failed.
 *
 * @param parts the calls by what each is about
 * @returns those that failed, a sentence each
 */
export async function callEach(
  parts: ReadonlyMap<string, () => Promise<unknown>>,
): Promise<readonly string[]> {
  const errors = new Map<string, unknown>();
  for (const [about, call] of parts) {
    try {
      await call();
    } catch (error) {
      errors.set(about, error);
    }
  }
  const [first] = errors.values();
  if (errors.size > 0 && errors.size === parts.size) throw first;
  return [...errors].map(([about, error]) => `${about}: ${messageOf(error)}`);
}
