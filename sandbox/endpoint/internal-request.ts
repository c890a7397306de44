import { type AwsRequest, DEFAULT_REGION } from "../service.ts";

/**
 * A request of the sandbox's own, in AWS JSON, past the endpoint: it is no client's call, and meets no fault. It is
 * signed in form only: the servers behind the services want to see a signature, and read nothing from it but the
 * region and, from a key of twelve digits, the account.
 *
 * @param target `X-Amz-Target`, for example `Kinesis_20131202.ListStreams`
 * @param signingName for example `kinesis`
 */
export function internalRequest(
  target: string,
  signingName: string,
  input: object,
  region = DEFAULT_REGION,
): AwsRequest {
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      "content-type": `application/x-amz-json-1.${signingName === "dynamodb" ? 0 : 1}`,
      "x-amz-target": target,
      "x-amz-date": "20260101T000000Z",
      authorization: authorizationFor(signingName, region),
    },
    body: Buffer.from(JSON.stringify(input)),
    region,
  };
}

/** An `Authorization` header of the sandbox's account. */
export function authorizationFor(signingName: string, region = DEFAULT_REGION): string {
  const scope = `sandbox/20260101/${region}/${signingName}/aws4_request`;
  return `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`;
}
