import { type AwsRequest, DEFAULT_REGION } from "../service.ts";

/**
 * A request of the sandbox's own, in AWS JSON, past the endpoint: it is no client's call, and meets no fault. It is
 * signed in form only: the servers behind the services want to see a signature, and read nothing from it but the
 * region and, from a key of twelve digits, the account.
 *
 * @param target `X-Amz-Target`, for example `Kinesis_20131202.ListStreams`
 * @param signingName for example `kinesis`
 */
export function internalRequest(target: string, signingName: string, input: object): AwsRequest {
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      "content-type": `application/x-amz-json-1.${signingName === "dynamodb" ? 0 : 1}`,
      "x-amz-target": target,
      "x-amz-date": "20260101T000000Z",
      authorization: authorizationFor(signingName),
    },
    body: Buffer.from(JSON.stringify(input)),
    region: DEFAULT_REGION,
  };
}

/** An `Authorization` header of the sandbox's one account and region. */
export function authorizationFor(signingName: string): string {
  const scope = `sandbox/20260101/${DEFAULT_REGION}/${signingName}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
}
