import { brotliDecompressSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { codeOf, ProbeError } from "../net/probe-error.ts";
import { gunzip } from "./gunzip.ts";

type Decoder = (data: Buffer, options: { maxOutputLength: number }) => Buffer;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: inflate,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** What is no coding of RFC 9110 and sent all the same, by programs that take the header for another one. */
const NO_CODING: ReadonlySet<string> = new Set(
  ["", "identity", "none", "plain", "text", "raw", "binary", "7bit", "8bit", "chunked", "aws-chunked"].concat(
    ["null", "undefined", "false"],
  ),
);

/** Encodings one upon the other that are undone; browsers stop at five. */
const MAX_LAYERS = 5;

/**
 * Undoes `content-encoding`. Not more than `maxBytes` are ever made: 204 KB of gzip can be 210 MB.
 * (We ask for no encoding, so this is for servers that do not listen. It runs at once and not in Node's
 * thread pool, whose four threads one site could hold.)
 */
export function decode(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Buffer {
  const layers = layersOf(contentEncoding).filter((layer) => !isNoCoding(layer));
  if (layers.length > MAX_LAYERS) {
    throw new ProbeError(
      "body",
      `the body is encoded ${layers.length} times over: not more than ${MAX_LAYERS} are undone`,
    );
  }
  return layers.reduceRight((data, layer) => decodeLayer(data, layer, maxBytes), body);
}

/** Encodings that RFC 9110 does not know, and that are read as none. */
export function misnamedCodings(contentEncoding: string | undefined): string[] {
  return layersOf(contentEncoding).filter(
    (layer) => layer !== "" && layer !== "identity" && isNoCoding(layer),
  );
}

function layersOf(contentEncoding: string | undefined): string[] {
  return (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((layer) => layer.trim());
}

/** `content-encoding: utf-8` and `text/html` say something, but not how the body is packed. */
function isNoCoding(layer: string): boolean {
  return NO_CODING.has(layer) || layer.includes("/") || decoderFor(layer) !== undefined;
}

/** `deflate` is zlib's format by RFC 9110; some servers send it without zlib's header, as browsers know. */
function inflate(data: Buffer, options: { maxOutputLength: number }): Buffer {
  const [first = 0, second = 0] = data;
  const hasZlibHeader = (first & 0x0f) === 8 && (first * 256 + second) % 31 === 0;
  return hasZlibHeader ? inflateSync(data, options) : inflateRawSync(data, options);
}

function decodeLayer(data: Buffer, layer: string, maxBytes: number): Buffer {
  const decoder = DECODERS[layer];
  if (!decoder) throw new ProbeError("body", `the body's content-encoding "${layer}" is unknown`);
  try {
    return data.length === 0 ? data : decoder(data, { maxOutputLength: maxBytes });
  } catch (error) {
    const code = codeOf(error);
    if (code === "ERR_BUFFER_TOO_LARGE") {
      throw new ProbeError(
        "too-large",
        `the decoded body has more than ${maxBytes} bytes (${data.length} bytes of ${layer})`,
      );
    }
    if (code === "Z_BUF_ERROR" || code === "ERR_BROTLI_DECODER_ERROR_NEEDS_MORE_INPUT") {
      throw new ProbeError("truncated", `the ${layer} body ends in the middle, after ${data.length} bytes`);
    }
    throw new ProbeError("body", `the ${layer} body cannot be decoded: ${messageOf(error)}`);
  }
}

/**
 * The body as text without a byte order mark. Its charset is, as browsers have it, that of the mark, of `content-type`, or
 * of a `<meta>` at its beginning; UTF-8 where none is known.
 */
export function asText(body: Buffer, contentType: string | undefined): string {
  const charset = markedCharset(body) ?? charsetIn(contentType ?? "") ?? metaCharset(body);
  const decoder = charset === undefined || /^utf-?8$/i.test(charset) ? undefined : decoderFor(charset);
  return decoder ? decoder.decode(body) : body.toString("utf8").replace(/^\uFEFF/, "");
}

function markedCharset([first, second, third]: Buffer): string | undefined {
  if (first === 0xef && second === 0xbb && third === 0xbf) return "utf-8";
  if (first === 0xff && second === 0xfe) return "utf-16le";
  return first === 0xfe && second === 0xff ? "utf-16be" : undefined;
}

function charsetIn(text: string): string | undefined {
  return /charset\s*=\s*["']?([^\s;"'/>]+)/i.exec(text)?.[1];
}

/** Browsers look for it in the first kilobyte. */
function metaCharset(body: Buffer): string | undefined {
  const meta = /<meta\s[^>]*charset[^>]*>/i.exec(body.subarray(0, 1024).toString("latin1"))?.[0];
  // What could be read so far is no UTF-16, whatever it says of itself.
  const charset = charsetIn(meta ?? "");
  return charset !== undefined && /^utf-16/i.test(charset) ? undefined : charset;
}

function decoderFor(charset: string): InstanceType<typeof TextDecoder> | undefined {
  try {
    return new TextDecoder(charset);
  } catch {
    return undefined;
  }
}
