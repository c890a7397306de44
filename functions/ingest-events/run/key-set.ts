import { hash } from "node:crypto";

const BYTES = 1024 * 1024;
const HASHES = 4;

/**
 * A set of keys that says of one it never had, now and then, that it may have it (a Bloom filter): of 1,000,000 keys, of about
 * one in fifty. It takes 1 MiB for any number of keys of any length; the keys of one batch may take gigabytes.
 */
export class KeySet {
  readonly #bits = new Uint8Array(BYTES);

  add(key: string): void {
    for (const place of placesOf(key)) {
      const byte = place >>> 3;
      this.#bits[byte] = (this.#bits[byte] ?? 0) | (1 << (place & 7));
    }
  }

  mayHave(key: string): boolean {
    return placesOf(key).every((place) => ((this.#bits[place >>> 3] ?? 0) & (1 << (place & 7))) !== 0);
  }
}

/** Of bits: independent of each other, for they are parts of one digest. */
function placesOf(key: string): readonly number[] {
  const digest = hash("md5", key, "buffer");
  return Array.from({ length: HASHES }, (_none, index) => digest.readUInt32BE(index * 4) % (BYTES * 8));
}
