import type { Entry, History, Intent } from "../ledger/entry.ts";
import type { Clock } from "../time/clock.ts";

/** A change that a person wants undone. */
export interface UndoRequest {
  /** As the ledger names it, for example `stream/orders`. */
  readonly resource: string;
  readonly entry: Entry;
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
  readonly change: Pick<Intent, "action" | "direction" | "from" | "to" | "evidence">;
  /** What the person has to know beside, a sentence each. */
  readonly notes: readonly string[];
  call(): Promise<void>;
}

/** Why a change cannot be undone: a sentence, with what can be done instead. */
export interface UndoRefusal {
  readonly refused: string;
}

/** Looks at AWS and plans; changes nothing. */
export type PlanUndo = (request: UndoRequest) => Promise<UndoPlan | UndoRefusal>;
