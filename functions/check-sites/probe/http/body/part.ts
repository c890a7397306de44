/** How many bytes may be made of a body: 204 KB of gzip can be 210 MB. */
export interface Limit {
  readonly maxOutputLength: number;
}

/** One of `node:zlib`, which reads up to the end of what it knows and leaves what is behind it. */
export type Decoder = (data: Buffer, options: Limit & { readonly info?: boolean }) => Buffer;

/** What a decoder has made of the beginning of some data. */
export interface Part {
  readonly content: Buffer;
  /** So many bytes of the data are in it. */
  readonly bytesRead: number;
}

/** Decodes the beginning of `data`. Throws the decoder's error where it does not come to its end. */
export function decodePart(decoder: Decoder, data: Buffer, limit: Limit): Part {
  // With `info` it is no Buffer that is given, which @types/node does not know.
  const given: unknown = decoder(data, { ...limit, info: true });
  if (!isWithInfo(given)) throw new Error("node:zlib gave no information on what it has read");
  return { content: given.buffer, bytesRead: given.engine.bytesWritten };
}

/** A decoder makes at least one byte of room. */
export function limitLess(limit: Limit, bytes: number): Limit {
  return { maxOutputLength: Math.max(1, limit.maxOutputLength - bytes) };
}

function isWithInfo(given: unknown): given is { buffer: Buffer; engine: { bytesWritten: number } } {
  return (
    typeof given === "object" &&
    given !== null &&
    "buffer" in given &&
    Buffer.isBuffer(given.buffer) &&
    "engine" in given &&
    typeof given.engine === "object" &&
    given.engine !== null &&
    "bytesWritten" in given.engine
  );
}
