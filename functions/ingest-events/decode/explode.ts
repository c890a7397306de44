import { Unfit } from "./event.ts";
import { hasByteOrderMark, type JsonValue, NotJson, readJson, toJson } from "./json.ts";
import { MAX_EVENT_BYTES } from "./open.ts";
import { type Path, valueAt } from "./path.ts";

/** Where the events of a record are: one a line, the elements of a list, or of the list at a path. */
export type Explode = "lines" | "array" | Path;

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;

/**
 * The events of a record, each as its own JSON text, in their order.
 * @param takeEvents hears of all of them before the first comes
 * @throws NotJson, Unfit if there is no list where one is to be, or it is too long.
 */
export function* explode(
  bytes: Buffer,
  how: Explode,
  takeEvents: (count: number) => void,
): Generator<Buffer> {
  if (how === "lines") {
    for (const _line of lines(bytes)) takeEvents(1);
    // A copy: a part of the record would hold all of it, 8 MiB, for as long as the event is held.
    for (const line of lines(bytes)) yield Buffer.from(line);
  } else yield* elements(bytes, how, takeEvents);
}

/** Newline-delimited JSON, as Firehose and the Kinesis agent write it. Empty lines are no events. */
function* lines(bytes: Buffer): Generator<Buffer> {
  for (let from = hasByteOrderMark(bytes) ? 3 : 0; from < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, from);
    const next = found === -1 ? bytes.length : found + 1;
    let end = found === -1 ? bytes.length : found;
    if (bytes[end - 1] === CARRIAGE_RETURN) end -= 1;
    const line = bytes.subarray(from, end);
    from = next;
    if (line.length > 0 && !isBlank(line)) yield line;
  }
}

function* elements(
  bytes: Buffer,
  how: "array" | Path,
  takeEvents: (count: number) => void,
): Generator<Buffer> {
  const document = readJson(bytes);
  const list = how === "array" ? document : valueAt(document, how);
  if (!Array.isArray(list)) {
    const place = how === "array" ? "the record" : how.join(".");
    throw new NotJson(`expected a list of events, found none at ${place}`);
  }
  takeEvents(list.length);
  for (const element of list) yield textOf(element);
}

function textOf(element: JsonValue): Buffer {
  const text = Buffer.from(toJson(element));
  if (text.length > MAX_EVENT_BYTES) {
    throw new Unfit("too-large", `one of its events has ${text.length} bytes`);
  }
  return text;
}

function isBlank(line: Buffer): boolean {
  return line.every((byte) => byte === 0x20 || byte === 0x09 || byte === CARRIAGE_RETURN);
}
