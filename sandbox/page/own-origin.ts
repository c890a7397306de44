import type { AwsRequest } from "../service.ts";

/**
 * Why a request may not act on the sandbox; undefined where it may. The endpoint has let in no other site's
 * (endpoint/cross-site.ts). Acting also needs an `Origin`, which a browser sends with every POST, and a JSON body, which
 * no form can send.
 */
export function mayNotAct({ headers }: Pick<AwsRequest, "headers">): string | undefined {
  if (headers.origin === undefined) {
    return "Origin: found none, expected that of the sandbox's own page: only it may act";
  }
  const type = headers["content-type"] ?? "";
  return /^application\/json\b/.test(type)
    ? undefined
    : `Content-Type: found "${type}", expected application/json`;
}
