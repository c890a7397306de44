import { type Refusal, refusalResponse } from "../endpoint/refusal.ts";
import type { UpstreamResponse } from "../endpoint/upstream.ts";
import type { AwsRequest, AwsResponse } from "../service.ts";
import { bodyFormat } from "./body.ts";

/** The fields of a request or an answer. */
export type Fields = Readonly<Record<string, unknown>>;

export function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

export function listOfFields(value: unknown): Fields[] {
  return Array.isArray(value) ? value.map(fieldsOf) : [];
}

/** The stream a request names, by its name or its ARN; "" where it names none. */
export function streamOf(input: Fields): string {
  if (typeof input.StreamName === "string") return input.StreamName;
  return typeof input.StreamARN === "string" ? (input.StreamARN.split(":stream/")[1] ?? "") : "";
}

/** An answer in the request's format. AWS leaves out what is not there, where `kinesis-local` sends null. */
export function answerTo(request: AwsRequest, output: Fields): AwsResponse {
  const headers = { "content-type": request.headers["content-type"] ?? "application/x-amz-json-1.1" };
  return { status: 200, headers, body: bodyFormat(request.headers).encode(fieldsOf(withoutNulls(output))) };
}

/** `kinesis-local`'s answer, changed by `change` where it is not an error. */
export function changed(
  request: AwsRequest,
  response: UpstreamResponse,
  change: (output: Fields) => Fields = (output) => output,
): AwsResponse {
  if (response.status >= 400 || response.body.length === 0) return response;
  return answerTo(request, change(bodyFormat(request.headers).decode(response.body)));
}

export function refuse(request: AwsRequest, refusal: Refusal): AwsResponse {
  return refusalResponse(request, "kinesis", refusal);
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array || value instanceof Date) return value;
  const present = Object.entries(value).filter(([, inner]) => inner !== null);
  return Object.fromEntries(present.map(([key, inner]) => [key, withoutNulls(inner)]));
}
