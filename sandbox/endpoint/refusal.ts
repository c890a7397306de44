import { encodeEc2Error } from "../ec2/protocol.ts";
import type { AwsRequest, AwsResponse } from "../service.ts";
import { encodeCbor } from "../wire/cbor.ts";
import { AwsError } from "../wire/error.ts";
import { encodeQueryError } from "../wire/query.ts";

/** An error the endpoint answers itself, before or instead of the service. */
export interface Refusal {
  readonly status: number;
  /** AWS's error code, for example `ThrottlingException`. */
  readonly code: string;
  readonly message: string;
}

/**
 * The refusal in the protocol the client speaks, known from the request: CBOR, AWS JSON, Query (XML), and
 * else REST-JSON.
 */
export function refusalResponse(
  request: Pick<AwsRequest, "headers" | "body">,
  service: string | undefined,
  refusal: Refusal,
): AwsResponse {
  const { status, code, message } = refusal;
  const contentType = request.headers["content-type"] ?? "";
  if (request.headers["smithy-protocol"] === "rpc-v2-cbor" || contentType.includes("cbor")) {
    const headers: Record<string, string> = { "content-type": contentType || "application/cbor" };
    const protocol = request.headers["smithy-protocol"];
    if (protocol) headers["smithy-protocol"] = protocol;
    return { status, headers, body: encodeCbor({ __type: code, message }) };
  }
  if (request.headers["x-amz-target"] !== undefined) {
    return {
      status,
      headers: { "content-type": contentType },
      body: JSON.stringify({ __type: code, message }),
    };
  }
  if (service === "ec2") {
    return { status, headers: { "content-type": "text/xml" }, body: encodeEc2Error(code, message) };
  }
  // S3 (REST-XML) reads Code and Message from the same places.
  if (contentType.includes("x-www-form-urlencoded") || service === "s3") {
    const body = encodeQueryError(new AwsError(code, message, { status }), "https://aws.amazon.com/");
    return { status, headers: { "content-type": "text/xml" }, body };
  }
  const headers = { "content-type": "application/json", "x-amzn-errortype": code };
  return { status, headers, body: JSON.stringify({ message }) };
}
