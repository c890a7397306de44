import { type AwsRequest, DEFAULT_REGION } from "../service.ts";
import type { Upstream, UpstreamResponse } from "../upstream.ts";

/** A call of our own to `dynalite`. */
export type CallDynamoDb = (operation: string, input: object) => Promise<UpstreamResponse>;

export function createCall(upstream: Upstream): CallDynamoDb {
  return (operation, input) => upstream.forward(internalRequest(operation, input));
}

/** Signed as `dynalite` wants to see it; it reads nothing from it. */
function internalRequest(operation: string, input: object): AwsRequest {
  const scope = `sandbox/20260101/${DEFAULT_REGION}/dynamodb/aws4_request`;
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
      "x-amz-date": "20260101T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: Buffer.from(JSON.stringify(input)),
    region: DEFAULT_REGION,
  };
}
