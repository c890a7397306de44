import { type AwsRequest, DEFAULT_REGION, type Service } from "../service.ts";
import { decodeJson } from "../wire/json.ts";

/** A call to one of the account's services past its endpoint: it is no client's call, and meets no fault. */
export type Call = (operation: string, input: object) => Promise<unknown>;

/**
 * @param target what stands before the operation in `X-Amz-Target`, for example `Kinesis_20131202`
 * @param signingName for example `kinesis`
 * @returns calls that throw an Error with the service's answer where it refuses
 */
export function callsTo(service: Pick<Service, "handle">, target: string, signingName: string): Call {
  return async (operation, input) => {
    const response = await service.handle(request(`${target}.${operation}`, signingName, input));
    const body = Buffer.from(response.body ?? "");
    if (response.status >= 400)
      throw new Error(`${target}.${operation} answered ${response.status}: ${body}`);
    return decodeJson(body);
  };
}

/** Signed in form only: the servers behind the services want to see a signature and read nothing from it. */
function request(target: string, signingName: string, input: object): AwsRequest {
  const scope = `sandbox/20260101/${DEFAULT_REGION}/${signingName}/aws4_request`;
  return {
    method: "POST",
    path: "/",
    query: new URLSearchParams(),
    headers: {
      "content-type": `application/x-amz-json-1.${signingName === "dynamodb" ? 0 : 1}`,
      "x-amz-target": target,
      "x-amz-date": "20260101T000000Z",
      authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
    },
    body: Buffer.from(JSON.stringify(input)),
    region: DEFAULT_REGION,
  };
}
