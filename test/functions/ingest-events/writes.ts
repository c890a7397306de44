import type { StreamPolicy } from "../../../functions/ingest-events/config/policy.ts";
import type { JsonObject } from "../../../functions/ingest-events/decode/json.ts";
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
