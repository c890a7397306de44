/** Stages that are there to try things in. */
const TO_TRY_THINGS_IN: readonly string[] = ["dev"];

/**
 * The DeletionPolicy of what cannot be recreated once it is gone: the ledger, landed events, quarantined records. In a
 * stage to try things in it goes with the stack, elsewhere it outlives it. What a failed first deploy created is
 * deleted all the same: it is empty, and its name would block the next deploy.
 */
export function deletionPolicy(stage: string): "Delete" | "RetainExceptOnCreate" {
  return TO_TRY_THINGS_IN.includes(stage) ? "Delete" : "RetainExceptOnCreate";
}
