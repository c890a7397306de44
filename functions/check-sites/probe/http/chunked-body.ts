import { ProbeError } from "../net/probe-error.ts";

/** A chunk's line and a trailer have at most this many bytes. */
const MAX_LINE_BYTES = 4096;

type Expects = "size" | "data" | "end-of-data" | "trailer" | "nothing";

/** Undoes `transfer-encoding: chunked` (RFC 9112 7.1), with CR before LF or without. */
export class ChunkedBody {
  readonly #onIrregularity: (text: string) => void;
  #expects: Expects = "size";
  #left = 0;
  #line = "";

  constructor(onIrregularity: (text: string) => void) {
    this.#onIrregularity = onIrregularity;
  }

  /** The last chunk and the trailers are read. */
  get isDone(): boolean {
    return this.#expects === "nothing";
  }

  /** The last chunk is read: some servers close without the empty line behind it. */
  get isLastRead(): boolean {
    return this.#expects === "trailer" || this.isDone;
  }

  /** Gives what comes behind the body. */
  push(data: Buffer, onData: (chunk: Buffer) => void): Buffer {
    let at = 0;
    while (at < data.length && !this.isDone) {
      if (this.#expects === "data") {
        const chunk = data.subarray(at, at + this.#left);
        onData(chunk);
        at += chunk.length;
        this.#left -= chunk.length;
        if (this.#left === 0) this.#expects = "end-of-data";
        continue;
      }
      const lineEnd = data.indexOf(0x0a, at);
      const end = lineEnd < 0 ? data.length : lineEnd;
      this.#line += data.subarray(at, end).toString("latin1");
      if (this.#line.length > MAX_LINE_BYTES) throw unreadable("a line without end");
      at = end + 1;
      if (lineEnd >= 0) this.#takeLine();
    }
    return data.subarray(Math.min(at, data.length));
  }

  #takeLine(): void {
    if (!this.#line.endsWith("\r")) this.#onIrregularity("chunks whose lines end with LF only");
    const line = this.#line.replace(/\r$/, "");
    this.#line = "";
    if (this.#expects === "trailer") {
      if (line === "") this.#expects = "nothing";
      return;
    }
    if (this.#expects === "end-of-data") {
      if (line !== "") throw unreadable(`${JSON.stringify(line.slice(0, 20))} behind a chunk`);
      this.#expects = "size";
      return;
    }
    const size = /^\s*0*(?<size>[\da-f]{1,12})\s*(;.*)?$/i.exec(line)?.groups?.size;
    if (size === undefined) throw unreadable(`the size ${JSON.stringify(line.slice(0, 20))}`);
    this.#left = Number.parseInt(size, 16);
    this.#expects = this.#left === 0 ? "trailer" : "data";
  }
}

function unreadable(what: string): ProbeError {
  return new ProbeError("body", `the body's chunks cannot be read: ${what}`);
}
