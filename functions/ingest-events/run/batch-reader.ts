import type { Route, StreamLanding, StreamPolicy } from "../config/policy.ts";
import type { Source } from "../config/source.ts";
import { decode } from "../decode/decode.ts";
import type { Decoded, DecodedEvent, Origin, Poison } from "../decode/event.ts";
import type { KinesisBatch } from "../decode/kinesis-event.ts";
import { toWrite, type Write } from "../plan/item.ts";
import { EventValues } from "../plan/values.ts";
import { ProducerTraces, producerTraceOf } from "./producer-traces.ts";

/** A part of a batch: as much of it as is held in memory at once. Mostly that is all of it. */
export interface Part {
  /** The items to write, by the policy of the route they take. */
  readonly writes: ReadonlyMap<StreamPolicy, readonly Write[]>;
  /** Events that were read. */
  readonly events: number;
  /** What could not be read. */
  readonly poison: readonly Poison[];
  /** What was read and cannot become an item. */
  readonly unfit: readonly Poison[];
  /** Events that a route drops, and records that hold none. */
  readonly dropped: number;
  /** In which the events were made. */
  readonly producers: ProducerTraces;
}

/** Estimated bytes of items and poison that are held at once. */
const PART_BYTES = 16 * 1024 * 1024;
/** What an event takes beside its own text. */
const EVENT_BYTES = 1024;

/**
 * Reads a batch part by part, one event after the other, so that a batch whose records open to a thousand times their
 * size takes no more memory than any other.
 */
export class BatchReader {
  /** The first record that was not read, because the time was over: its place in the batch. */
  unreadFrom: number | undefined;
  isDone = false;
  readonly #batch: KinesisBatch;
  readonly #routes: readonly Route[];
  readonly #producerTrace: Source | undefined;
  readonly #hasTime: () => boolean;
  readonly #events: Iterator<Decoded>;

  constructor(batch: KinesisBatch, landing: StreamLanding, hasTime: () => boolean) {
    this.#batch = batch;
    this.#routes = landing.routes;
    this.#producerTrace = landing.producerTrace;
    this.#hasTime = hasTime;
    this.#events = decode(batch.records, landing.format);
  }

  /** The next part; once `isDone`, there is no other. */
  next(): Part {
    const part = new PartBuilder();
    while (part.bytes < PART_BYTES) {
      const next = this.#events.next();
      if (next.done === true) {
        this.isDone = true;
        break;
      }
      if (!this.#hasTime()) {
        this.isDone = true;
        this.unreadFrom = next.value.origin.position;
        break;
      }
      this.#take(next.value, part);
    }
    return part;
  }

  #take(decoded: Decoded, part: PartBuilder): void {
    if ("dropped" in decoded) part.dropped += 1;
    else if ("reason" in decoded) part.addPoison(decoded);
    else {
      part.events += 1;
      this.#route(this.#withProducer(decoded, part), part);
    }
  }

  #withProducer(decoded: DecodedEvent, part: PartBuilder): DecodedEvent {
    if (this.#producerTrace === undefined) return decoded;
    const trace = producerTraceOf(new EventValues(decoded, this.#batch).at(this.#producerTrace));
    if (trace === undefined) return decoded;
    part.producers.add(trace);
    return { ...decoded, origin: { ...decoded.origin, producerTraceId: trace.id } };
  }

  /** An event takes every route whose condition it meets, up to the first one that drops it. */
  #route(decoded: DecodedEvent, part: PartBuilder): void {
    let taken = 0;
    for (const { when, policy } of this.#routes) {
      if (when?.(decoded.event) === false) continue;
      if (policy === undefined) {
        if (taken === 0) part.dropped += 1;
        return;
      }
      taken += 1;
      const write = toWrite(decoded, policy, this.#batch);
      if ("reason" in write) part.addUnfit(write);
      else part.addWrite(policy, write);
    }
    if (taken > 0) return;
    const detail = "no route of the policy takes it, and none drops it";
    part.addUnfit({ origin: decoded.origin, reason: "no-route", detail });
  }
}

class PartBuilder implements Part {
  bytes = 0;
  events = 0;
  dropped = 0;
  readonly producers = new ProducerTraces();
  readonly poison: Poison[] = [];
  readonly unfit: Poison[] = [];
  readonly writes = new Map<StreamPolicy, Write[]>();

  addPoison(poison: Poison): void {
    this.poison.push(poison);
    this.#hold(poison.origin);
  }

  addUnfit(poison: Poison): void {
    this.unfit.push(poison);
    this.#hold(poison.origin);
  }

  addWrite(policy: StreamPolicy, write: Write): void {
    const writes = this.writes.get(policy);
    if (writes === undefined) this.writes.set(policy, [write]);
    else writes.push(write);
    this.bytes += write.item.json.length;
    this.#hold(write.origin);
  }

  /** The payload of one of several events is memory of its own; another is a part of the batch's. */
  #hold({ eventNumber, payload }: Origin): void {
    this.bytes += EVENT_BYTES + (eventNumber === undefined ? 0 : payload.length);
  }
}
