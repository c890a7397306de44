/**
 * AWS JSON 1.0 and 1.1: the operation in the header `X-Amz-Target`, times as seconds since the epoch.
 * https://smithy.io/2.0/aws/protocols/aws-json-1_0-protocol.html
 */
import { AwsError } from "./error.ts";

export function decodeJson(body: Buffer): unknown {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new AwsError("SerializationException", `The request's body is no JSON: ${String(error)}`);
  }
}

/** Encodes an operation's output; dates become seconds since the epoch, maps become objects. */
export function encodeJson(output: unknown): string {
  return JSON.stringify(plain(output));
}

function plain(value: unknown): unknown {
  if (value instanceof Date) return value.getTime() / 1000;
  if (value instanceof Map) return plain(Object.fromEntries(value));
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
