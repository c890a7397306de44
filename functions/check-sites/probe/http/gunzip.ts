import { crc32, gunzipSync, inflateRawSync } from "node:zlib";

const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const MAGIC = Buffer.from([0x1f, 0x8b]);

/** The flags of RFC 1952 2.3.1 that make the header longer. */
const HAS_HEADER_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

/** gzip, one member or several. What is none behind a whole member (a line break, most often) is nobody's. */
export function gunzip(data: Buffer, options: { maxOutputLength: number }): Buffer {
  try {
    return gunzipSync(data, options);
  } catch (error) {
    const content = beforeOtherBytes(data, options);
    if (content === undefined) throw error;
    return content;
  }
}

/** The content of the first member, where it is whole and no member follows. */
function beforeOtherBytes(data: Buffer, options: { maxOutputLength: number }): Buffer | undefined {
  const from = headerLength(data);
  try {
    const content = inflateRawSync(data.subarray(from), options);
    const end = data.indexOf(trailerOf(content), from) + TRAILER_BYTES;
    const follows = data.subarray(end);
    return end > from && follows.length > 0 && !follows.subarray(0, 2).equals(MAGIC) ? content : undefined;
  } catch {
    return undefined;
  }
}

function trailerOf(content: Buffer): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length, 4);
  return trailer;
}

function headerLength(data: Buffer): number {
  const flags = data[3] ?? 0;
  let at = FIXED_HEADER_BYTES;
  if (flags & HAS_EXTRA && data.length >= at + 2) at += 2 + data.readUInt16LE(at);
  if (flags & HAS_NAME) at = data.indexOf(0, at) + 1;
  if (flags & HAS_COMMENT) at = data.indexOf(0, at) + 1;
  return flags & HAS_HEADER_CRC ? at + 2 : at;
}
