import type { AwsRequest } from "../service.ts";

/**
 * Names this machine has for itself. The sandbox listens on 127.0.0.1 only; a `Host` of another name is a page
 * elsewhere whose name was pointed at this machine (DNS rebinding).
 */
const OWN_HOSTS: ReadonlySet<string> = new Set(["127.0.0.1", "localhost", "[::1]"]);

/**
 * Why a request is not from the sandbox's own page; undefined where it is. Reading needs the right `Host`.
 * Acting needs the `Origin`, which a browser sends with every POST and no page can change, and a JSON body,
 * which no form can send.
 */
export function foreign({ method, headers }: Pick<AwsRequest, "method" | "headers">): string | undefined {
  const host = headers.host ?? "";
  if (!OWN_HOSTS.has(host.replace(/:\d+$/, ""))) {
    return `Host: found "${host}", expected 127.0.0.1 or localhost with the sandbox's port`;
  }
  if (method === "GET" || method === "HEAD") return undefined;
  if (headers.origin !== `http://${host}`) {
    return `Origin: found "${headers.origin ?? ""}", expected "http://${host}": only the sandbox's own page may act`;
  }
  const type = headers["content-type"] ?? "";
  return /^application\/json\b/.test(type)
    ? undefined
    : `Content-Type: found "${type}", expected application/json`;
}
