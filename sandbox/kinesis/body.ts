import { decodeCbor, encodeCbor } from "../wire/cbor.ts";
import { AwsError } from "../wire/error.ts";
import { decodeJson } from "../wire/json.ts";

/** Kinesis speaks AWS JSON 1.1 with most clients and CBOR with the Java SDK; the shapes are the same. */
export interface BodyFormat {
  decode(body: Buffer): Record<string, unknown>;
  encode(output: object): Uint8Array | string;
}

const JSON_FORMAT: BodyFormat = {
  decode: (body) => record(decodeJson(body)),
  encode: (output) => JSON.stringify(output),
};

const CBOR_FORMAT: BodyFormat = {
  decode: (body) => record(decodeCbor(body)),
  encode: encodeCbor,
};

export function bodyFormat(headers: Readonly<Record<string, string>>): BodyFormat {
  return headers["content-type"]?.includes("cbor") ? CBOR_FORMAT : JSON_FORMAT;
}

/** The size of a blob field: base64 text in JSON, bytes in CBOR. */
export function blobBytes(data: unknown): number {
  if (data instanceof Uint8Array) return data.length;
  return typeof data === "string" ? Buffer.byteLength(data, "base64") : 0;
}

function record(value: unknown): Record<string, unknown> {
  if (typeof value === "object" && value !== null) return { ...value };
  throw new AwsError("SerializationException", "The request's body is no object.");
}
