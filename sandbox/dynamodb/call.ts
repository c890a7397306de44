import { internalRequest } from "../endpoint/internal-request.ts";
import type { Upstream, UpstreamResponse } from "../endpoint/upstream.ts";

/** A call of our own to `dynalite`. */
export type CallDynamoDb = (operation: string, input: object) => Promise<UpstreamResponse>;

export function createCall(upstream: Upstream, region?: string): CallDynamoDb {
  return (operation, input) =>
    upstream.forward(internalRequest(`DynamoDB_20120810.${operation}`, "dynamodb", input, region));
}
