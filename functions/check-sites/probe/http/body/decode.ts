import { brotliDecompressSync } from "node:zlib";
import { messageOf } from "../../../../../shared/errors/message-of.ts";
import { codeOf, ProbeError } from "../../net/probe-error.ts";
import { charsetDecoder } from "./charset.ts";
import { gunzip, inflate } from "./gzip.ts";
import type { Limit } from "./part.ts";
import { unzstd } from "./zstd.ts";

const DECODERS: Readonly<Record<string, (data: Buffer, limit: Limit) => Buffer>> = {
  gzip: gunzip,
  "x-gzip": gunzip,
  deflate: inflate,
  br: brotliDecompressSync,
  zstd: unzstd,
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
 * Undoes the codings of a `content-encoding`, and of a `transfer-encoding` behind them. Not more than `maxBytes` are
 * ever made: 204 KB of gzip can be 210 MB. (We ask for no encoding, so this is for servers that do not listen. It runs at once and not in Node's
 * thread pool, whose four threads one site could hold.)
 */
export function decode(body: Buffer, codings: string | undefined, maxBytes: number): Buffer {
  const layers = layersOf(codings).filter((layer) => !isNoCoding(layer));
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
  return NO_CODING.has(layer) || layer.includes("/") || charsetDecoder(layer) !== undefined;
}

function decodeLayer(data: Buffer, layer: string, maxBytes: number): Buffer {
  const decoder = DECODERS[layer];
  if (!decoder) throw new ProbeError("body", `the body's coding "${layer}" is unknown`);
  if (data.length === 0) return data;
  const decoded = attempt(decoder, data, layer, maxBytes);
  if (decoded.length > maxBytes) throw tooLarge(data, layer, maxBytes);
  return decoded;
}

function attempt(
  decoder: (data: Buffer, limit: Limit) => Buffer,
  data: Buffer,
  layer: string,
  maxBytes: number,
): Buffer {
  try {
    return decoder(data, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof ProbeError) throw error;
    const code = codeOf(error);
    if (code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(data, layer, maxBytes);
    if (code === "Z_BUF_ERROR" || code === "ERR_BROTLI_DECODER_ERROR_NEEDS_MORE_INPUT") {
      throw new ProbeError("truncated", `the ${layer} body ends in the middle, after ${data.length} bytes`);
    }
    throw new ProbeError("body", `the ${layer} body cannot be decoded: ${messageOf(error)}`);
  }
}

function tooLarge(data: Buffer, layer: string, maxBytes: number): ProbeError {
  return new ProbeError(
    "too-large",
    `the decoded body has more than ${maxBytes} bytes (${data.length} bytes of ${layer})`,
  );
}
