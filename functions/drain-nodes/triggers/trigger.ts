import type { UnknownEvent } from "../../../shared/triggers/event-shape.ts";
import type {
  ManualTrigger,
  NothingToDo,
  ScheduleTrigger,
  Unreadable,
} from "../../../shared/triggers/trigger.ts";

/** One form of event: its triggers, or undefined when the event has another form. */
export type EventForm = (event: UnknownEvent) => DrainTrigger[] | undefined;

/** What triggers drain-nodes. */
export type DrainTrigger =
  | DrainOrder
  | HeldTermination
  | SpotInterruption
  | RebalanceRecommendation
  | ScheduleTrigger
  | ManualTrigger
  | NothingToDo
  | Unreadable;

/** The scaler's plan: these nodes are to be drained, terminated, and not replaced. */
export interface DrainOrder {
  readonly kind: "order";
  readonly nodePool: string;
  readonly nodes: readonly { readonly node: string; readonly instanceId: string }[];
  /** The scaler's plan, for the ledger and the log. */
  readonly plan: string;
}

/** A lifecycle hook holds an instance's termination. */
export interface HeldTermination {
  readonly kind: "lifecycle-hook";
  readonly group: string;
  readonly hook: string;
  readonly token: string;
  readonly instanceId: string;
  /** The instance is not terminated but returns to the warm pool. */
  readonly toWarmPool: boolean;
  /** ms since the epoch. */
  readonly at: number;
}

/** AWS takes a Spot instance back two minutes after `at`. */
export interface SpotInterruption {
  readonly kind: "spot-interruption";
  readonly instanceId: string;
  /** ms since the epoch. */
  readonly at: number;
}

/** AWS expects to take a Spot instance back, and does not say when. */
export interface RebalanceRecommendation {
  readonly kind: "rebalance-recommendation";
  readonly instanceId: string;
  /** ms since the epoch. */
  readonly at: number;
}
