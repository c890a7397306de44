import type { PoisonReason } from "../decode/decode.ts";

/** The event cannot become an item. Thrown while the item is made; `toWrite` turns it into `Poison`. */
export class Unfit extends Error {
  readonly reason: PoisonReason;

  constructor(reason: PoisonReason, detail: string) {
    super(detail);
    this.reason = reason;
  }
}
