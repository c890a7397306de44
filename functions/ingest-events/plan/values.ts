import type { Source } from "../config/source.ts";
import type { DecodedEvent } from "../decode/event.ts";
import type { JsonValue } from "../decode/json.ts";
import { valueAt } from "../decode/path.ts";

/** Where a batch comes from. */
export interface Place {
  readonly stream: string;
  readonly shard: string;
}

/** What the sources of a policy say for one event. */
export class EventValues {
  readonly #decoded: DecodedEvent;
  readonly #place: Place;

  constructor(decoded: DecodedEvent, place: Place) {
    this.#decoded = decoded;
    this.#place = place;
  }

  /** `undefined` where the event has none. */
  at(source: Source): JsonValue | undefined {
    if (typeof source === "string") return this.#own(source);
    if ("constant" in source) return source.constant;
    if ("record" in source) {
      const { change, event } = this.#decoded;
      return valueAt(change?.record ?? event, source.record);
    }
    return valueAt(this.#decoded.event, source);
  }

  /** Where the event stands in its stream, in one text; also for an event without an id of its own. */
  get position(): string {
    const { sequenceNumber, subSequenceNumber, eventNumber } = this.#decoded.origin;
    const part = eventNumber === undefined ? "" : `:${eventNumber}`;
    const { stream, shard } = this.#place;
    return `${stream}/${shard}:${sequenceNumber}:${subSequenceNumber}${part}`;
  }

  #own(name: Extract<Source, string>): JsonValue {
    const { origin, change } = this.#decoded;
    switch (name) {
      case "$arrivedAt":
        return new Date(origin.arrivalMs).toISOString();
      case "$partitionKey":
        return origin.partitionKey;
      case "$sequence":
        return this.position;
      case "$stream":
        return this.#place.stream;
      case "$operation":
        return change?.operation ?? "insert";
    }
  }
}
