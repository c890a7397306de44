/** What it holds between two items; one of 400 KB may have needed ten times as much as JSON. */
const KEPT_BYTES = 256 * 1024;

/**
 * JSON on its way, as the bytes that are sent. A short text is copied character by character, which is faster than a call out of
 * JavaScript; and no text is made of the pieces on the way.
 */
export class JsonWriter {
  /** Bytes written. */
  length = 0;
  #bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);

  clear(): void {
    this.length = 0;
    if (this.#bytes.length > KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(KEPT_BYTES);
  }

  /** @param text of ASCII alone, as it is to stand there */
  ascii(text: string): void {
    const bytes = this.#room(text.length);
    let at = this.length;
    for (let index = 0; index < text.length; index += 1) {
      bytes[at] = text.charCodeAt(index);
      at += 1;
    }
    this.length = at;
  }

  /**
   * Writes a text in quotes if it is short, and of characters of ASCII that JSON writes as they are.
   * @returns whether it is; otherwise nothing is written.
   */
  shortText(text: string): boolean {
    const { length } = text;
    if (length > SHORT_TEXT) return false;
    const bytes = this.#room(length + 2);
    let at = this.length + 1;
    for (let index = 0; index < length; index += 1) {
      const code = text.charCodeAt(index);
      if (code < 0x20 || code === QUOTE || code === BACKSLASH || code >= 0x7f) return false;
      bytes[at] = code;
      at += 1;
    }
    bytes[this.length] = QUOTE;
    bytes[at] = QUOTE;
    this.length = at + 1;
    return true;
  }

  /** Writes a text in quotes. */
  text(text: string): void {
    if (this.shortText(text)) return;
    const json = JSON.stringify(text);
    const bytes = this.#room(MAX_BYTES_A_CHARACTER * json.length);
    this.length += bytes.write(json, this.length);
  }

  /** What was written from `from` up to `to`. */
  read(from: number, to: number): string {
    return this.#bytes.toString("utf8", from, to);
  }

  /** All of it, in memory of its own. */
  copy(): Buffer {
    return Buffer.from(this.#bytes.subarray(0, this.length));
  }

  /** @returns the bytes, with room for so many more. */
  #room(bytes: number): Buffer {
    if (this.length + bytes > this.#bytes.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * this.#bytes.length, this.length + bytes));
      this.#bytes.copy(larger, 0, 0, this.length);
      this.#bytes = larger;
    }
    return this.#bytes;
  }
}

const SHORT_TEXT = 64;
/** Of UTF-16's, in UTF-8. */
const MAX_BYTES_A_CHARACTER = 3;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
