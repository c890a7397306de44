import { crc32, gunzipSync, inflateRawSync, inflateSync } from "node:zlib";
import { decodePart, type Limit, limitLess } from "./part.ts";

const MAGIC = Buffer.from([0x1f, 0x8b]);
const FIXED_HEADER_BYTES = 10;
const TRAILER_BYTES = 8;
const ZLIB_HEADER_BYTES = 2;
const ZLIB_TRAILER_BYTES = 4;

/** The flags of RFC 1952 2.3.1 that make the header longer. */
const HAS_HEADER_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

/** So many members of a body are looked at one by one. */
const MOST_MEMBERS = 100;

/**
 * gzip, one member or several. As curl and browsers have it, the checksum of the last one may be missing, what is no
 * member behind a whole one (a line break, most often) is nobody's, and zlib's format is read under this name, too.
 */
export function gunzip(data: Buffer, limit: Limit): Buffer {
  if (hasZlibHeader(data)) return inflate(data, limit);
  return elseLeniently(
    () => gunzipSync(data, limit),
    () => wholeMembers(data, limit),
  );
}

/** `deflate` is zlib's format by RFC 9110; some servers send it without zlib's header or checksum, as browsers know. */
export function inflate(data: Buffer, limit: Limit): Buffer {
  if (!hasZlibHeader(data)) return inflateRawSync(data, limit);
  return elseLeniently(
    () => inflateSync(data, limit),
    () => {
      const { content, bytesRead } = decodePart(inflateRawSync, data.subarray(ZLIB_HEADER_BYTES), limit);
      const hasChecksum = data.length >= ZLIB_HEADER_BYTES + bytesRead + ZLIB_TRAILER_BYTES;
      return hasChecksum ? undefined : content;
    },
  );
}

/** What `strictly` gives; where it fails, what `leniently` gives, if anything: else the failure stands. */
function elseLeniently(strictly: () => Buffer, leniently: () => Buffer | undefined): Buffer {
  try {
    return strictly();
  } catch (error) {
    const content = attempt(leniently);
    if (content === undefined) throw error;
    return content;
  }
}

function attempt(decode: () => Buffer | undefined): Buffer | undefined {
  try {
    return decode();
  } catch {
    return undefined;
  }
}

/** The content of all members where each is whole, but for the checksum of the last one. */
function wholeMembers(data: Buffer, limit: Limit): Buffer | undefined {
  const contents: Buffer[] = [];
  let made = 0;
  let rest = data;
  while (rest.length > 0 && (contents.length === 0 || rest.subarray(0, 2).equals(MAGIC))) {
    if (contents.length === MOST_MEMBERS) return undefined;
    const from = headerLength(rest);
    const { content, bytesRead } = decodePart(inflateRawSync, rest.subarray(from), limitLess(limit, made));
    const trailer = rest.subarray(from + bytesRead, from + bytesRead + TRAILER_BYTES);
    if (trailer.length === TRAILER_BYTES && !trailer.equals(trailerOf(content))) return undefined;
    contents.push(content);
    made += content.length;
    rest = rest.subarray(from + bytesRead + TRAILER_BYTES);
  }
  return made <= limit.maxOutputLength ? Buffer.concat(contents) : undefined;
}

function hasZlibHeader([first = 0, second = 0]: Buffer): boolean {
  return (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
}

function trailerOf(content: Buffer): Buffer {
  const trailer = Buffer.alloc(TRAILER_BYTES);
  trailer.writeUInt32LE(crc32(content), 0);
  trailer.writeUInt32LE(content.length % 2 ** 32, 4);
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
