import type { StreamPolicy } from "../../../functions/ingest-events/config/policy.ts";
import type { JsonObject } from "../../../functions/ingest-events/decode/json.ts";
import type { EncodedItem, Item } from "../../../functions/ingest-events/plan/encoded-item.ts";
import { toWrite, type Write } from "../../../functions/ingest-events/plan/item.ts";
import { decodedEvent, PLACE } from "./records.ts";

/** The writes of events that all become items; the first has the sequence number 1. */
export function writesOf(events: readonly JsonObject[], policy: StreamPolicy): readonly Write[] {
  return events.map((event, index) => {
    const made = toWrite(decodedEvent(event, String(index + 1)), policy, PLACE);
    if ("reason" in made) throw new Error(`poison: ${made.detail}`);
    return made;
  });
}

/** An item as it is sent. */
export const encoded = (item: Item): EncodedItem => ({
  names: Object.keys(item),
  values: Object.values(item).map((value) => JSON.stringify(value)),
});
