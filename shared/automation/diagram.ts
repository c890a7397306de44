/** What docs/architecture.md draws of an automation. */

/** What triggers one of its functions. */
export interface TriggerArrow {
  /** The text of the box the arrow begins at; automations that name the same text share the box. */
  readonly from: string;
  /** One of the automation's functions. */
  readonly to: string;
  /** How the event comes. */
  readonly how?: string;
}

/** What it reads or writes. */
export interface DataArrow {
  readonly store: string;
  /** The shape the store is drawn in. A service when absent. */
  readonly kind?: "table" | "queue" | "topic";
  readonly direction: "reads" | "writes" | "both";
  readonly what?: string;
}
