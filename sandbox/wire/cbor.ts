/**
 * Smithy RPC v2 CBOR: the operation in the path, times as CBOR tag 1.
 * https://smithy.io/2.0/additional-specs/protocols/smithy-rpc-v2.html
 */
import { cbor, tag } from "@smithy/core/cbor";
import { AwsError } from "./error.ts";

/** CBOR's tag of a time in seconds since the epoch (RFC 8949, 3.4.2). */
const EPOCH_TIME = 1;

export function decodeCbor(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return withDates(cbor.deserialize(body));
  } catch (error) {
    throw new AwsError("SerializationException", `The request's body is no CBOR: ${String(error)}`);
  }
}

export function encodeCbor(output: unknown): Uint8Array {
  return cbor.serialize(withTags(output));
}

function withDates(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (Array.isArray(value)) return value.map(withDates);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  if ("tag" in value && "value" in value && Number(value.tag) === EPOCH_TIME) {
    return new Date(Number(value.value) * 1000);
  }
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withDates(inner)]));
}

function withTags(value: unknown): unknown {
  if (value instanceof Date) return tag({ tag: EPOCH_TIME, value: value.getTime() / 1000 });
  if (value instanceof Map) return withTags(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(withTags);
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return Object.fromEntries(present.map(([key, inner]) => [key, withTags(inner)]));
}
