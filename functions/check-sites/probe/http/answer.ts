import { ProbeError } from "../net/probe-error.ts";

/** The answer's head, as soon as it is there. */
export interface Head {
  readonly status: number;
  /** For example `HTTP/1.1`. */
  readonly protocol: string;
  /** By name in lower case; several of one name are joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  readonly setCookies: readonly string[];
}

/** A complete answer. */
export interface Answer {
  readonly head: Head;
  /** As it came over the wire; empty where nobody reads it. */
  readonly body: Buffer;
  /** What was read although it is not as the RFCs have it. */
  readonly irregularities: readonly string[];
}

/** What is reported of an answer while it comes. */
export interface AnswerListener {
  /** Takes the body, as much of it as is wanted of this answer. */
  bodyFor(head: Head): AnswerBody;
  /** Called with the head at once: it is known even if the body never comes. */
  onHead(head: Head): void;
}

/** An answer as it comes. */
export class IncomingAnswer {
  readonly #listener: AnswerListener;
  readonly #irregularities = new Set<string>();
  #head: Head | undefined;
  #body: AnswerBody | undefined;

  constructor(listener: AnswerListener) {
    this.#listener = listener;
  }

  get hasHead(): boolean {
    return this.#head !== undefined;
  }

  /** Nothing more of it is needed. */
  get isEnough(): boolean {
    return this.#body?.isEnough ?? false;
  }

  takeHead(head: Head): void {
    this.#head = head;
    this.#listener.onHead(head);
    this.#body = this.#listener.bodyFor(head);
  }

  /** Throws a `too-large` error where a body that is to be kept goes over the limit. */
  takeBody(chunk: Buffer): void {
    this.#body?.push(chunk);
  }

  noteIrregularity(text: string): void {
    this.#irregularities.add(text);
  }

  /** The connection ended before the answer did. */
  cut(why: string): ProbeError {
    const where = this.#body
      ? `in the middle of the body, after ${this.#body.bytesRead} bytes`
      : "without an answer";
    return new ProbeError("truncated", `the connection was closed ${where}${this.#body ? "" : why}`);
  }

  /** The answer as it stands; undefined before its head is there. */
  toAnswer(): Answer | undefined {
    const [head, body] = [this.#head, this.#body];
    return head && body && { head, body: body.bytes, irregularities: [...this.#irregularities] };
  }
}

/** What becomes of a body: `keep` it for a condition, `count` its bytes, or leave it (`skip`). */
export type BodyUse = "keep" | "count" | "skip";

/** A body as it comes, within a limit of bytes. */
export class AnswerBody {
  readonly #use: BodyUse;
  readonly #maxBytes: number;
  readonly #onBytes: (read: number) => void;
  readonly #chunks: Buffer[] = [];
  #read = 0;

  constructor(use: BodyUse, maxBytes: number, onBytes: (read: number) => void) {
    this.#use = use;
    this.#maxBytes = maxBytes;
    this.#onBytes = onBytes;
  }

  get bytesRead(): number {
    return this.#read;
  }

  /** No more of it is needed: nobody reads it, or nobody reads more than the limit. */
  get isEnough(): boolean {
    return this.#use === "skip" || (this.#use === "count" && this.#read > this.#maxBytes);
  }

  get bytes(): Buffer {
    const [only] = this.#chunks;
    return this.#chunks.length === 1 && only ? only : Buffer.concat(this.#chunks);
  }

  /** Throws a `too-large` error where a body that is to be kept goes over the limit. */
  push(chunk: Buffer): void {
    this.#read += chunk.length;
    this.#onBytes(this.#read);
    if (this.#use !== "keep") return;
    if (this.#read > this.#maxBytes) {
      throw new ProbeError("too-large", `the body has more than ${this.#maxBytes} bytes`);
    }
    this.#chunks.push(chunk);
  }
}
