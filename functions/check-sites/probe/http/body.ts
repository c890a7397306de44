import { brotliDecompressSync, gunzipSync, inflateRawSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { messageOf } from "../../../../shared/errors/message-of.ts";
import { codeOf, ProbeError } from "../net/probe-error.ts";

type Decoder = (data: Buffer, options: { maxOutputLength: number }) => Buffer;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflate,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

/** `none` is no coding of RFC 9110, and sent all the same. */
const NO_CODING: ReadonlySet<string> = new Set(["", "identity", "none"]);

/** Encodings one upon the other that are undone; browsers stop at five. */
const MAX_LAYERS = 5;

/**
 * Undoes `content-encoding`. Not more than `maxBytes` are ever made: 204 KB of gzip can be 210 MB.
 * (We ask for no encoding, so this is for servers that do not listen. It runs at once and not in Node's
 * thread pool, whose four threads one site could hold.)
 */
export function decode(body: Buffer, contentEncoding: string | undefined, maxBytes: number): Buffer {
  const layers = (contentEncoding ?? "")
    .toLowerCase()
    .split(",")
    .map((layer) => layer.trim())
    .filter((layer) => !NO_CODING.has(layer));
  if (layers.length > MAX_LAYERS) {
    throw new ProbeError(
      "body",
      `the body is encoded ${layers.length} times over: not more than ${MAX_LAYERS} are undone`,
    );
  }
  return layers.reduceRight((data, layer) => decodeLayer(data, layer, maxBytes), body);
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

/** The body as text without a byte order mark, by the charset of `content-type`; UTF-8 where none is known. */
export function asText(body: Buffer, contentType: string | undefined): string {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return withoutMark(body.toString("utf8"));
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return withoutMark(body.toString("utf8"));
  }
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, "");
}
