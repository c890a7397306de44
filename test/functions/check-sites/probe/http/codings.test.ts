import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { decode } from "../../../../../functions/check-sites/probe/http/body/decode.ts";

const MAX_BYTES = 10_000;
const zstd = (text: string) => zstdCompressSync(Buffer.from(text));
const lineBreak = Buffer.from("\r\n");
const zlib = deflateSync("hello");
const whole = gzipSync("hello");
const long = Buffer.from(Array.from({ length: 500 }, (_, index) => `${(index * 7919) % 1000}`).join(" "));

/** A frame of zstd with nothing of the content in it. */
function skippable(bytes: number): Buffer {
  const frame = Buffer.alloc(8 + bytes);
  frame.writeUInt32LE(0x184d2a5a, 0);
  frame.writeUInt32LE(bytes, 4);
  return frame;
}

/** As curl 7.88 and browsers read it: what is whole is read, whatever is missing or added behind it. */
describe("a body is undone", () => {
  test.each([
    ["gzip", "in several members", Buffer.concat([whole, gzipSync(" you")]), "hello you"],
    ["gzip", "with a line break behind it", Buffer.concat([whole, lineBreak]), "hello"],
    [
      "gzip",
      "with a comment of the page behind it",
      Buffer.concat([whole, Buffer.from("<!-- 0.1 s -->")]),
      "hello",
    ],
    ["gzip", "without its checksum", whole.subarray(0, -8), "hello"],
    ["gzip", "with half its checksum", whole.subarray(0, -4), "hello"],
    [
      "gzip",
      "the last of its members without one",
      Buffer.concat([whole, whole.subarray(0, -8)]),
      "hellohello",
    ],
    ["gzip", "with a name and no checksum", withName(whole).subarray(0, -8), "hello"],
    ["gzip", "that is zlib's format", zlib, "hello"],
    ["deflate", "without its checksum", zlib.subarray(0, -4), "hello"],
    ["deflate", "with something behind it", Buffer.concat([zlib, lineBreak]), "hello"],
    ["br", "with something behind it", Buffer.concat([brotliCompressSync("hello"), lineBreak]), "hello"],
    ["zstd", "in several frames", Buffer.concat([zstd("hello"), zstd(" you")]), "hello you"],
    ["zstd", "behind a frame of something else", Buffer.concat([skippable(5), zstd("hello")]), "hello"],
    ["zstd", "behind an empty frame", Buffer.concat([zstd(""), zstd("hello"), skippable(0)]), "hello"],
    ["zstd", "with a line break behind it", Buffer.concat([zstd("hello"), lineBreak]), "hello"],
    ["gzip, br", "once over the other", brotliCompressSync(whole), "hello"],
  ])("%s %s", (coding, _, body, text) => {
    expect(decode(body, coding, MAX_BYTES).toString()).toBe(text);
  });

  test.each([
    [
      "gzip",
      "with half a member behind it",
      Buffer.concat([whole, gzipSync("you").subarray(0, -9)]),
      "truncated",
    ],
    ["gzip", "that ends in the middle", whole.subarray(0, -10), "truncated"],
    ["gzip", "whose checksum is wrong", Buffer.concat([whole.subarray(0, -8), Buffer.alloc(8)]), "body"],
    ["gzip", "that is plain", Buffer.from("hello"), "body"],
    ["deflate", "that ends in the middle", deflateSync(long).subarray(0, -5), "truncated"],
    ["deflate", "whose checksum is wrong", Buffer.concat([zlib.subarray(0, -4), Buffer.alloc(4)]), "body"],
    ["br", "that ends in the middle", brotliCompressSync(long).subarray(0, -3), "truncated"],
    [
      "zstd",
      "that ends in its second frame",
      Buffer.concat([zstd("hello"), zstd("you").subarray(0, -1)]),
      "truncated",
    ],
    [
      "zstd",
      "of frames without end",
      Buffer.concat(Array.from({ length: 1001 }, () => skippable(0))),
      "body",
    ],
    [
      "zstd",
      "of more than the limit, in two frames",
      Buffer.concat([zstd("x".repeat(9000)), zstd("y".repeat(9000))]),
      "too-large",
    ],
    [
      "zstd",
      "of one byte more than the limit",
      Buffer.concat([zstd("x".repeat(MAX_BYTES)), zstd("y")]),
      "too-large",
    ],
    [
      "gzip",
      "of more than the limit, in two members",
      Buffer.concat([gzipSync("x".repeat(9000)), gzipSync("y".repeat(9000)).subarray(0, -8)]),
      "too-large",
    ],
  ])("but not %s %s", (coding, _, body, reason) => {
    expect(() => decode(body, coding, MAX_BYTES)).toThrow(expect.objectContaining({ reason }));
  });
});

function withName(data: Buffer): Buffer {
  const HAS_NAME = 8;
  const header = Buffer.from(data.subarray(0, 10));
  header[3] = HAS_NAME;
  return Buffer.concat([header, Buffer.from("page.html\0"), data.subarray(10)]);
}
