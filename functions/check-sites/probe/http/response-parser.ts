import { ProbeError } from "../net/probe-error.ts";
import { ChunkedBody } from "./chunked-body.ts";
import { parseHead, type RawHead } from "./head.ts";
import { HeadBytes } from "./head-bytes.ts";

/** An answer's head may have this many bytes, as many as in Chrome; more is `too-large`. */
export const MAX_HEAD_BYTES = 256 * 1024;

/** Called with what an answer has, as it comes. */
export interface ResponseSink {
  onHead(head: RawHead): void;
  onBody(chunk: Buffer): void;
  /** What is not as RFC 9110 and 9112 have it, and read all the same, as browsers and curl read it. */
  onIrregularity(text: string): void;
}

type Body =
  | { readonly kind: "none" }
  | { readonly kind: "length"; left: number }
  | { readonly kind: "chunked"; readonly chunks: ChunkedBody }
  | { readonly kind: "until-close" };

/**
 * Reads one HTTP/1 answer, as leniently as curl does: Node's own parser refuses what every browser takes (a lone LF,
 * bytes after the body, a control character in a header), and its lenient mode only some of it. What is still an
 * error is an answer that nobody could read, or that did not come whole.
 */
export class ResponseParser {
  readonly #method: string;
  readonly #sink: ResponseSink;
  /** What of the head has come. */
  readonly #head = new HeadBytes();
  #body: Body | undefined;
  #bodyBytes = 0;
  #isDone = false;

  constructor(method: string, sink: ResponseSink) {
    this.#method = method;
    this.#sink = sink;
  }

  /** The answer is complete: whatever comes now changes nothing. */
  get isDone(): boolean {
    return this.#isDone;
  }

  /** Takes what came. Throws a `ProbeError` when it cannot be read. */
  push(data: Buffer): void {
    let rest: Buffer | undefined = data;
    while (rest && rest.length > 0 && !this.#isDone)
      rest = this.#body ? this.#readBody(rest) : this.#readHead(rest);
    if (this.#isDone && rest && rest.length > 0) {
      this.#sink.onIrregularity(`${rest.length} bytes after the end of the answer`);
    }
  }

  /** The other side has closed the connection. Throws a `ProbeError` unless the answer is complete with that. */
  end(): void {
    if (this.#isDone) return;
    if (!this.#body) throw new ProbeError("truncated", this.#cutHead());
    if (
      this.#body.kind === "until-close" ||
      (this.#body.kind === "chunked" && this.#body.chunks.isLastRead)
    ) {
      this.#isDone = true;
      return;
    }
    throw cutBody(this.#bodyBytes);
  }

  #cutHead(): string {
    return this.#head.isEmpty
      ? "the connection was closed without an answer"
      : "the connection was closed in the middle of the answer's head";
  }

  /** Gives what comes behind the head; undefined as long as it is not complete. */
  #readHead(data: Buffer): Buffer | undefined {
    const found = this.#head.push(data);
    requireHttp(this.#head.start);
    if (this.#head.length > MAX_HEAD_BYTES) {
      throw new ProbeError("too-large", `the answer's head has more than ${MAX_HEAD_BYTES} bytes`);
    }
    if (!found) return undefined;
    const head = parseHead(found.head, (text) => this.#sink.onIrregularity(text));
    const { rest } = found;
    // 100 to 199 come before the answer, but for 101: then something else than HTTP follows.
    if (head.status < 200 && head.status !== 101) return rest;
    this.#sink.onHead(head);
    this.#body = bodyOf(this.#method, head, this.#sink);
    if (this.#body.kind === "none" || (this.#body.kind === "length" && this.#body.left === 0))
      this.#isDone = true;
    return rest;
  }

  /** Gives what comes behind the body. */
  #readBody(data: Buffer): Buffer | undefined {
    const body = this.#body;
    switch (body?.kind) {
      case "length": {
        const own = data.subarray(0, body.left);
        body.left -= own.length;
        this.#give(own);
        if (body.left === 0) this.#isDone = true;
        return data.subarray(own.length);
      }
      case "chunked": {
        const rest = body.chunks.push(data, (chunk) => this.#give(chunk));
        this.#isDone = body.chunks.isDone;
        return rest;
      }
      default:
        this.#give(data);
        return undefined;
    }
  }

  #give(chunk: Buffer): void {
    this.#bodyBytes += chunk.length;
    if (chunk.length > 0) this.#sink.onBody(chunk);
  }
}

/** The connection ended before the body did. */
export function cutBody(bytes: number): ProbeError {
  return new ProbeError(
    "truncated",
    `the connection was closed in the middle of the body, after ${bytes} bytes`,
  );
}

/** RFC 9112 6.3, in its order; where it has a client give up, curl and browsers do not. */
function bodyOf(
  method: string,
  { status, lengths, isChunked, hasTransferEncoding }: RawHead,
  sink: ResponseSink,
): Body {
  if (method === "HEAD" || status < 200 || status === 204 || status === 304) return { kind: "none" };
  if (hasTransferEncoding && lengths.length > 0) {
    sink.onIrregularity("a content-length beside a transfer-encoding");
  }
  if (isChunked) {
    return { kind: "chunked", chunks: new ChunkedBody((text) => sink.onIrregularity(text)) };
  }
  const length = hasTransferEncoding ? undefined : lengthOf(lengths, sink);
  return length === undefined ? { kind: "until-close" } : { kind: "length", left: length };
}

/** The body's length; undefined where it is not said, or is more than anybody can count to: then the close is its end. */
function lengthOf(lengths: readonly string[], sink: ResponseSink): number | undefined {
  const found = lengths.filter((text) => text !== "").map(readLength);
  const [length] = found;
  if (lengths.length > 1) sink.onIrregularity("the content-length more than once");
  if (lengths.some((text) => !/^\d{1,15}$/.test(text))) {
    sink.onIrregularity(`the content-length "${lengths.join(", ")}"`);
  }
  if (found.some((other) => other !== length)) {
    throw new ProbeError("header", `the answer has two different content-lengths: ${lengths.join(", ")}`);
  }
  return length !== undefined && length <= Number.MAX_SAFE_INTEGER ? length : undefined;
}

/** `+2` and `2; x` are two bytes for curl as well. */
function readLength(text: string): number {
  const digits = /^\+?(?<digits>\d+)\s*(;.*)?$/.exec(text)?.groups?.digits;
  if (digits === undefined) throw new ProbeError("header", `the content-length "${text}" is no number`);
  return Number(digits);
}

/** Something else than HTTP is said at once, and not after a time-out. */
function requireHttp(data: Buffer): void {
  if (isHttp2Frame(data)) throw new AnsweredInHttp2();
  const start = data.toString("latin1").replace(/^[\r\n]+/, "");
  if ("HTTP/".startsWith(start.slice(0, 5).toUpperCase())) return;
  throw new ProbeError(
    "header",
    `the answer is not HTTP: it begins with ${JSON.stringify(start.slice(0, 20))}`,
  );
}

/** The server speaks HTTP/2 although it was not agreed on. */
export class AnsweredInHttp2 extends ProbeError {
  constructor() {
    super("header", "the answer is in HTTP/2, which was not agreed on");
  }
}

const SETTINGS = 4;
const GOAWAY = 7;

/** What a server begins with in HTTP/2 (RFC 9113 3.4), or ends with at once: a frame of the connection itself. */
function isHttp2Frame(data: Buffer): boolean {
  const [type] = data.subarray(3, 4);
  const isOfConnection = data.length >= 9 && data.readUInt32BE(5) === 0;
  return data[0] === 0 && (type === SETTINGS || type === GOAWAY) && isOfConnection;
}
