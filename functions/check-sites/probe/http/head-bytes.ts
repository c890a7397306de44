/** So many bytes of the beginning are kept to see whether it is HTTP. */
const START_BYTES = 64;

const CR = 0x0d;
const LF = 0x0a;

/** The bytes of a head as they come. Each is looked at once, however small the pieces are. */
export class HeadBytes {
  #pieces: Buffer[] = [];
  #length = 0;
  #start: Buffer = Buffer.alloc(0);
  #isComplete = false;
  /** Empty lines before the status line are no end. */
  #hasBegun = false;
  #isLineEmpty = true;

  /** Nothing has come of a head that is not complete. */
  get isEmpty(): boolean {
    return this.#length === 0 || this.#isComplete;
  }

  get length(): number {
    return this.#length;
  }

  /** How it begins. */
  get start(): Buffer {
    return this.#start;
  }

  /** Gives the head and what comes behind it once it is complete: with the first empty line. The next one begins anew. */
  push(data: Buffer): { readonly head: Buffer; readonly rest: Buffer } | undefined {
    if (this.#isComplete) this.#begin();
    const end = this.#endIn(data);
    const own = data.subarray(0, end);
    this.#pieces.push(own);
    this.#length += own.length;
    if (this.#start.length < START_BYTES) {
      this.#start = Buffer.concat([this.#start, own.subarray(0, START_BYTES - this.#start.length)]);
    }
    if (end === undefined) return undefined;
    this.#isComplete = true;
    return { head: Buffer.concat(this.#pieces), rest: data.subarray(end) };
  }

  #begin(): void {
    this.#pieces = [];
    this.#length = 0;
    this.#start = Buffer.alloc(0);
    this.#isComplete = false;
    this.#hasBegun = false;
    this.#isLineEmpty = true;
  }

  /** Where the empty line ends, with CR or without. */
  #endIn(data: Buffer): number | undefined {
    for (let at = 0; at < data.length; at++) {
      if (data[at] === LF) {
        if (this.#isLineEmpty && this.#hasBegun) return at + 1;
        this.#isLineEmpty = true;
      } else if (data[at] !== CR) {
        this.#isLineEmpty = false;
        this.#hasBegun = true;
      }
    }
    return undefined;
  }
}
