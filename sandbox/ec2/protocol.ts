import { randomUUID } from "node:crypto";
import type { AwsRequest, AwsResponse } from "../service.ts";
import { AwsError } from "../wire/error.ts";
import { decodeQuery } from "../wire/query.ts";

/**
 * EC2's own dialect of AWS Query: lists are numbered without `member`, answers have `<item>`s and no result
 * element, errors another frame. https://smithy.io/2.0/aws/protocols/aws-ec2-query-protocol.html
 */
const NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15/";

/** One operation: decoded input to the answer's elements, by their names in XML. */
export type Ec2Operation = (input: unknown) => object;

export async function answerEc2(
  operations: Readonly<Record<string, Ec2Operation>>,
  request: AwsRequest,
): Promise<AwsResponse> {
  const headers = { "content-type": "text/xml;charset=UTF-8" };
  const form = new URLSearchParams(request.body.toString("utf8"));
  for (const [name, value] of request.query) form.append(name, value);
  const name = form.get("Action") ?? "";
  try {
    const operation = Object.hasOwn(operations, name) ? operations[name] : undefined;
    if (!operation) {
      const known = Object.keys(operations).join(", ");
      throw new AwsError("InvalidAction", `The sandbox's EC2 has no operation "${name}". It has: ${known}.`);
    }
    const output = operation(withLists(decodeQuery(form)));
    const body = `<${name}Response xmlns="${NAMESPACE}">${element("requestId", randomUUID())}${content(output)}</${name}Response>`;
    return { status: 200, headers, body };
  } catch (error) {
    if (!(error instanceof AwsError)) throw error;
    return { status: error.status, headers, body: encodeEc2Error(error.code, error.message) };
  }
}

export function encodeEc2Error(code: string, message: string): string {
  const inner = element("Errors", { Error: { Code: code, Message: message } });
  return `<Response>${inner}${element("RequestID", randomUUID())}</Response>`;
}

/** `InstanceId.1=a&InstanceId.2=b` is a list. */
function withLists(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value);
  const isList = entries.length > 0 && entries.every(([key]) => /^\d+$/.test(key));
  if (isList)
    return entries.toSorted(([a], [b]) => Number(a) - Number(b)).map(([, inner]) => withLists(inner));
  return Object.fromEntries(entries.map(([key, inner]) => [key, withLists(inner)]));
}

function element(name: string, value: unknown): string {
  return value === undefined || value === null ? "" : `<${name}>${content(value)}</${name}>`;
}

function content(value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => element("item", item)).join("");
  if (value instanceof Date) return value.toISOString();
  if (typeof value === "object" && value !== null) {
    return Object.entries(value)
      .map(([key, inner]) => element(key, inner))
      .join("");
  }
  return String(value).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
