import { zstdDecompressSync } from "node:zlib";
import { ProbeError } from "../../net/probe-error.ts";
import { decodePart, type Limit, limitLess } from "./part.ts";

const FRAME = 0xfd2fb528;
/** Sixteen of them, 0x184D2A50 to 0x184D2A5F: a frame with nothing of the content in it. */
const SKIPPABLE_FRAME = 0x184d2a50;
const SKIPPABLE_MASK = 0xfffffff0;

/** So many frames of a body are read: each has a decoder of its own. */
const MOST_FRAMES = 1000;

/** zstd, one frame or several (RFC 8878 3). What is none behind a whole frame is nobody's. */
export function unzstd(data: Buffer, limit: Limit): Buffer {
  const contents: Buffer[] = [];
  let made = 0;
  let rest = data;
  for (let frames = 0; frames === 0 || startsFrame(rest); frames++) {
    if (frames === MOST_FRAMES) {
      throw new ProbeError("body", `the body has more than ${MOST_FRAMES} frames of zstd`);
    }
    const { content, bytesRead } = decodePart(zstdDecompressSync, rest, limitLess(limit, made));
    contents.push(content);
    made += content.length;
    rest = rest.subarray(bytesRead);
  }
  return Buffer.concat(contents);
}

function startsFrame(data: Buffer): boolean {
  if (data.length < 4) return false;
  const magic = data.readUInt32LE(0);
  return magic === FRAME || (magic & SKIPPABLE_MASK) >>> 0 === SKIPPABLE_FRAME;
}
