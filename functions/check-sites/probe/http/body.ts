import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from "node:zlib";
import { codeOf, messageOf, ProbeError } from "../net/probe-error.ts";

type Decoder = (data: Buffer, options: { maxOutputLength: number }) => Buffer;

const DECODERS: Readonly<Record<string, Decoder>> = {
  gzip: gunzipSync,
  "x-gzip": gunzipSync,
  deflate: inflateSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
};

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
    .filter((layer) => layer !== "" && layer !== "identity");
  if (layers.length > MAX_LAYERS) {
    throw new ProbeError(
      "body",
      `the body is encoded ${layers.length} times over: not more than ${MAX_LAYERS} are undone`,
    );
  }
  return layers.reduceRight((data, layer) => decodeLayer(data, layer, maxBytes), body);
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

/** The body as text, by the charset of `content-type`; UTF-8 where none is named or it is unknown. */
export function asText(body: Buffer, contentType: string | undefined): string {
  const charset = /charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? "")?.[1];
  if (charset === undefined || /^utf-?8$/i.test(charset)) return body.toString("utf8");
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return body.toString("utf8");
  }
}
