import { gunzipSync } from "node:zlib";
import { messageOf } from "../../../shared/errors/message-of.ts";
import { Unfit } from "./event.ts";

/**
 * An item has 400 KB, and JSON needs at most six bytes for one of them (`\u0000`), so an event of 2.4 MB may still become
 * one. What opens to more than a little above that is not opened further: 16 KB of gzip can hold 16 MB of JSON, and that
 * takes 1.2 GB as attributes.
 */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;
/** A user record that holds several events (`explode`) may open to so much. */
export const MAX_EVENTS_BYTES = 8 * 1024 * 1024;
/** All sub-records of one Kinesis record together, so that it can be dealt with in one invocation. */
export const MAX_RECORD_BYTES = 64 * 1024 * 1024;

/**
 * Events of one Kinesis record: they are acknowledged together, so they have to be landed in one invocation. 8 KB of gzip can
 * hold 2.8 million, which would be tried again and again until Lambda gives their shard's batch up.
 */
export const MAX_EVENTS = 100_000;

/** How much the sub-records of one Kinesis record may still open to, and how many events they may hold. */
export class OpenBudget {
  #left = MAX_RECORD_BYTES;
  #eventsLeft = MAX_EVENTS;

  /** @throws Unfit if the record holds too many events with these. */
  takeEvents(count: number): void {
    this.#eventsLeft -= count;
    if (this.#eventsLeft < 0) throw tooMany();
  }

  /**
   * The payload as it is, or what its gzip holds.
   * @throws Unfit if it does not open, or opens to more than `limit` or than what is left.
   */
  open(payload: Buffer, limit: number): Buffer {
    if (!isGzip(payload)) return payload;
    const maxOutputLength = Math.min(limit, this.#left);
    if (maxOutputLength <= 0) throw tooLarge("its record's others", MAX_RECORD_BYTES);
    try {
      const opened = gunzipSync(payload, { maxOutputLength });
      this.#left -= opened.length;
      return opened;
    } catch (error) {
      if (isTooLarge(error)) {
        this.#left -= maxOutputLength;
        throw tooLarge("it", maxOutputLength);
      }
      throw new Unfit("bad-gzip", `gzip does not open: ${messageOf(error)}`);
    }
  }
}

export function tooMany(): Unfit {
  return new Unfit(
    "too-large",
    `its record holds more than ${MAX_EVENTS} events, which are not landed in one invocation`,
  );
}

function tooLarge(what: string, bytes: number): Unfit {
  return new Unfit("too-large", `${what} opens to more than ${bytes} bytes, which is more than is read`);
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE";
}

/** No JSON text begins so (RFC 1952, section 2.3.1). */
function isGzip(bytes: Buffer): boolean {
  return bytes.length > 2 && bytes[0] === 0x1f && bytes[1] === 0x8b;
}
