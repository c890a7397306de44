import { internalRequest } from "../endpoint/internal-request.ts";
import type { Service } from "../service.ts";
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
    const response = await service.handle(internalRequest(`${target}.${operation}`, signingName, input));
    const body = Buffer.from(response.body ?? "");
    if (response.status >= 400)
      throw new Error(`${target}.${operation} answered ${response.status}: ${body}`);
    return decodeJson(body);
  };
}
