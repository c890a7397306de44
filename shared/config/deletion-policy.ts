/** Stages that are there to try things in. */
const TO_TRY_THINGS_IN: readonly string[] = ["dev"];

/**
 * The DeletionPolicy of what cannot be had again once it is gone: the ledger, landed events, quarantined records.
 * In a stage to try things in it goes with the stack, elsewhere it outlives it.
 */
export function deletionPolicy(stage: string): "Delete" | "Retain" {
  return TO_TRY_THINGS_IN.includes(stage) ? "Delete" : "Retain";
}
